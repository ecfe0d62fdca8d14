// Raw frames, written and read by hand for the conformance suite: any bit can be set wrongly on the way out, and
// nothing wrong is overlooked on the way in. It shares no code with what it tests.

/** Who the suite is in a conversation; the other end is the subject. */
export type Role = 'client' | 'server'

export const CONTINUATION = 0x0
export const TEXT = 0x1
export const BINARY = 0x2
export const CLOSE = 0x8
export const PING = 0x9
export const PONG = 0xa

/** RFC 6455 §5.7 masks its examples with this key. */
const MASKING_KEY = Buffer.of(0x37, 0xfa, 0x21, 0x3d)

/** A frame to send, right or wrong. */
export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  /** True unless it says otherwise. */
  readonly fin?: boolean
  /** The three reserved bits, RSV1 being 4. */
  readonly rsv?: number
  /** The length as the header states it; the payload's own otherwise. Above that, the frame is left unfinished. */
  readonly length?: bigint
  /** How many bits carry the length; the fewest that can otherwise. */
  readonly lengthBits?: 16 | 64
  /** Masked where it must not be, or not masked where it must. */
  readonly wrongMask?: boolean
}

export function encode(frame: Frame, role: Role): Buffer {
  const { opcode, payload, fin = true, rsv = 0, wrongMask = false } = frame
  const masked = (role === 'client') !== wrongMask
  const length = frame.length ?? BigInt(payload.length)
  const bits = frame.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64)
  const header = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10)
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  header[1] = (masked ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127)
  if (bits === 16) header.writeUInt16BE(Number(length), 2)
  if (bits === 64) header.writeBigUInt64BE(length, 2)
  return masked
    ? Buffer.concat([header, MASKING_KEY, mask(payload, MASKING_KEY)])
    : Buffer.concat([header, payload])
}

function mask(payload: Buffer, key: Buffer): Buffer {
  const masked = Buffer.allocUnsafe(payload.length)
  for (let at = 0; at < payload.length; at++) masked[at] = payload[at]! ^ key[at & 3]!
  return masked
}

export interface ReceivedFrame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  /** The masking key, of a client's frame. */
  readonly key: number | undefined
  readonly payload: Buffer
}

/** The subject has broken the protocol itself. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** Reads what the subject sends, and throws a Violation at the first bit that RFC 6455 §5.2 forbids. */
export class FrameReader {
  private readonly role: Role
  private chunks: Buffer[] = []
  private length = 0

  constructor(role: Role) {
    this.role = role
  }

  get isEmpty(): boolean {
    return this.length === 0
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.length += chunk.length
  }

  next(): ReceivedFrame | undefined {
    if (this.length < 2) return undefined
    const head = this.peek(14)
    const second = head[1]!
    const masked = second >= 0x80
    if (masked !== (this.role === 'server'))
      throw new Violation(masked ? 'a masked frame' : 'an unmasked frame')
    const form = second & 0x7f
    const extended = form === 126 ? 2 : form === 127 ? 8 : 0
    const size = 2 + extended + (masked ? 4 : 0)
    if (head.length < size) return undefined
    const length = statedLength(head, form)
    if (this.length < size + length) return undefined
    this.take(size)
    const key = masked ? head.readUInt32BE(size - 4) : undefined
    const payload = this.take(length)
    return {
      fin: head[0]! >= 0x80,
      rsv: (head[0]! >> 4) & 7,
      opcode: head[0]! & 0xf,
      key,
      payload: masked ? mask(payload, head.subarray(size - 4, size)) : payload,
    }
  }

  /** The first bytes, at most `most` of them. */
  private peek(most: number): Buffer {
    if (this.chunks.length > 1 && this.chunks[0]!.length < most) this.chunks = [Buffer.concat(this.chunks)]
    return this.chunks[0]!.subarray(0, most)
  }

  private take(size: number): Buffer {
    if (size > 0 && this.chunks[0]!.length < size) this.chunks = [Buffer.concat(this.chunks)]
    const [first = Buffer.alloc(0)] = this.chunks
    if (size === first.length) this.chunks.shift()
    else this.chunks[0] = first.subarray(size)
    this.length -= size
    return first.subarray(0, size)
  }
}

function statedLength(head: Buffer, form: number): number {
  if (form < 126) return form
  const length = form === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2))
  if (length < (form === 126 ? 126 : 65_536)) throw new Violation(`a length of ${length} in ${form} form`)
  return length
}
