// Takes one direction of a connection apart for the eye (RFC 6455 §5): a record for each frame as soon as its header is
// there, and another when its payload is. It judges by the parser's and the assembler's own rules and under their
// codes, but it goes on behind a violation as long as it can tell where the next frame begins. It never throws on bytes,
// changes none, and keeps a bounded part of each payload.

import {
  opcodeName,
  violation,
  type AnnotatedFrame,
  type CloseBody,
  type CutHeader,
  type InflatedMessage,
  type MessagePart,
  type Violation,
  type ViolationCode,
} from './annotation.ts'
import { MessageInflation } from './annotate-inflation.ts'
import { readCloseBody } from './annotate-close.ts'
import { declaredHeaderLength, declaredPayloadLength, judgeHeader } from './annotate-header.ts'
import type { Inflater } from './connection.ts'
import { FrameError, type FrameErrorCode } from './errors.ts'
import { FIN, MAX_CONTROL_PAYLOAD, MAX_HEADER_LENGTH } from './frame.ts'
import type { FrameParser, FrameRules, Role } from './frame-parser.ts'
import { applyMask, rotateKey } from './masking.ts'
import { MessageAssembler } from './message-assembler.ts'
import { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts'
import { mostDeflated, RSV1 } from './permessage-deflate.ts'
import { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from './utf8.ts'

export interface AnnotatorOptions {
  /** Who reads this direction: `server` for what a client sends. */
  readonly role: Role
  /** Bytes to a string, with U+FFFD for what is not UTF-8: `TextDecoder` does. */
  readonly decodeText: (bytes: Uint8Array) => string
  /** Whether permessage-deflate was negotiated: RSV1 then means a compressed message. */
  readonly deflate?: boolean
  /** Of this direction; shows what compressed messages say. Implies `deflate`. */
  readonly inflater?: Inflater
  /** How much of each payload is kept, in bytes; 4,096. A control frame's is kept whole. */
  readonly keptPayloadBytes?: number
  /** A reader's limits, to see what it would refuse; none by default. */
  readonly maxPayloadBytes?: number
  readonly maxFragments?: number
}

const KEPT_PAYLOAD_BYTES = 4096
/** Payloads are unmasked in copies of at most this size. */
const PIECE_BYTES = 4096
const nothing = (): Uint8Array => new Uint8Array(0)

/** The message in progress. */
interface Message extends MessagePart {
  readonly compressed: boolean
}

export class FrameAnnotator {
  private readonly options: AnnotatorOptions
  private readonly rules: FrameRules
  private readonly messageRsv: number
  /** Counts the message in progress; it is told lengths and given no bytes. */
  private readonly assembler: MessageAssembler
  private readonly inflation: MessageInflation | undefined
  private readonly piece = new Uint8Array(PIECE_BYTES)
  private readonly header = new Uint8Array(MAX_HEADER_LENGTH)
  private headerLength = 0
  private offset = 0
  private frames = 0
  private messages = 0
  private message: Message | undefined
  private closed = false
  /** The state of the message's text: invalid once that was said. */
  private utf8: number = UTF8_BOUNDARY
  // The frame in progress.
  private frame: AnnotatedFrame | undefined
  private violations: Violation[] = []
  private kept: Uint8Array = nothing()
  private receivedBytes = 0
  private key = 0
  private invalidTextAt: number | undefined

  constructor(options: AnnotatorOptions) {
    const {
      role,
      inflater,
      deflate = inflater !== undefined,
      maxPayloadBytes = Number.MAX_SAFE_INTEGER,
      maxFragments = Infinity,
    } = options
    this.options = options
    this.rules = { role, maxPayloadBytes: deflate ? mostDeflated(maxPayloadBytes) : maxPayloadBytes }
    this.messageRsv = deflate ? RSV1 : 0
    if (inflater !== undefined) {
      const { decodeText, keptPayloadBytes: keptBytes = KEPT_PAYLOAD_BYTES } = options
      this.inflation = new MessageInflation({ inflater, decodeText, keptBytes })
    }
    this.assembler = new MessageAssembler({ maxPayloadBytes, maxFragments }, nothing)
  }

  /** What the next bytes of the stream show, in order: for each frame a `header` record, then a `complete` one. */
  annotate(chunk: Uint8Array): AnnotatedFrame[] {
    const records: AnnotatedFrame[] = []
    let at = 0
    while (at < chunk.length) {
      at =
        this.frame === undefined ? this.takeHeader(chunk, at, records) : this.takePayload(chunk, at, records)
    }
    this.offset += chunk.length
    return records
  }

  /** The stream has ended: what it ended in the middle of, if anything. */
  end(): AnnotatedFrame | CutHeader | undefined {
    const { frame, headerLength } = this
    if (frame !== undefined) return this.snapshot(frame, 'cut')
    if (headerLength === 0) return undefined
    const header = this.header.slice(0, headerLength)
    return { stage: 'cut-header', index: this.frames, offset: this.offset - headerLength, header }
  }

  private takeHeader(chunk: Uint8Array, start: number, records: AnnotatedFrame[]): number {
    const { header } = this
    let at = start
    while (at < chunk.length) {
      header[this.headerLength++] = chunk[at++]!
      if (this.headerLength < 2 || this.headerLength < declaredHeaderLength(header[1]!)) continue
      const frame = this.beginFrame(header.slice(0, this.headerLength), this.offset + at - this.headerLength)
      this.headerLength = 0
      this.frame = frame
      records.push(frame)
      if (frame.payloadLength === 0) records.push(this.completeFrame(frame))
      break
    }
    return at
  }

  private takePayload(chunk: Uint8Array, start: number, records: AnnotatedFrame[]): number {
    const frame = this.frame!
    const missing = frame.payloadLength - this.receivedBytes
    const end = Math.min(start + Math.min(missing, PIECE_BYTES), chunk.length)
    const piece = this.piece.subarray(0, end - start)
    piece.set(chunk.subarray(start, end))
    if (frame.masked) {
      applyMask(piece, 0, piece.length, this.key)
      this.key = rotateKey(this.key, piece.length)
    }
    if (this.receivedBytes < this.kept.length) {
      this.kept.set(piece.subarray(0, this.kept.length - this.receivedBytes), this.receivedBytes)
    }
    if (frame.compressed) this.inflation?.append(piece)
    else if (this.isText(frame)) this.checkText(piece)
    this.receivedBytes += piece.length
    if (this.receivedBytes === frame.payloadLength) records.push(this.completeFrame(frame))
    return end
  }

  private beginFrame(header: Uint8Array, offset: number): AnnotatedFrame {
    const opcode = header[0]! & 0x0f
    const form = header[1]! & 0x7f
    const masked = header[1]! >= 0x80
    const payloadLength = declaredPayloadLength(header)
    const { errors, parser } = judgeHeader(header, this.rules, this.messageRsv)
    this.violations = errors.map(({ code, message }) => violation(code, message))
    if (parser !== undefined && !isControlOpcode(opcode)) this.admit(opcode, header[0]! & RSV1, parser)
    const most = isControlOpcode(opcode) ? MAX_CONTROL_PAYLOAD : 0
    const kept = Math.max(most, this.options.keptPayloadBytes ?? KEPT_PAYLOAD_BYTES)
    this.kept = new Uint8Array(Math.min(payloadLength, kept))
    this.receivedBytes = 0
    this.invalidTextAt = undefined
    const { message } = this
    const isPart = message !== undefined && !isControlOpcode(opcode) && !isReservedOpcode(opcode)
    return {
      stage: 'header',
      index: this.frames++,
      offset,
      header,
      fin: (header[0]! & FIN) !== 0,
      rsv1: (header[0]! & RSV1) !== 0,
      rsv2: (header[0]! & 0x20) !== 0,
      rsv3: (header[0]! & 0x10) !== 0,
      opcode,
      opcodeName: opcodeName(opcode),
      masked,
      ...(masked && { maskingKey: this.takeKey(header) }),
      lengthBits: form < 126 ? 7 : form === 126 ? 16 : 64,
      payloadLength,
      receivedBytes: 0,
      payload: nothing(),
      ...(isPart && {
        message: { index: message.index, kind: message.kind, fragment: message.fragment },
      }),
      compressed: isPart && message.compressed,
      violations: [...this.violations],
      lost: parser === undefined,
    }
  }

  private takeKey(header: Uint8Array): Uint8Array {
    const key = header.subarray(-4)
    this.key = (key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!
    return key
  }

  /** Finds the data frame's place in a message. */
  private admit(opcode: number, rsv1: number, parser: FrameParser): void {
    // §5.5.1: after a Close frame no data frame is sent.
    if (this.closed) this.violate('data-after-close', 'a data frame behind the Close frame')
    if (isReservedOpcode(opcode)) return
    const { assembler } = this
    if (this.judge(parser) === 'expected-continuation') {
      // The message before never ends; this one begins.
      this.inflation?.reset()
      assembler.reset()
      this.judge(parser)
    }
    assembler.length += parser.payloadLength
    this.message = this.partOf(opcode, rsv1)
  }

  /** Asks the assembler, and notes what it refuses the frame for. */
  private judge(parser: FrameParser): FrameErrorCode | undefined {
    try {
      this.assembler.admit(parser)
      return undefined
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.violate(error.code, error.message)
      return error.code
    }
  }

  private partOf(opcode: number, rsv1: number): Message | undefined {
    const { message } = this
    if (opcode === Opcode.continuation) return message && { ...message, fragment: message.fragment + 1 }
    this.utf8 = UTF8_BOUNDARY
    return {
      index: this.messages++,
      kind: opcode === Opcode.text ? 'text' : 'binary',
      fragment: 0,
      compressed: (rsv1 & this.messageRsv) !== 0,
    }
  }

  private completeFrame(frame: AnnotatedFrame): AnnotatedFrame {
    if (this.isText(frame) && frame.fin && this.utf8 > UTF8_BOUNDARY) {
      this.invalidText(frame.payloadLength, 'the text ends inside a character')
    }
    const close = frame.opcode === Opcode.close ? this.readClose() : undefined
    const inflated = frame.fin && frame.compressed ? this.inflate(frame) : undefined
    const complete = this.snapshot(frame, 'complete')
    if (frame.message !== undefined && frame.fin) {
      this.assembler.reset()
      this.message = undefined
    }
    this.frame = undefined
    this.kept = nothing()
    return { ...complete, ...(inflated !== undefined && { inflated }), ...(close !== undefined && { close }) }
  }

  private snapshot(frame: AnnotatedFrame, stage: AnnotatedFrame['stage']): AnnotatedFrame {
    const { receivedBytes, invalidTextAt } = this
    const payload = this.kept.subarray(0, receivedBytes)
    return {
      ...frame,
      stage,
      receivedBytes,
      payload,
      ...(this.isText(frame) && { text: this.options.decodeText(payload) }),
      ...(invalidTextAt !== undefined && { invalidTextAt }),
      violations: [...this.violations],
    }
  }

  private inflate(frame: AnnotatedFrame): InflatedMessage | undefined {
    const result = this.inflation?.finish(frame.message!.kind === 'text')
    if (result?.violation !== undefined) this.violate(result.violation.code, result.violation.message)
    return result?.inflated
  }

  private readClose(): CloseBody {
    const { close, violations } = readCloseBody(this.kept, this.options.decodeText)
    this.closed = true
    for (const { code, message } of violations) this.violate(code, message)
    return close
  }

  private isText(frame: AnnotatedFrame): boolean {
    return frame.message?.kind === 'text' && !frame.compressed
  }

  /** Validates the piece behind `receivedBytes`; finds the very byte only when there is one to find. */
  private checkText(piece: Uint8Array): void {
    const before = this.utf8
    if (before === UTF8_INVALID) return
    this.utf8 = validateUtf8(piece, 0, piece.length, before)
    if (this.utf8 !== UTF8_INVALID) return
    let at = 0
    for (let state = before; state !== UTF8_INVALID; at++) state = validateUtf8(piece, at, at + 1, state)
    this.invalidText(this.receivedBytes + at - 1, 'text is not UTF-8')
  }

  private invalidText(at: number, message: string): void {
    this.utf8 = UTF8_INVALID
    this.invalidTextAt = at
    this.violate('invalid-utf8', `${message} (byte ${at} of the payload)`)
  }

  private violate(code: ViolationCode, message: string): void {
    if (!this.violations.some((seen) => seen.code === code)) this.violations.push(violation(code, message))
  }
}
