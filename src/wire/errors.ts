// Why a dial failed. The reasons are the peer's or the network's; a wrong URL or subprotocol is the caller's fault and
// throws before anything is sent.

export type DialErrorCode =
  | 'refused'
  | 'timeout'
  | 'network'
  | 'bad-handshake'
  | 'aborted'
  | 'no-http2'
  | 'no-extended-connect'
  | 'proxy-refused'

export class DialError extends Error {
  override readonly name = 'DialError'
  /**
   * - refused: the server answered with another status than 101, or over HTTP/2 than a 2xx; see `status`.
   * - timeout: no answer in time.
   * - network: no connection, or it broke; see `cause`.
   * - bad-handshake: a 101 or 2xx that is not a valid answer; `cause` is an AnswerError.
   * - aborted: by the caller's signal; `cause` is its reason.
   * - no-http2: over TLS, the server did not choose HTTP/2.
   * - no-extended-connect: the server speaks HTTP/2 but accepts no WebSockets over it.
   * - proxy-refused: the proxy did not open a tunnel; `status` and `headers` are its own.
   */
  readonly code: DialErrorCode
  readonly status: number | undefined
  /** The answer's headers if it was refused, with lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>

  constructor(code: DialErrorCode, message: string, details: DialErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status
    this.headers = details.headers ?? {}
  }
}

export interface DialErrorDetails {
  readonly cause?: unknown
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
}
