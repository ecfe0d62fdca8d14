// Bits and opcodes that nobody has given a meaning fail the connection, wherever they stand (RFC 6455 §5.2).

import {
  binary,
  close,
  closeBody,
  continuation,
  type Draft,
  fails,
  type Piece,
  hear,
  ping,
  pong,
  section,
  type Section,
  send,
  sendChopped,
  text,
} from '../case.ts'

const carriers: readonly (readonly [string, (rsv: number) => Piece])[] = [
  ['a text', (rsv) => text('Hello', { rsv })],
  ['an empty binary', (rsv) => binary('', { rsv })],
  ['a ping', (rsv) => ping('Hello', { rsv })],
  ['a pong', (rsv) => pong('Hello', { rsv })],
  ['a Close frame', (rsv) => close(closeBody(1000), { rsv })],
  ['a first fragment', (rsv) => text('Hello', { rsv, fin: false })],
]

const BITS = [1, 2, 3, 4, 5, 6, 7]

const carried = carriers.flatMap(([name, carrier]) =>
  BITS.map((rsv): Draft => [`reserved bits ${rsv} on ${name}`, [send(carrier(rsv)), fails(1002)]]),
)

const among = BITS.flatMap((rsv): Draft[] => [
  [
    `reserved bits ${rsv} on a continuation`,
    [send(text('a', { fin: false }), continuation('b', { rsv })), fails(1002)],
  ],
  [
    `reserved bits ${rsv} between good frames, byte by byte`,
    [sendChopped(1, text('Hello'), text('Hello', { rsv }), ping()), hear(text('Hello')), fails(1002)],
  ],
])

export const reservedBits: Section = section(3, 'Reserved bits', '6455 §5.2', [...carried, ...among])

const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]

const codes: Draft[] = RESERVED.flatMap((opcode): Draft[] => [
  [`opcode ${opcode}, empty`, [send({ opcode, payload: Buffer.alloc(0) }), fails(1002)]],
  [`opcode ${opcode} with payload`, [send({ opcode, payload: Buffer.from('reserved') }), fails(1002)]],
  [
    `opcode ${opcode} between good frames, byte by byte`,
    [
      sendChopped(1, text('Hello'), { opcode, payload: Buffer.from('x') }, ping()),
      hear(text('Hello')),
      fails(1002),
    ],
  ],
  [
    `opcode ${opcode} inside a fragmented message`,
    [send(text('a', { fin: false }), { opcode, payload: Buffer.alloc(0) }, continuation('b')), fails(1002)],
  ],
])

export const opcodes: Section = section(4, 'Opcodes', '6455 §5.2', codes)
