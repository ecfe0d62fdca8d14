/** HTTP answers of the session endpoint: the one place where status, headers and refusals are written. */
import type { ServerResponse } from 'node:http'
import { type ErrorCode, ERRORS, ProtocolError } from '../protocol/index.ts'

export const NO_STORE = 'no-store'

/** Whole seconds that a refused client is asked to wait. */
const RETRY_AFTER_SECONDS = 1

/** Ends an answer with JSON text. */
export const answerJson = (response: ServerResponse, status: number, text: string): void => {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(text)
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': NO_STORE,
    'content-length': body.length,
  })
  response.end(body)
}

/** Refuses a whole request with its code of the refusal table. */
export const answerRefusal = (response: ServerResponse, cause: unknown): void => {
  const error = cause instanceof ProtocolError ? cause : new ProtocolError('internal', 'the request failed')
  const { status, retry } = ERRORS[error.code as ErrorCode]
  if (retry === 'backoff' && !response.headersSent) response.setHeader('retry-after', RETRY_AFTER_SECONDS)
  answerJson(response, status, JSON.stringify({ error: error.toWire() }))
}
