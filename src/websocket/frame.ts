// Writing frames (RFC 6455 §5.2): a header into a buffer that the caller fills, or one whole frame. It always uses the
// shortest length form, and it does not judge opcodes or sizes: whoever calls it has.

import { applyMask } from './masking.ts'
import type { Opcode } from './opcode.ts'

export const FIN = 0x80
/** §5.5: no control frame carries more. */
export const MAX_CONTROL_PAYLOAD = 125
/** The longest header: two bytes, eight of length, four of key. */
export const MAX_HEADER_LENGTH = 14

/** How many bytes the header of a frame takes. */
export function frameHeaderLength(payloadLength: number, masked: boolean): number {
  const plain = payloadLength < 126 ? 2 : payloadLength < 65_536 ? 4 : 10
  return masked ? plain + 4 : plain
}

/**
 * Writes a header at `offset` and returns the offset behind it. `first` is the whole first byte (FIN, reserved bits,
 * opcode). A masked frame has a `key`; its payload is masked by the caller.
 */
export function writeFrameHeader(
  target: Uint8Array,
  offset: number,
  first: number,
  payloadLength: number,
  key: number | undefined,
): number {
  const maskBit = key === undefined ? 0 : 0x80
  let at = offset
  target[at++] = first
  if (payloadLength < 126) {
    target[at++] = maskBit | payloadLength
  } else if (payloadLength < 65_536) {
    target[at++] = maskBit | 126
    target[at++] = payloadLength >>> 8
    target[at++] = payloadLength
  } else {
    target[at++] = maskBit | 127
    at = writeWord(target, at, Math.floor(payloadLength / 0x1_0000_0000))
    at = writeWord(target, at, payloadLength)
  }
  return key === undefined ? at : writeWord(target, at, key)
}

function writeWord(target: Uint8Array, offset: number, word: number): number {
  target[offset] = word >>> 24
  target[offset + 1] = word >>> 16
  target[offset + 2] = word >>> 8
  target[offset + 3] = word
  return offset + 4
}

export interface FrameOptions {
  /** False for every fragment but the last. */
  readonly fin?: boolean
  /** The reserved bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  readonly rsv?: number
  /** The masking key that a client must use. */
  readonly key?: number | undefined
}

/** One complete frame in bytes of its own. */
export function encodeFrame(opcode: Opcode, payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { fin = true, rsv = 0, key } = options
  const frame = new Uint8Array(frameHeaderLength(payload.length, key !== undefined) + payload.length)
  const at = writeFrameHeader(frame, 0, (fin ? FIN : 0) | rsv | opcode, payload.length, key)
  frame.set(payload, at)
  if (key !== undefined) applyMask(frame, at, frame.length, key)
  return frame
}
