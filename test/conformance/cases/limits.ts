// What a subject must bear, and where it must say no: messages up to 16 MiB however they are cut, many small ones, and
// one more byte or fragment than it was told to allow.

import {
  binary,
  continuation,
  type Draft,
  fails,
  fragments,
  hear,
  parts,
  round,
  section,
  type Section,
  send,
  sendChopped,
  text,
} from '../case.ts'
import { BINARY, TEXT } from '../frame.ts'

export const MAX_PAYLOAD_BYTES = 16_777_216
export const MAX_FRAGMENTS = 65_536

const KIB = 1024
const MIB = 1024 * KIB

/** Not all alike, so that bytes in the wrong place are seen. */
const pattern = (size: number): Buffer => {
  const payload = Buffer.allocUnsafe(size)
  for (let at = 0; at < size; at++) payload[at] = 33 + ((at * 31 + (at >>> 10)) % 90)
  return payload
}

const largest = pattern(MAX_PAYLOAD_BYTES)
const heavy = { heavy: true, deadlineMs: 60_000 } as const

const sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB].flatMap((size): Draft[] => [
  [`text of ${size / KIB} KiB in one frame`, round(text(largest.subarray(0, size))), heavy],
  [`binary of ${size / KIB} KiB in one frame`, round(binary(largest.subarray(0, size))), heavy],
])

const cut: Draft[] = [
  [
    `16 MiB in fragments of 64 KiB`,
    [send(...fragments(BINARY, parts(largest, 64 * KIB))), hear(binary(largest))],
    heavy,
  ],
  ...[256, 4 * KIB, 256 * KIB].map((size): Draft => {
    const payload = largest.subarray(0, Math.min(4 * MIB, size * 1000))
    return [
      `${payload.length} bytes of text in fragments of ${size}`,
      [send(...fragments(TEXT, parts(payload, size))), hear(text(payload))],
      heavy,
    ]
  }),
  ...[512, 4 * KIB].map((chop): Draft => [
    `1 MiB of text, ${chop} bytes at a time`,
    [sendChopped(chop, text(largest.subarray(0, MIB))), hear(text(largest.subarray(0, MIB)))],
    heavy,
  ]),
  [
    '16 KiB of text, byte by byte',
    [sendChopped(1, text(largest.subarray(0, 16 * KIB))), hear(text(largest.subarray(0, 16 * KIB)))],
    heavy,
  ],
]

const rounds: Draft[] = [0, 16, 64, 256, 1024, 4096].flatMap((size): Draft[] => {
  const payload = largest.subarray(0, size)
  return [
    [
      `500 texts of ${size} bytes, one after the other`,
      Array.from({ length: 500 }, () => round(text(payload))).flat(),
      { heavy: true },
    ],
    [
      `1,000 binaries of ${size} bytes in one write`,
      [
        send(...Array.from({ length: 1000 }, () => binary(payload))),
        hear(...Array.from({ length: 1000 }, () => binary(payload))),
      ],
      { heavy: true },
    ],
  ]
})

const one = Buffer.from('x')
const fragmentsLimit = { limit: 'fragments', heavy: true, deadlineMs: 30_000 } as const
const payloadLimit = { limit: 'payload' } as const

const beyond: Draft[] = [
  [
    '65,536 fragments of one byte',
    [
      send(...fragments(TEXT, parts(largest.subarray(0, MAX_FRAGMENTS), 1))),
      hear(text(largest.subarray(0, MAX_FRAGMENTS))),
    ],
    fragmentsLimit,
  ],
  [
    '65,536 fragments, all empty but one',
    [
      send(
        ...fragments(
          BINARY,
          Array.from({ length: MAX_FRAGMENTS }, (_, n) => (n === 40_000 ? one : Buffer.alloc(0))),
        ),
      ),
      hear(binary('x')),
    ],
    fragmentsLimit,
  ],
  [
    '65,537 fragments',
    [
      send(
        ...fragments(
          TEXT,
          Array.from({ length: MAX_FRAGMENTS + 1 }, () => one),
        ),
      ),
      fails(1008),
    ],
    fragmentsLimit,
  ],
  [
    'one byte more than 16 MiB, refused by its header',
    [send(binary('', { length: 16_777_217n })), fails(1009)],
    payloadLimit,
  ],
  [
    'one byte more than 16 MiB in two fragments, refused by the second header',
    [send(text('x', { fin: false }), continuation('', { length: 16_777_216n })), fails(1009)],
    payloadLimit,
  ],
  ...[2n ** 31n, 2n ** 32n + 5n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n].map((length): Draft => [
    `a frame that announces ${length} bytes`,
    [send(binary('', { length })), fails(1009)],
    payloadLimit,
  ]),
]

export const limits: Section = section(8, 'Sizes and limits', '6455 §10.4', [
  ...sizes,
  ...cut,
  ...rounds,
  ...beyond,
])
