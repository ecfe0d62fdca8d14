// One WebSocket connection after its handshake (RFC 6455 §5 to §7), for either role, without I/O: bytes in, events out,
// and bytes to send. It answers pings and Close frames by itself and validates everything the peer says. It owns no
// socket, clock or randomness: states that must not last are reported, and whoever owns the clock ends them by `drop`.
// Messages to send are framed by the owner, who asks `state` first.

import { CloseCode, isWireCloseCode } from './close-code.ts'
import { CallerError, FrameError } from './errors.ts'
import { encodeFrame, MAX_CONTROL_PAYLOAD } from './frame.ts'
import { FrameParser, type Role } from './frame-parser.ts'
import { MessageAssembler } from './message-assembler.ts'
import { isControlOpcode, Opcode } from './opcode.ts'
import { mostDeflated, RSV1 } from './permessage-deflate.ts'
import { UTF8_BOUNDARY, validateUtf8 } from './utf8.ts'

export interface ConnectionSettings {
  readonly role: Role
  /** The largest message, in bytes. */
  readonly maxPayloadBytes: number
  /** The most frames that one message may come in. */
  readonly maxFragments: number
  /** The most pongs that may wait to be written before the peer counts as not reading. */
  readonly maxPendingPongs: number
  /** The string of `bytes[start, end)`, or undefined when that is not UTF-8; `ascii` means it is known to be ASCII. */
  readonly decodeText: (bytes: Uint8Array, start: number, end: number, ascii: boolean) => string | undefined
  readonly encodeText: (text: string) => Uint8Array
  /** Memory for partial messages; its content does not matter. */
  readonly allocate: (size: number) => Uint8Array
  /** An unpredictable 32-bit masking key (§10.3); a client must have it, a server must not. */
  readonly maskKey?: () => number
}

/**
 * - open: messages flow.
 * - closing: our Close frame is out, the peer's is awaited; it must not last.
 * - closed: nothing more is read. `transport` says what is due to the connection below once the output is written:
 *   `end` our side, then wait for the peer's end; `await` the peer's end first, as a client should (§7.1.1); both must
 *   not last; or `destroy` it at once.
 */
export type ConnectionState =
  | { readonly name: 'open' }
  | { readonly name: 'closing' }
  | {
      readonly name: 'closed'
      readonly code: number
      readonly reason: string
      readonly transport: 'end' | 'await' | 'destroy'
    }

export interface CloseEvent {
  readonly type: 'close'
  /** The peer's code, 1005 if it gave none, 1006 if no Close frame came, or the code that we failed it with. */
  readonly code: number
  readonly reason: string
  /** Set when the peer broke the protocol. */
  readonly error?: FrameError
}

/** A piece of a message, in the order of its bytes; only if `parts` was asked for. */
export interface PartEvent {
  readonly type: 'part'
  /** Whether the message is text: then its pieces together are valid UTF-8 as far as they go. */
  readonly text: boolean
  readonly data: Uint8Array
  /** Whether the message ends with it. */
  readonly last: boolean
}

export interface Inflater {
  /**
   * The payload of a message that came compressed, of which no more than the largest message may come (RFC 7692
   * §7.2.2). Throws a FrameError: `invalid-deflate`, or `too-large` as soon as it is.
   */
  inflate(compressed: Uint8Array): Uint8Array
}

/** `data` and `payload` may be views of the chunk last received: valid until it is reused. */
export type ConnectionEvent =
  | { readonly type: 'text'; readonly data: string }
  | { readonly type: 'binary'; readonly data: Uint8Array }
  | PartEvent
  | { readonly type: 'ping'; readonly payload: Uint8Array }
  | { readonly type: 'pong'; readonly payload: Uint8Array }
  | CloseEvent

const OPEN: ConnectionState = { name: 'open' }
const CLOSING: ConnectionState = { name: 'closing' }
const NOTHING = new Uint8Array(0)

export class Connection {
  state: ConnectionState = OPEN
  /** Frames to send, in order. */
  output: Uint8Array[] = []
  /** Pongs given out since `pongsWritten`. */
  pendingPongs = 0
  /** Gives messages out in parts, as they arrive, and never whole; to be chosen between two messages. */
  parts = false

  private readonly settings: ConnectionSettings
  private readonly parser: FrameParser
  private readonly assembler: MessageAssembler
  private readonly inflater: Inflater | undefined
  private control: Uint8Array = NOTHING

  /** `inflater` if permessage-deflate was negotiated. */
  constructor(settings: ConnectionSettings, inflater?: Inflater) {
    this.settings = settings
    this.inflater = inflater
    this.parser =
      inflater === undefined
        ? new FrameParser(settings)
        : new FrameParser(
            { role: settings.role, maxPayloadBytes: mostDeflated(settings.maxPayloadBytes) },
            RSV1,
          )
    this.assembler = new MessageAssembler(settings, settings.allocate)
  }

  /** Begins a chunk from the peer, which is unmasked in place. Pull `next` until it gives nothing before the next. */
  receive(chunk: Uint8Array): void {
    this.parser.feed(chunk)
  }

  /** What `next` has not read yet stays valid when the chunk is reused. */
  keepRest(): void {
    this.parser.keepRest(this.settings.allocate)
  }

  /** The next event in the chunk, or undefined when it is used up. */
  next(): ConnectionEvent | undefined {
    let event: ConnectionEvent | undefined
    try {
      // §5.5.1: whatever follows a Close frame is not looked at.
      if (this.state.name !== 'closed') event = this.advance()
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      event = this.fail(error)
    }
    if (event === undefined) this.parser.release()
    return event
  }

  /** Sends a Ping, unless closed. */
  ping(payload: Uint8Array = NOTHING): void {
    checkControlPayload(payload)
    if (this.state.name !== 'closed') this.emit(Opcode.ping, payload)
  }

  /** Sends an unsolicited Pong (§5.5.3), unless closed. */
  pong(payload: Uint8Array = NOTHING): void {
    checkControlPayload(payload)
    if (this.state.name !== 'closed') this.emit(Opcode.pong, payload)
  }

  /** Begins the closing handshake (§7.1.2); does nothing when it has begun. Without a code the frame is empty. */
  close(code?: number, reason = ''): void {
    const payload = this.closePayload(code, reason)
    if (this.state.name !== 'open') return
    this.emit(Opcode.close, payload)
    this.state = CLOSING
  }

  /**
   * The connection below ended, failed, or took too long. Returns the close event if it was not given before; the owner
   * chooses the code for its own verdicts, 1006 stands for all others (§7.1.5).
   */
  drop(code: number = CloseCode.abnormal, reason = ''): CloseEvent | undefined {
    if (this.state.name === 'closed') return undefined
    return this.finish({ name: 'closed', code, reason, transport: 'destroy' })
  }

  /** Everything in `output` so far has left for the peer. */
  pongsWritten(): void {
    this.pendingPongs = 0
  }

  private advance(): ConnectionEvent | undefined {
    const { parser } = this
    for (;;) {
      if (!parser.inFrame) {
        if (!parser.readHeader()) return undefined
        if (!isControlOpcode(parser.opcode)) this.assembler.admit(parser)
      }
      const complete = parser.readPayload()
      const event = isControlOpcode(parser.opcode) ? this.takeControl(complete) : this.takeData(complete)
      if (event !== undefined) return event
      if (!complete) return undefined
    }
  }

  private takeData(complete: boolean): ConnectionEvent | undefined {
    const { parser, assembler } = this
    const { bytes, pieceStart, pieceEnd } = parser
    if (this.parts && !assembler.compressed) return this.takePart(complete)
    // The common case: a whole message inside one chunk is never copied.
    const size = pieceEnd - pieceStart
    if (complete && parser.fin && parser.opcode !== Opcode.continuation && size === parser.payloadLength) {
      assembler.reset()
      if (parser.rsv !== 0) return this.inflated(parser.opcode, bytes.subarray(pieceStart, pieceEnd))
      if (parser.opcode === Opcode.binary)
        return { type: 'binary', data: bytes.subarray(pieceStart, pieceEnd) }
      return { type: 'text', data: this.text(bytes, pieceStart, pieceEnd) }
    }
    assembler.append(parser, complete)
    if (!complete || !parser.fin) return undefined
    const { opcode, compressed, bytes: message, length } = assembler
    assembler.reset()
    if (compressed) return this.inflated(opcode, message.subarray(0, length))
    if (opcode === Opcode.binary) return { type: 'binary', data: message.subarray(0, length) }
    return { type: 'text', data: this.text(message, 0, length) }
  }

  private takePart(complete: boolean): PartEvent | undefined {
    const { parser, assembler } = this
    assembler.pass(parser, complete)
    const text = assembler.opcode === Opcode.text
    const last = complete && parser.fin
    if (last) assembler.reset()
    else if (parser.pieceEnd === parser.pieceStart) return undefined
    return { type: 'part', text, data: parser.bytes.subarray(parser.pieceStart, parser.pieceEnd), last }
  }

  /** A compressed message, which is inflated only when it is complete. */
  private inflated(opcode: number, compressed: Uint8Array): ConnectionEvent {
    const data = this.inflater!.inflate(compressed)
    const text = opcode === Opcode.text
    if (this.parts) {
      if (text && validateUtf8(data, 0, data.length, UTF8_BOUNDARY) !== UTF8_BOUNDARY)
        throw new FrameError('invalid-utf8', 'text is not UTF-8')
      return { type: 'part', text, data, last: true }
    }
    return text ? { type: 'text', data: this.text(data, 0, data.length) } : { type: 'binary', data }
  }

  private takeControl(complete: boolean): ConnectionEvent | undefined {
    const { parser, control } = this
    let payload = parser.bytes.subarray(parser.pieceStart, parser.pieceEnd)
    if (!complete || control.length > 0) {
      payload = join(control, payload)
      this.control = complete ? NOTHING : payload
      if (!complete) return undefined
    }
    if (parser.opcode === Opcode.close) return this.takeClose(payload)
    if (parser.opcode === Opcode.pong) return { type: 'pong', payload }
    this.answerPing(payload)
    return { type: 'ping', payload }
  }

  /** §5.5.2: a Ping is answered with its own payload. */
  private answerPing(payload: Uint8Array): void {
    if (++this.pendingPongs > this.settings.maxPendingPongs) {
      throw new FrameError(
        'too-many-pings',
        `more than ${this.settings.maxPendingPongs} pongs wait to be read`,
      )
    }
    this.emit(Opcode.pong, payload)
  }

  private takeClose(payload: Uint8Array): CloseEvent {
    let code: number = CloseCode.noStatus
    let reason = ''
    if (payload.length > 0) {
      // §5.5.1: a body begins with a two-byte code.
      if (payload.length === 1) throw new FrameError('close-payload', 'a Close frame with half a code')
      code = (payload[0]! << 8) | payload[1]!
      if (!isWireCloseCode(code)) throw new FrameError('close-code', `close code ${code} is not for the wire`)
      reason = this.text(payload, 2, payload.length)
    }
    // §5.5.1: a Close frame is answered with one that echoes it, unless one was sent.
    if (this.state.name === 'open') this.emit(Opcode.close, payload)
    // §7.1.1: the server ends the connection below first.
    const transport = this.settings.role === 'server' ? 'end' : 'await'
    return this.finish({ name: 'closed', code, reason, transport })
  }

  /** §7.1.7: fails the connection: says why in a Close frame, if none was sent, and reads no further. */
  private fail(error: FrameError): CloseEvent {
    const { closeCode: code, message: reason } = error
    if (this.state.name === 'open') this.emit(Opcode.close, this.closePayload(code, ''))
    // A peer that does not read its pongs would not read a Close frame either.
    const transport = error.code === 'too-many-pings' ? 'destroy' : 'end'
    return { ...this.finish({ name: 'closed', code, reason, transport }), error }
  }

  private finish(state: ConnectionState & { name: 'closed' }): CloseEvent {
    this.state = state
    this.assembler.reset()
    this.control = NOTHING
    this.parser.release()
    return { type: 'close', code: state.code, reason: state.reason }
  }

  private text(bytes: Uint8Array, start: number, end: number): string {
    const text = this.settings.decodeText(
      bytes,
      start,
      end,
      this.parser.pieceAscii && bytes === this.parser.bytes,
    )
    if (text === undefined) throw new FrameError('invalid-utf8', 'text is not UTF-8')
    return text
  }

  private emit(opcode: Opcode, payload: Uint8Array): void {
    this.output.push(encodeFrame(opcode, payload, { key: this.settings.maskKey?.() }))
  }

  private closePayload(code: number | undefined, reason: string): Uint8Array {
    if (code === undefined) return NOTHING
    if (!isWireCloseCode(code)) throw new CallerError('invalid-close-code', `cannot close with code ${code}`)
    const text = this.settings.encodeText(reason)
    if (text.length > MAX_CONTROL_PAYLOAD - 2) {
      throw new CallerError(
        'reason-too-long',
        `cannot close with a reason of ${text.length} bytes, at most 123`,
      )
    }
    const payload = new Uint8Array(2 + text.length)
    payload[0] = code >>> 8
    payload[1] = code
    payload.set(text, 2)
    return payload
  }
}

function checkControlPayload(payload: Uint8Array): void {
  if (payload.length > MAX_CONTROL_PAYLOAD) {
    throw new CallerError(
      'control-payload-too-long',
      `cannot send a control frame of ${payload.length} bytes`,
    )
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}
