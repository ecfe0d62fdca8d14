/** What a page of another origin that may connect is told: that it may, and what of an answer it may read. */
import type { ServerResponse } from 'node:http'

/** Browsers keep a preflight at most this long. */
const MAX_AGE_SECONDS = 7_200

/** Lists as their header fields spell them. */
export interface CorsTerms {
  readonly methods: string
  /** Fields that a page may send, beyond those that need no leave. */
  readonly requestFields: string
  /** Fields of an answer that a page may read. */
  readonly answerFields: string
}

export const SESSION_CORS: CorsTerms = {
  methods: 'POST',
  requestFields: 'content-type',
  answerFields: 'retry-after',
}

export const allowOrigin = (response: ServerResponse, origin: string, terms: CorsTerms): void => {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', terms.answerFields)
  response.setHeader('vary', 'origin')
}

/** @param terms undefined where the page may not connect. */
export const answerPreflight = (response: ServerResponse, terms: CorsTerms | undefined): void => {
  if (terms !== undefined) {
    response.setHeader('access-control-allow-methods', terms.methods)
    response.setHeader('access-control-allow-headers', terms.requestFields)
    response.setHeader('access-control-max-age', MAX_AGE_SECONDS)
  }
  response.writeHead(204)
  response.end()
}
