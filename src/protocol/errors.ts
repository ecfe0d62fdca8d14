/**
 * Every refusal of the protocol: its code, whether to try again, the WebSocket close code that goes with it
 * when it ends a connection, and the HTTP status. PROTOCOL.md prints this table and its tests read it.
 */

/**
 * What the peer should do: `now` and `backoff` try again, `auth` get a fresh token first, `never` stop.
 */
export type Retry = 'now' | 'backoff' | 'auth' | 'never'

/** One row of the table. */
export interface RefusalRow {
  readonly retry: Retry
  /** 4000–4499: reconnect. 4500–4999: stop. */
  readonly close: number
  readonly status: number
}

export const ERRORS = {
  /** Not JSON, not an object, an unknown command, a field of the wrong type. */
  malformed: { retry: 'never', close: 4500, status: 400 },
  unsupported_version: { retry: 'never', close: 4501, status: 400 },
  /** The first command on a WebSocket was not `hello`. */
  hello_expected: { retry: 'never', close: 4502, status: 400 },
  hello_timeout: { retry: 'backoff', close: 4002, status: 408 },
  unauthenticated: { retry: 'auth', close: 4003, status: 401 },
  /** The token ran out in mid-connection and no fresh one came. */
  auth_expired: { retry: 'auth', close: 4004, status: 401 },
  forbidden: { retry: 'never', close: 4503, status: 403 },
  /** The node is going away. */
  draining: { retry: 'backoff', close: 4001, status: 503 },
  slow_consumer: { retry: 'now', close: 4008, status: 503 },
  too_many_connections: { retry: 'backoff', close: 4010, status: 503 },
  rate_limited: { retry: 'backoff', close: 4011, status: 429 },
  broker_unavailable: { retry: 'backoff', close: 4012, status: 503 },
  internal: { retry: 'backoff', close: 4013, status: 500 },
  too_large: { retry: 'never', close: 4504, status: 413 },
  bad_cursor: { retry: 'never', close: 4505, status: 400 },
  bad_channel_name: { retry: 'never', close: 4506, status: 400 },
  not_found: { retry: 'never', close: 4507, status: 404 },
  deleted: { retry: 'never', close: 4508, status: 410 },
  closed: { retry: 'never', close: 4509, status: 409 },
  content_type: { retry: 'never', close: 4510, status: 415 },
  key_required: { retry: 'never', close: 4511, status: 400 },
  key_not_allowed: { retry: 'never', close: 4512, status: 400 },
  too_many_keys: { retry: 'never', close: 4513, status: 429 },
  too_many_channels: { retry: 'backoff', close: 4014, status: 429 },
  too_many_subscriptions: { retry: 'never', close: 4514, status: 429 },
  expect_failed: { retry: 'never', close: 4515, status: 412 },
  producer_fenced: { retry: 'never', close: 4516, status: 403 },
  producer_hole: { retry: 'never', close: 4517, status: 409 },
  producer_unknown: { retry: 'never', close: 4518, status: 409 },
  sequence_behind: { retry: 'never', close: 4522, status: 409 },
  unknown_method: { retry: 'never', close: 4519, status: 404 },
  /** The method's own handler threw. */
  call_failed: { retry: 'never', close: 4520, status: 500 },
  no_presence: { retry: 'never', close: 4521, status: 404 },
} as const

export type ErrorCode = keyof typeof ERRORS

export const refusalRow = (code: ErrorCode): RefusalRow => ERRORS[code]

/** What travels: `{code, message, retry}`. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly retry: Retry
}

/** A refusal on its way to the peer that caused it. */
export class ProtocolError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.code = code
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, retry: ERRORS[this.code].retry }
  }
}
