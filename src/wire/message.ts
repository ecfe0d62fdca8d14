// Encoding one message once, to be sent to many: the bytes go to any number of connections through `sendEncoded`. It
// makes a server's frames only, since a client must mask each with a key of its own.

import { FIN, frameHeaderLength, Opcode, writeFrameHeader } from '../websocket/index.ts'

/** One complete unmasked frame: text for a string, binary for bytes. It must never be changed. */
export function encodeMessage(data: string | Uint8Array): Buffer {
  const text = typeof data === 'string'
  const length = text ? Buffer.byteLength(data) : data.length
  const frame = Buffer.allocUnsafeSlow(frameHeaderLength(length, false) + length)
  const opcode = text ? Opcode.text : Opcode.binary
  const at = writeFrameHeader(frame, 0, FIN | opcode, length, undefined)
  if (text) frame.write(data, at)
  else frame.set(data, at)
  return frame
}
