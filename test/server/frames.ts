/** WebSocket frames by hand: what a client sends, masked, and what a node says, taken apart. */
import { randomBytes } from 'node:crypto'
import type { NodeUnderTest, WireEvent } from './node-under-test.ts'
import type { RawConnection } from './raw-connection.ts'

/** A client's frame; `first` is its first byte, FIN and opcode. */
export const clientFrame = (first: number, payload: Uint8Array): Buffer => {
  const { length } = payload
  const long = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + long)
  head[0] = first
  head[1] = 0x80 | (long === 0 ? length : long === 2 ? 126 : 127)
  if (long === 2) head.writeUInt16BE(length, 2)
  else if (long === 8) head.writeBigUInt64BE(BigInt(length), 2)
  const key = randomBytes(4)
  const masked = Buffer.from(payload)
  for (let at = 0; at < length; at++) masked[at] = payload[at]! ^ key[at & 3]!
  return Buffer.concat([head, key, masked])
}

/** A connection on which the handshake has been made. */
export const openSocket = async (node: NodeUnderTest): Promise<RawConnection> => {
  const connection = await node.connect()
  const head =
    'GET /ws HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n' +
    'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: holdfast.v1.json\r\n\r\n'
  const { status } = await connection.send(head).answer()
  if (status !== 101) throw new Error(`the handshake was answered with ${status}`)
  return connection
}

export interface Heard {
  readonly events: WireEvent[]
  /** The code of the node's Close frame; undefined when none came. */
  readonly close: number | undefined
  /** Payloads of pongs. */
  readonly pongs: Buffer[]
}

/** Reads frames until `enough`, until a Close frame, which is answered, or until the connection ends. */
export const readFrames = async (
  connection: RawConnection,
  enough: (events: readonly WireEvent[]) => boolean = () => false,
): Promise<Heard> => {
  const events: WireEvent[] = []
  const pongs: Buffer[] = []
  for (;;) {
    const frame = await readFrame(connection).catch(() => undefined)
    if (frame === undefined) return { events, close: undefined, pongs }
    const { opcode, payload } = frame
    if (opcode === 0x8) {
      // As a client should: the node then hangs up at once.
      connection.send(clientFrame(0x88, payload.subarray(0, 2)))
      return { events, close: payload.length < 2 ? 1005 : payload.readUInt16BE(0), pongs }
    }
    if (opcode === 0xa) pongs.push(payload)
    if (opcode === 0x1) events.push(JSON.parse(payload.toString()) as WireEvent)
    if (enough(events)) return { events, close: undefined, pongs }
  }
}

const readFrame = async (connection: RawConnection): Promise<{ opcode: number; payload: Buffer }> => {
  const head = await connection.bytes(2)
  const form = head[1]! & 0x7f
  let length = form
  if (form === 126) length = (await connection.bytes(2)).readUInt16BE(0)
  else if (form === 127) length = Number((await connection.bytes(8)).readBigUInt64BE(0))
  return { opcode: head[0]! & 0x0f, payload: await connection.bytes(length) }
}
