// Puts a message together from fragments and from frames that arrive in pieces (RFC 6455 §5.4). It bounds the number of
// fragments and the size of the whole, and it refuses text at the first byte that cannot be UTF-8 (§8.1), however
// little of the frame is there. Memory grows with what has arrived, never with what a header announces.

import { FrameError } from './errors.ts'
import type { FrameParser } from './frame-parser.ts'
import { Opcode } from './opcode.ts'
import { mostDeflated, RSV1 } from './permessage-deflate.ts'
import { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from './utf8.ts'

export interface MessageLimits {
  /** The largest message, in bytes. */
  readonly maxPayloadBytes: number
  /** The most frames that one message may come in. */
  readonly maxFragments: number
}

/** How far ahead of what has arrived memory may be: large messages are copied once or twice, not ten times. */
const GROWTH = 8

const NOTHING = new Uint8Array(0)

export class MessageAssembler {
  /** The opcode of the message in progress, or 0 between messages. */
  opcode = 0
  /** Whether what arrives is compressed: then it is no text yet. */
  compressed = false
  /** What has arrived of it: `bytes[0, length)`. */
  bytes: Uint8Array = NOTHING
  length = 0

  private readonly limits: MessageLimits
  private readonly allocate: (size: number) => Uint8Array
  private fragments = 0
  private utf8: number = UTF8_BOUNDARY

  constructor(limits: MessageLimits, allocate: (size: number) => Uint8Array) {
    this.limits = limits
    this.allocate = allocate
  }

  /** Admits the data frame whose header was just read, or throws a FrameError. */
  admit(frame: FrameParser): void {
    if (frame.opcode === Opcode.continuation) {
      // §5.4: a continuation follows an unfinished message.
      if (this.opcode === 0)
        throw new FrameError('unexpected-continuation', 'a continuation without a message')
      if (++this.fragments > this.limits.maxFragments) {
        throw new FrameError(
          'too-many-fragments',
          `a message in more than ${this.limits.maxFragments} fragments`,
        )
      }
      this.checkSize(frame)
      return
    }
    // §5.4: the fragments of two messages are not interleaved.
    if (this.opcode !== 0)
      throw new FrameError('expected-continuation', 'a new message inside a fragmented one')
    this.opcode = frame.opcode
    this.compressed = (frame.rsv & RSV1) !== 0
    this.fragments = 1
    this.checkSize(frame)
  }

  /** Copies the frame's current piece; `frameComplete` says whether it is the frame's last. */
  append(frame: FrameParser, frameComplete: boolean): void {
    const { bytes, pieceStart, pieceEnd } = frame
    this.check(frame, frameComplete)
    const length = this.length + pieceEnd - pieceStart
    if (length > this.bytes.length) {
      this.grow(length, frame.fin ? length + frame.remaining : this.most())
    }
    this.bytes.set(bytes.subarray(pieceStart, pieceEnd), this.length)
    this.length = length
  }

  /** Counts and checks the frame's current piece, which is passed on and not kept. */
  pass(frame: FrameParser, frameComplete: boolean): void {
    this.check(frame, frameComplete)
    this.length += frame.pieceEnd - frame.pieceStart
  }

  /** Forgets the message. Its bytes belong to whoever took them. */
  reset(): void {
    this.opcode = 0
    this.compressed = false
    this.bytes = NOTHING
    this.length = 0
    this.utf8 = UTF8_BOUNDARY
  }

  /** What arrives compressed may be a little longer; what counts of it is its size when it is inflated. */
  private most(): number {
    const { maxPayloadBytes } = this.limits
    return this.compressed ? mostDeflated(maxPayloadBytes) : maxPayloadBytes
  }

  private checkSize(frame: FrameParser): void {
    if (frame.payloadLength > this.most() - this.length) {
      throw new FrameError('too-large', `a message of more than ${this.limits.maxPayloadBytes} bytes`)
    }
  }

  private check(frame: FrameParser, frameComplete: boolean): void {
    if (this.opcode !== Opcode.text || this.compressed) return
    if (!frame.pieceAscii || this.utf8 !== UTF8_BOUNDARY) {
      this.utf8 = validateUtf8(frame.bytes, frame.pieceStart, frame.pieceEnd, this.utf8)
    }
    const cutShort = frameComplete && frame.fin && this.utf8 !== UTF8_BOUNDARY
    if (this.utf8 === UTF8_INVALID || cutShort) throw new FrameError('invalid-utf8', 'text is not UTF-8')
  }

  /** Grows by a factor, so that bytes one at a time cost linear time, and never beyond what can still come. */
  private grow(needed: number, most: number): void {
    const grown = this.allocate(Math.min(GROWTH * needed, most))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
