/** The messages that are sent, as frames of a client, and the look at a server's frame that tells how long each is. */
import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Message } from './workloads.ts'

const FIN_TEXT = 0x81
const FIN_BINARY = 0x82
const RSV1 = 0x40
/** What a sync flush ends with, and what RFC 7692 §7.2.1 leaves out. */
const FLUSH_TAIL = Buffer.of(0, 0, 0xff, 0xff)

/** A payload of exactly so many bytes; text is JSON such as an application sends, repeated until it is long enough. */
export function payloadOf({ type, bytes }: Message): Buffer {
  if (type === 'binary') return randomBytes(bytes)
  let text = '['
  for (let id = 1; text.length < bytes; id++) {
    text += `{"id":${id},"type":"trade","symbol":"ACME${id % 7}","price":${(id * 7919) % 99_991},"size":${id % 100}},`
  }
  return Buffer.from(`${text.slice(0, bytes - 1)}]`)
}

/** One client's frame. The mask is not zero, which some servers need not undo. */
export function clientFrame(payload: Buffer, type: Message['type'], deflate: boolean): Buffer {
  const body = deflate ? deflateRawSync(payload, { finishFlush: 2 }).subarray(0, -4) : payload
  const header = Buffer.alloc(14)
  header[0] = (type === 'text' ? FIN_TEXT : FIN_BINARY) | (deflate ? RSV1 : 0)
  let at = 2
  if (body.length < 126) {
    header[1] = 0x80 | body.length
  } else if (body.length < 65_536) {
    header[1] = 0x80 | 126
    at = header.writeUInt16BE(body.length, 2)
  } else {
    header[1] = 0x80 | 127
    at = header.writeBigUInt64BE(BigInt(body.length), 2)
  }
  const mask = randomBytes(4)
  mask[0] = mask[0]! | 1
  mask.copy(header, at)
  const masked = Buffer.from(body.map((byte, index) => byte ^ mask[index & 3]!))
  return Buffer.concat([header.subarray(0, at + 4), masked])
}

/** How many bytes a server's frame takes, header included; undefined as long as the header is not there. */
export function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  if (short < 126) return 2 + short
  if (short === 126) return bytes.length < 4 ? undefined : 4 + bytes.readUInt16BE(2)
  return bytes.length < 10 ? undefined : 10 + Number(bytes.readBigUInt64BE(2))
}

/** Throws unless this frame of a server carries exactly that message, compressed or not. */
export function checkFrame(frame: Buffer, payload: Buffer, deflate: boolean): void {
  const short = frame[1]! & 0x7f
  const body = frame.subarray(short < 126 ? 2 : short === 126 ? 4 : 10)
  if (((frame[0]! & RSV1) !== 0) !== deflate) throw new Error('a frame is not compressed as it should be')
  const text = deflate ? inflateRawSync(Buffer.concat([body, FLUSH_TAIL]), { finishFlush: 2 }) : body
  if (!text.equals(payload)) throw new Error('a message is not what was sent')
}
