// Everything that can go wrong in this room. A FrameError or HandshakeError is the peer's fault (as a server sees it),
// an AnswerError the server's (as a client sees it), a CallerError the program's own. Codes are stable and literal; a
// code decides the close code or HTTP status, so that one case can never be answered in two ways.

const closeCodeOfFrameError = {
  'reserved-bits': 1002,
  'reserved-opcode': 1002,
  'fragmented-control': 1002,
  'long-control': 1002,
  'mask-missing': 1002,
  'mask-forbidden': 1002,
  'length-not-minimal': 1002,
  'length-top-bit': 1002,
  'unexpected-continuation': 1002,
  'expected-continuation': 1002,
  'close-payload': 1002,
  'close-code': 1002,
  'invalid-utf8': 1007,
  'invalid-deflate': 1007,
  'too-many-fragments': 1008,
  'too-many-pings': 1008,
  'too-large': 1009,
} as const

/** A violation in the peer's frames; its table is the whole list. */
export type FrameErrorCode = keyof typeof closeCodeOfFrameError

export class FrameError extends Error {
  override readonly name = 'FrameError'
  readonly code: FrameErrorCode
  /** What the Close frame that answers it says: 1002, 1007, 1008 or 1009. */
  readonly closeCode: number

  constructor(code: FrameErrorCode, message: string) {
    super(message)
    this.code = code
    this.closeCode = closeCodeOfFrameError[code]
  }
}

const statusOfHandshakeError = {
  'bad-method': 405,
  'bad-http-version': 400,
  'bad-host': 400,
  'bad-scheme': 400,
  'bad-path': 400,
  'upgrade-missing': 426,
  'connection-missing': 426,
  'bad-version': 426,
  'bad-key': 400,
  'bad-protocols': 400,
  'bad-extensions': 400,
  'duplicate-header': 400,
  'non-ascii-header': 400,
  'unexpected-body': 400,
  'too-many-headers': 431,
  'unknown-protocol': 501,
} as const

/** A fault in a client's opening handshake. */
export type HandshakeErrorCode = keyof typeof statusOfHandshakeError

const headersOfStatus: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  400: {},
  405: { Allow: 'GET' },
  // RFC 6455 §4.4 asks for the version, RFC 9110 §15.5.22 for the protocol to upgrade to.
  426: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
  431: {},
  501: {},
}

export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly code: HandshakeErrorCode
  /** The HTTP status to refuse with. */
  readonly status: number
  /** Headers that the refusal must carry. */
  readonly headers: Readonly<Record<string, string>>

  constructor(code: HandshakeErrorCode, message: string) {
    super(message)
    this.code = code
    this.status = statusOfHandshakeError[code]
    this.headers = headersOfStatus[this.status]!
  }
}

/** A fault in a server's answer to our opening handshake. */
export type AnswerErrorCode =
  | 'bad-status'
  | 'bad-upgrade'
  | 'bad-connection'
  | 'bad-accept'
  | 'bad-protocol'
  | 'bad-extension'
  | 'duplicate-header'
  | 'non-ascii-header'

export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly code: AnswerErrorCode

  constructor(code: AnswerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A call that no peer could have caused. */
export type CallerErrorCode =
  | 'invalid-close-code'
  | 'reason-too-long'
  | 'control-payload-too-long'
  | 'invalid-header'
  | 'invalid-protocol'
  | 'invalid-url'
  | 'message-under-way'
  | 'message-ended'
  | 'wrong-type'

export class CallerError extends TypeError {
  override readonly name = 'CallerError'
  readonly code: CallerErrorCode

  constructor(code: CallerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
