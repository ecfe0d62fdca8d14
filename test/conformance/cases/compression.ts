// permessage-deflate: messages of all sizes under every permutation of its parameters, the examples of RFC 7692, and
// everything that a compressed message must not be.

import {
  binary,
  bytes,
  type Compressed,
  continuation,
  type DeflateParameters,
  type Draft,
  fails,
  hear,
  hex,
  ping,
  pong,
  section,
  type Section,
  send,
  sendChopped,
  type Step,
  text,
} from '../case.ts'
import type { Frame } from '../frame.ts'

const RSV1 = 4
const deflate: DeflateParameters = {}

const compressed = (message: Frame, fragmentBytes?: number): Compressed =>
  fragmentBytes === undefined ? { compressed: message } : { compressed: message, fragmentBytes }
const round = (message: Frame): Step[] => [send(compressed(message)), hear(message)]

/** Text as applications send it, never twice the same and always alike. */
const json = (size: number): Buffer => {
  let made = ''
  for (let n = 0; made.length < size; n++)
    made += `{"id":${n},"user":"user-${n % 17}","text":"message ${n * n}","at":${1_700_000_000 + n * 37}}\n`
  return bytes(made.slice(0, size))
}

/** Bytes in which deflate finds nothing to save. */
const noise = (size: number): Buffer => {
  const made = Buffer.allocUnsafe(size)
  let state = 0x9e37_79b9 ^ size
  for (let at = 0; at < size; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    made[at] = state
  }
  return made
}

const all = json(131_072)
const SIZES = [
  0, 1, 2, 16, 64, 125, 126, 127, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_535, 65_536, 131_072,
]

const sizes = SIZES.flatMap((size): Draft[] => [
  [`text of ${size} bytes`, round(text(all.subarray(0, size))), { heavy: size > 1_024 }],
  [`noise of ${size} bytes`, round(binary(noise(size))), { heavy: size > 1_024 }],
])

const sequences: Draft[] = [
  [
    '300 messages, each a byte longer',
    Array.from({ length: 300 }, (_, size) => round(text(all.subarray(0, size)))).flat(),
    { heavy: true },
  ],
  [
    '500 messages of 200 bytes, text and noise in turn',
    Array.from({ length: 500 }, (_, n) =>
      round(n % 2 === 0 ? text(all.subarray(n * 200, n * 200 + 200)) : binary(noise(n))),
    ).flat(),
    { heavy: true },
  ],
  [
    'a hundred messages in one write',
    [
      send(...Array.from({ length: 100 }, (_, n) => compressed(text(`message ${n}`)))),
      hear(...Array.from({ length: 100 }, (_, n) => text(`message ${n}`))),
    ],
  ],
  ['a message that is not compressed', [send(text('Hello')), hear(text('Hello'))]],
  [
    'compressed and not in turn, with one context',
    [...round(text('Hello')), send(text('Hello')), hear(text('Hello')), ...round(text('Hello'))],
  ],
  ...[1, 2, 7, 125].map((size): Draft => {
    const message = text(all.subarray(0, 600))
    return [`a message in fragments of ${size}`, [send(compressed(message, size)), hear(message)]]
  }),
  [
    'a message byte by byte',
    [sendChopped(1, compressed(text(all.subarray(0, 600)))), hear(text(all.subarray(0, 600)))],
  ],
]

/** RFC 7692 §7.2.3, in its order. */
const examples: Draft[] = [
  ['Hello in one block', [send(text(hex('f248cdc9c90700'), { rsv: RSV1 })), hear(text('Hello'))]],
  [
    'Hello in two fragments',
    [
      send(text(hex('f248cd'), { rsv: RSV1, fin: false }), continuation(hex('c9c90700'))),
      hear(text('Hello')),
    ],
  ],
  [
    'Hello again, out of the window',
    [
      send(text(hex('f248cdc9c90700'), { rsv: RSV1 }), text(hex('f200110000'), { rsv: RSV1 })),
      hear(text('Hello'), text('Hello')),
    ],
  ],
  [
    'Hello in a stored block',
    [send(text(hex('000500faff48656c6c6f00'), { rsv: RSV1 })), hear(text('Hello'))],
  ],
  ['Hello in a final block', [send(text(hex('f348cdc9c9070000'), { rsv: RSV1 })), hear(text('Hello'))]],
  [
    'Hello in two blocks',
    [send(text(hex('f248050000 00ffff cac9c90700'), { rsv: RSV1 })), hear(text('Hello'))],
  ],
  ['nothing, in its shortest form', [send(text(hex('00'), { rsv: RSV1 })), hear(text())]],
  [
    'a ping between two fragments',
    [
      send(text(hex('f248cd'), { rsv: RSV1, fin: false }), ping('p'), continuation(hex('c9c90700'))),
      hear(pong('p'), text('Hello')),
    ],
  ],
  [
    'an empty first and an empty last fragment',
    [
      send(
        text('', { rsv: RSV1, fin: false }),
        continuation(hex('f248cdc9c90700'), { fin: false }),
        continuation(),
      ),
      hear(text('Hello')),
    ],
  ],
]

const bits: Draft[] = [
  ...[ping, pong].map((control): Draft => [
    `a compressed control frame, opcode ${control().opcode}`,
    [send(control(hex('f248cdc9c90700'), { rsv: RSV1 })), fails(1002)],
  ]),
  [
    'the bit on a continuation',
    [
      send(text(hex('f248cd'), { rsv: RSV1, fin: false }), continuation(hex('c9c90700'), { rsv: RSV1 })),
      fails(1002),
    ],
  ],
  [
    'the bit on the continuation of a message that is not compressed',
    [send(text('Hel', { fin: false }), continuation('lo', { rsv: RSV1 })), fails(1002)],
  ],
  ...[1, 2, 3, 5, 6, 7].map((rsv): Draft => [
    `reserved bits ${rsv}`,
    [send(text(hex('f248cdc9c90700'), { rsv })), fails(1002)],
  ]),
  [
    'a compressed message inside another',
    [send(text(hex('f248'), { rsv: RSV1, fin: false }), text(hex('00'), { rsv: RSV1 })), fails(1002)],
  ],
]

const broken: Draft[] = [
  ['a block of a type that does not exist', [send(text(hex('07'), { rsv: RSV1 })), fails(1007)]],
  [
    'a stored block whose length is wrong',
    [send(binary(hex('000500ffff48656c6c6f00'), { rsv: RSV1 })), fails(1007)],
  ],
  ['a reference to before the beginning', [send(text(hex('f200110000'), { rsv: RSV1 })), fails(1007)]],
  ['a message that stops inside a block', [send(text(hex('f248cd'), { rsv: RSV1 })), fails(1007)]],
  ['a compressed message without a byte', [send(text('', { rsv: RSV1 })), fails(1007)]],
  ['text that is not UTF-8 once inflated', [send(compressed(text(hex('48 ff 49')))), fails(1007)]],
  ['text cut in a character once inflated', [send(compressed(text(hex('48 c3')))), fails(1007)]],
  [
    'what is good is heard before what is broken',
    [...round(text('Hello')), send(text(hex('07'), { rsv: RSV1 })), fails(1007)],
  ],
]

const zeros = (mib: number): Frame => binary(Buffer.alloc(mib * 1_048_576))
const heavy = { heavy: true, deadlineMs: 60_000 } as const

const bombs: Draft[] = [
  ['16 MiB of zeros in 16 KB', round(zeros(16)), { ...heavy, limit: 'payload' }],
  ['17 MiB of zeros', [send(compressed(zeros(17))), fails(1009)], { ...heavy, limit: 'payload' }],
  [
    '64 MiB of zeros in fragments of 100 bytes',
    [send(compressed(zeros(64), 100)), fails(1009)],
    { ...heavy, limit: 'payload' },
  ],
]

const withDeflate = ([title, steps, details]: Draft): Draft => [title, steps, { deflate, ...details }]

export const compression: Section = section(
  9,
  'Compressed messages',
  '7692 §7.2',
  [...sizes, ...sequences, ...examples, ...bits, ...broken, ...bombs].map(withDeflate),
)

const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const FLAG = [undefined, true] as const

/** As few messages as tell all parameters apart: alike ones, one longer than a window, and noise between them. */
const conversation: readonly Step[] = [
  text(),
  text('a'),
  text(all.subarray(0, 200)),
  text(all.subarray(0, 200)),
  binary(noise(300)),
  text(all.subarray(0, 2_000)),
  text(all.subarray(0, 40_000)),
  text(all.subarray(39_800, 40_000)),
].flatMap(round)

const permutations = FLAG.flatMap((serverFlag) =>
  FLAG.flatMap((clientFlag) =>
    [undefined, ...BITS].flatMap((serverBits) =>
      [undefined, true as const, ...BITS].map((clientBits): Draft => {
        const parameters: DeflateParameters = {
          ...(serverFlag && { server_no_context_takeover: true }),
          ...(clientFlag && { client_no_context_takeover: true }),
          ...(serverBits !== undefined && { server_max_window_bits: serverBits }),
          ...(clientBits !== undefined && { client_max_window_bits: clientBits }),
        }
        const written = Object.entries(parameters).map(([name, value]) =>
          value === true ? name : `${name}=${value}`,
        )
        return [written.join('; ') || 'no parameter', conversation, { deflate: parameters }]
      }),
    ),
  ),
)

export const parameters: Section = section(10, 'Parameters of compression', '7692 §7.1', permutations)
