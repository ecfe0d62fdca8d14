// Whole messages of the sizes at which the header changes its form, and headers that lie (RFC 6455 §5.1 and §5.2).

import {
  binary,
  bytes,
  type Draft,
  fails,
  hear,
  round,
  section,
  type Section,
  send,
  sendChopped,
  text,
} from '../case.ts'

const SIZES = [0, 1, 2, 124, 125, 126, 127, 128, 129, 65_534, 65_535, 65_536, 65_537]

const sizes = SIZES.flatMap((size): Draft[] => [
  [`text of ${size} bytes`, round(text(Buffer.alloc(size, '*'))), { heavy: size > 1_000 }],
  [`binary of ${size} bytes`, round(binary(Buffer.alloc(size, 0xfe))), { heavy: size > 1_000 }],
])

const chopped = [
  [130, 1],
  [8_192, 7],
  [65_536, 997],
  [65_536, 4_096],
] as const

const inPieces = chopped.flatMap(([size, chop]): Draft[] =>
  [text, binary].map((kind): Draft => {
    const message = kind(Buffer.alloc(size, 'x'))
    const title = `${size} bytes of opcode ${message.opcode}, ${chop} bytes at a time`
    return [title, [sendChopped(chop, message), hear(message)]]
  }),
)

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

const lies: Draft[] = [
  ...[0, 1, 124, 125].map((size): Draft => [
    `a length of ${size} in 16 bits`,
    [send(binary(Buffer.alloc(size), { lengthBits: 16 })), fails(1002)],
  ]),
  ...[0, 125, 126, 65_535].map((size): Draft => [
    `a length of ${size} in 64 bits`,
    [send(binary(Buffer.alloc(size), { lengthBits: 64 })), fails(1002)],
  ]),
  ...[2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n].map((length): Draft => [
    `a length of ${length}, whose top bit is set, before any payload`,
    [send(binary('', { length })), fails(1002)],
  ]),
  [
    'a text whose masking is wrong for its sender',
    [send(text('Hello', { wrongMask: true })), fails(1002)],
    { rfc: '6455 §5.1' },
  ],
  [
    'an empty frame whose masking is wrong for its sender',
    [send(binary('', { wrongMask: true })), fails(1002)],
    { rfc: '6455 §5.1' },
  ],
  [
    'the second of two frames is masked wrongly',
    [send(text('Hello'), text('Hello', { wrongMask: true })), hear(text('Hello')), fails(1002)],
    { rfc: '6455 §5.1' },
  ],
  [
    'a frame is refused by its header: none of its payload is sent',
    [send(text('', { length: 1000n, wrongMask: true })), fails(1002)],
    { rfc: '6455 §5.1' },
  ],
]

export const framing: Section = section(1, 'Framing', '6455 §5.2', [
  ...sizes,
  ...inPieces,
  ['binary with every byte there is', round(binary(everyByte))],
  [
    'a hundred messages in one write, text and binary in turn',
    [
      send(...Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? text : binary)(bytes(`message ${n}`)))),
      hear(...Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? text : binary)(bytes(`message ${n}`)))),
    ],
  ],
  ...lies,
])
