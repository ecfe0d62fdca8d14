/**
 * What can go wrong, as a small tree. A refusal is the server's word; the others are the client's own. Every
 * error has a stable `code`; messages are for people. A caller's mistake is a `TypeError`, as everywhere.
 */
import type { ErrorCode, Retry, WireError } from '../protocol/index.ts'

export class HoldfastError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'HoldfastError'
    this.code = code
  }
}

/** The server said no. `retry` says whether the same may be asked again. */
export class RefusedError extends HoldfastError<ErrorCode> {
  readonly retry: Retry

  constructor(attempt: string, { code, message, retry }: WireError) {
    super(code, `${attempt}: ${message}`)
    this.retry = retry
  }
}

export type PublishErrorCode =
  /** It was sent, and whether it is in the log cannot be found out any more. */
  | 'in_doubt'
  /** Too many publications are waiting to be sent; this one was not added. */
  | 'outbox_full'
  /** A publication with `expect` is never kept for later. */
  | 'offline'

export class PublishError extends HoldfastError<PublishErrorCode> {}

export type CallErrorCode =
  /** It was sent and its answer never came: it may have run once, or not at all. */
  | 'outcome_unknown'
  /** It could not be sent in time: it has not run. */
  | 'not_sent'

export class CallError extends HoldfastError<CallErrorCode> {}

/** The client was closed before this was done. */
export class ClientClosedError extends HoldfastError<'client_closed'> {
  constructor(attempt: string) {
    super('client_closed', `${attempt}: the client was closed`)
  }
}

export type TransportErrorCode =
  /** No connection, or no answer at all. */
  | 'unreachable'
  /** The way to the server does not let a WebSocket through. */
  | 'upgrade_refused'
  /** It opened and did not answer `hello` in time. */
  | 'no_hello'
  /** The answer began and its events did not come: something on the way collects it first. */
  | 'buffered'
  /** The connection ended without a word. */
  | 'cut'
  /** Nothing was heard for too long. */
  | 'silent'
  /** The server ended or refused it and said why. */
  | 'refused'
  /** The token could not be had. */
  | 'token'
  /** Another `use` came before this one was done. */
  | 'superseded'

/** Why a connection could not be made, or ended. */
export class TransportError extends HoldfastError<TransportErrorCode> {
  /** The server's own word, where it gave one. */
  refusal: WireError | undefined
  /** As the server asked, milliseconds. */
  retryAfterMs: number | undefined
}

/** The server's word about a connection. */
export const refused = (refusal: WireError, retryAfterMs?: number): TransportError =>
  Object.assign(new TransportError('refused', refusal.message), { refusal, retryAfterMs })
