/**
 * One raw socket that follows the channel `bench` and counts what it is delivered, with as little parsing as its
 * transport allows: the load must never be the limit.
 */
import { connect, type Socket } from 'node:net'

export type Follow = (socket: Socket, counted: (publications: number) => void, ready: () => void) => void

export const open = (
  port: number,
  follow: Follow,
  counted: (publications: number) => void,
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.once('connect', () => follow(socket, counted, () => resolve(socket)))
  })

export const HANDSHAKE = (protocol: string): string =>
  `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${protocol}\r\n`

/** A masked text frame; the mask is zero, which any server must take. */
export const textFrame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const header =
    payload.length < 126
      ? Buffer.of(0x81, 0x80 | payload.length)
      : Buffer.of(0x81, 0xfe, payload.length >> 8, payload.length & 255)
  return Buffer.concat([header, Buffer.alloc(4), payload])
}

const NEEDLE = Buffer.from('"type":"publication"')

/** Counts publications in a stream of text, also where a chunk ends in the middle of the needle. */
export const countPublications = (counted: (publications: number) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let count = 0
    let at = text.indexOf(NEEDLE)
    let end = 0
    while (at >= 0) {
      count++
      end = at + NEEDLE.length
      at = text.indexOf(NEEDLE, end)
    }
    rest = Buffer.from(text.subarray(Math.max(end, text.length - NEEDLE.length + 1)))
    if (count > 0) counted(count)
  }
}

/** Counts unfragmented server frames of less than 64 KiB by their headers alone. */
export const countFrames = (counted: (frames: number) => void): ((chunk: Buffer) => void) => {
  let skip = 0
  let header: Buffer = Buffer.alloc(0)
  return (chunk) => {
    let at = 0
    let count = 0
    const bytes = header.length === 0 ? chunk : Buffer.concat([header, chunk])
    header = Buffer.alloc(0)
    at = skip
    while (at + 4 <= bytes.length) {
      const short = (bytes[at + 1] as number) & 127
      const length = short < 126 ? 2 + short : 4 + bytes.readUInt16BE(at + 2)
      if (((bytes[at] as number) & 15) < 8) count++
      at += length
    }
    if (at < bytes.length) {
      header = Buffer.from(bytes.subarray(at))
      skip = 0
    } else {
      skip = at - bytes.length
    }
    if (count > 0) counted(count)
  }
}
