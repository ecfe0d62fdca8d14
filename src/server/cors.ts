/** What a page of another origin that may connect is told: that it may, and what of an answer it may read. */
import type { ServerResponse } from 'node:http'

/** Browsers keep a preflight at most this long. */
const MAX_AGE_SECONDS = 7_200

export const allowOrigin = (response: ServerResponse, origin: string): void => {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', 'retry-after')
  response.setHeader('vary', 'origin')
}

export const answerPreflight = (response: ServerResponse, allowed: boolean): void => {
  if (allowed) {
    response.setHeader('access-control-allow-methods', 'POST')
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('access-control-max-age', MAX_AGE_SECONDS)
  }
  response.writeHead(204)
  response.end()
}
