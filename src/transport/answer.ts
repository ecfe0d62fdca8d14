/** HTTP answers of the session endpoint: the one place where status, headers and refusals are written. */
import type { ServerResponse } from 'node:http'
import { ERRORS, ProtocolError } from '../protocol/index.ts'
import { PlainResponse, SharedAnswer, type Watcher } from '../wire/index.ts'

export { SharedAnswer, type Watcher }

export const NO_STORE = 'no-store'

/** Whole seconds that a refused client is asked to wait. */
export const RETRY_AFTER_SECONDS = 1

/** How long a client may go on sending a request that has been answered, before its connection is cut. */
const LINGER_MS = 1_000

/** Ends an answer with JSON text. */
export const answerJson = (response: ServerResponse, status: number, text: string): void => {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(text)
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': NO_STORE,
    'content-length': body.length,
  })
  if (response.req.complete) response.end(body)
  else endAfterRequest(response, body)
}

/** @param fields names in lower case and values in turn; the same list for every answer that has them. */
export const addFields = (response: ServerResponse, fields: readonly string[]): void => {
  if (response instanceof PlainResponse) return response.addFields(fields)
  for (let at = 0; at < fields.length; at += 2)
    response.setHeader(fields[at] as string, fields[at + 1] as string)
}

/** Tells the one watcher of an answer when it is over. */
export const watch = (response: ServerResponse, watcher: Watcher): void => {
  if (response instanceof PlainResponse) response.watcher = watcher
  else response.once('close', () => watcher.over())
}

/** Ends an answer with what many are given; in one piece that is made once, where the wire can do that. */
export const answerShared = (response: ServerResponse, answer: SharedAnswer): void => {
  const { status, fields, body } = answer
  if (response instanceof PlainResponse) response.endShared(answer)
  else response.writeHead(status, fields).end(body)
}

/** Refuses a whole request with its code of the refusal table, or with a status of its own. */
export const answerRefusal = (response: ServerResponse, cause: unknown, status?: number): void => {
  const error = cause instanceof ProtocolError ? cause : new ProtocolError('internal', 'the request failed')
  const row = ERRORS[error.code]
  if (row.retry === 'backoff' && !response.headersSent) response.setHeader('retry-after', RETRY_AFTER_SECONDS)
  // What is left of a request that was not read to its end would be taken for the next one.
  if (!response.req.complete) response.shouldKeepAlive = false
  answerJson(response, status ?? row.status, JSON.stringify({ error: error.toWire() }))
}

/**
 * The answer goes out at once, but its connection ends only when the request has, within bounds: closing over
 * unread bytes would reset the connection, and the answer with it.
 */
const endAfterRequest = (response: ServerResponse, body: Buffer): void => {
  const { req: request } = response
  response.write(body)
  const end = (): void => {
    clearTimeout(linger)
    response.end()
  }
  const linger = setTimeout(end, LINGER_MS)
  request.once('end', end).once('close', end).once('error', end).resume()
}
