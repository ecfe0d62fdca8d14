// Encoding one message once, to be sent to many: the bytes go to any number of connections. It makes a server's frames
// only, since a client must mask each with a key of its own.

import { FIN, frameHeaderLength, Opcode, RSV1, writeFrameHeader } from '../websocket/index.ts'
import type { WebSocketConnection } from './connection.ts'
import type { PerMessageDeflate } from './per-message-deflate.ts'

/**
 * One complete unmasked frame: text for a string, binary for bytes. It must never be changed. With the `deflate` of a
 * connection it is compressed, if that saves anything, for all connections that have the same one; it must be `shared`.
 */
export function encodeMessage(data: string | Uint8Array, deflate?: PerMessageDeflate): Buffer {
  const text = typeof data === 'string'
  const opcode = text ? Opcode.text : Opcode.binary
  if (deflate?.suits(data.length)) {
    const deflated = deflate.deflate(text ? Buffer.from(data) : data)
    if (deflated !== undefined) return frameOf(RSV1 | opcode, deflated)
  }
  if (!text) return frameOf(opcode, data)
  const length = Buffer.byteLength(data)
  const frame = Buffer.allocUnsafeSlow(frameHeaderLength(length, false) + length)
  frame.write(data, writeFrameHeader(frame, 0, FIN | opcode, length, undefined))
  return frame
}

function frameOf(bits: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafeSlow(frameHeaderLength(payload.length, false) + payload.length)
  frame.set(payload, writeFrameHeader(frame, 0, FIN | bits, payload.length, undefined))
  return frame
}

/** One message for many connections: encoded once, and compressed once for all that agreed on the same terms. */
export class PreparedMessage {
  readonly data: string | Uint8Array
  private plain: Buffer | undefined
  private readonly deflated = new Map<PerMessageDeflate, Buffer>()

  /** Bytes must not change afterwards. */
  constructor(data: string | Uint8Array) {
    this.data = data
  }

  /** Its frame for a connection with this `deflate`, or without. */
  frame(deflate?: PerMessageDeflate): Buffer {
    if (deflate === undefined || !deflate.suits(this.data.length))
      return (this.plain ??= encodeMessage(this.data))
    let frame = this.deflated.get(deflate)
    if (frame === undefined) this.deflated.set(deflate, (frame = encodeMessage(this.data, deflate)))
    return frame
  }
}

/** Sends one message to many; it is encoded once. Those that are not open are passed over. */
export function broadcast(
  connections: Iterable<WebSocketConnection>,
  message: string | Uint8Array | PreparedMessage,
): void {
  const prepared = message instanceof PreparedMessage ? message : new PreparedMessage(message)
  for (const connection of connections) connection.sendPrepared(prepared)
}
