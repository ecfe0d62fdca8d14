// The frame opcodes of RFC 6455 §5.2 and the two questions asked of them. It knows nothing of payloads, and it
// refuses to name the reserved opcodes: a frame that uses one is an error of the peer.

export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** §5.5: control frames are those whose opcode has its highest bit set. */
export function isControlOpcode(opcode: number): boolean {
  return opcode >= 0x8
}

/** §5.2: 3 to 7 are reserved for further data frames, B to F for further control frames. */
export function isReservedOpcode(opcode: number): boolean {
  return (opcode & 0x7) > 2
}
