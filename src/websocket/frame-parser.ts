// Reads frames (RFC 6455 §5.2) in place from the chunks that a socket delivers: no allocation for a header, no copy of
// a payload. It refuses every malformed header before a byte of payload is kept, and it does not know messages:
// fragments are put together elsewhere. The current frame stands in flat fields, valid until the next call.

import { FrameError } from './errors.ts'
import { MAX_CONTROL_PAYLOAD, MAX_HEADER_LENGTH } from './frame.ts'
import { applyMask, rotateKey } from './masking.ts'
import { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts'

export type Role = 'client' | 'server'

export interface FrameRules {
  /** Who reads: a server's frames must come masked, a client's must not. */
  readonly role: Role
  /** The largest payload of one frame, in bytes. */
  readonly maxPayloadBytes: number
}

const NOTHING = new Uint8Array(0)

export class FrameParser {
  fin = false
  rsv = 0
  opcode = 0
  /** The declared length of the frame's payload. */
  payloadLength = 0
  /** How much of the payload has not arrived. */
  remaining = 0
  /** Whether a header was read whose payload is not complete yet. */
  inFrame = false
  /** The piece of payload that readPayload found, unmasked: `bytes[pieceStart, pieceEnd)`. */
  bytes: Uint8Array = NOTHING
  pieceStart = 0
  pieceEnd = 0
  /** Whether the piece is known to be ASCII (only unmasking tells). */
  pieceAscii = false

  private readonly rules: FrameRules
  private readonly messageRsv: number
  private position = 0
  private masked = false
  private key = 0
  // A header that a chunk's end cut in two.
  private held: Uint8Array | undefined
  private heldLength = 0

  /**
   * `messageRsv` are the reserved bits (0x40, 0x20, 0x10) that negotiated extensions have given a meaning on the first
   * frame of a message.
   */
  constructor(rules: FrameRules, messageRsv = 0) {
    this.rules = rules
    this.messageRsv = messageRsv
  }

  /** Begins a chunk; the one before must have been read to its end. The parser unmasks inside it. */
  feed(chunk: Uint8Array): void {
    this.bytes = chunk
    this.position = 0
  }

  /** Copies what has not been read of the chunk, so that the chunk can be reused. */
  keepRest(allocate: (size: number) => Uint8Array): void {
    const rest = this.bytes.subarray(this.position)
    this.bytes = allocate(rest.length)
    this.bytes.set(rest)
    this.position = 0
  }

  /** Lets go of the chunk, so that an idle connection pins no read buffer. */
  release(): void {
    this.bytes = NOTHING
    this.position = 0
  }

  /** Reads a header; false when the chunk ends before it does. Throws a FrameError on a malformed one. */
  readHeader(): boolean {
    if (this.heldLength !== 0) return this.readHeldHeader()
    const { bytes, position } = this
    const available = bytes.length - position
    if (available >= 2) {
      const length = headerLength(bytes[position + 1]!)
      if (available >= length) {
        this.position = position + length
        this.decodeHeader(bytes, position)
        return true
      }
    }
    return this.readHeldHeader()
  }

  /** Takes what the chunk has of the payload; true when that completes the frame. */
  readPayload(): boolean {
    const start = this.position
    const available = this.bytes.length - start
    const taken = available < this.remaining ? available : this.remaining
    const end = start + taken
    this.pieceStart = start
    this.pieceEnd = end
    this.position = end
    this.remaining -= taken
    this.inFrame = this.remaining !== 0
    if (this.masked) {
      this.pieceAscii = applyMask(this.bytes, start, end, this.key)
      if (this.inFrame) this.key = rotateKey(this.key, taken)
    }
    return !this.inFrame
  }

  private readHeldHeader(): boolean {
    const held = (this.held ??= new Uint8Array(MAX_HEADER_LENGTH))
    while (this.heldLength < 2 || this.heldLength < headerLength(held[1]!)) {
      if (this.position === this.bytes.length) return false
      held[this.heldLength++] = this.bytes[this.position++]!
    }
    this.held = undefined
    this.heldLength = 0
    this.decodeHeader(held, 0)
    return true
  }

  private decodeHeader(bytes: Uint8Array, offset: number): void {
    const first = bytes[offset]!
    const second = bytes[offset + 1]!
    this.fin = first >= 0x80
    this.rsv = first & 0x70
    this.opcode = first & 0x0f
    this.masked = second >= 0x80
    const length = second & 0x7f
    this.checkBits(length)
    this.payloadLength = length < 126 ? length : readLongLength(bytes, offset + 2, length)
    if (this.payloadLength > this.rules.maxPayloadBytes) {
      throw new FrameError(
        'too-large',
        `frame of ${this.payloadLength} bytes, at most ${this.rules.maxPayloadBytes}`,
      )
    }
    if (this.masked) this.key = readWord(bytes, offset + headerLength(second) - 4)
    else this.pieceAscii = false
    this.remaining = this.payloadLength
    this.inFrame = true
  }

  private checkBits(length: number): void {
    const { opcode, rules } = this
    if (this.rsv !== 0) this.checkReservedBits()
    // §5.2: an unknown opcode fails the connection.
    if (isReservedOpcode(opcode)) throw new FrameError('reserved-opcode', `opcode ${opcode} is reserved`)
    if (isControlOpcode(opcode)) {
      // §5.5: control frames are not fragmented and carry at most 125 bytes.
      if (!this.fin) throw new FrameError('fragmented-control', 'a control frame is fragmented')
      if (length > MAX_CONTROL_PAYLOAD)
        throw new FrameError('long-control', 'a control frame exceeds 125 bytes')
    }
    // §5.1: a server closes on an unmasked frame, a client on a masked one.
    if (this.masked !== (rules.role === 'server')) {
      if (this.masked) throw new FrameError('mask-forbidden', 'a server masked its frame')
      throw new FrameError('mask-missing', 'a client did not mask its frame')
    }
  }

  /**
   * §5.2: a reserved bit that no extension defines fails the connection. RFC 7692 §6: its bit stands on the first frame
   * of a message, never on a continuation or a control frame.
   */
  private checkReservedBits(): void {
    const beginsMessage = this.opcode === Opcode.text || this.opcode === Opcode.binary
    const allowed = beginsMessage ? this.messageRsv : 0
    if ((this.rsv & ~allowed) !== 0) throw new FrameError('reserved-bits', 'reserved bits are set')
  }
}

function headerLength(second: number): number {
  const length = second & 0x7f
  return (length < 126 ? 2 : length === 126 ? 4 : 10) + (second >= 0x80 ? 4 : 0)
}

/** §5.2: the minimal number of bytes must encode the length; the top bit of the 64-bit form must be 0. */
function readLongLength(bytes: Uint8Array, offset: number, form: number): number {
  if (form === 126) {
    const short = (bytes[offset]! << 8) | bytes[offset + 1]!
    if (short < 126) throw new FrameError('length-not-minimal', `length ${short} in 16 bits`)
    return short
  }
  const high = readWord(bytes, offset)
  if (high < 0) throw new FrameError('length-top-bit', 'the top bit of a 64-bit length is set')
  const long = high * 0x1_0000_0000 + (readWord(bytes, offset + 4) >>> 0)
  if (long < 65_536) throw new FrameError('length-not-minimal', `length ${long} in 64 bits`)
  return long
}

function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!
}
