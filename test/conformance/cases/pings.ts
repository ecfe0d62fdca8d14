// Pings are answered with their own payload, in order; pongs that nobody asked for are passed over (RFC 6455 §5.5).

import {
  binary,
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
  text,
} from '../case.ts'

const full = Buffer.alloc(125, 0xfe)
const many = (count: number) => Array.from({ length: count }, (_, n) => `payload-${n}`)

const answered: Draft[] = [
  ['an empty ping', [send(ping()), hear(pong())]],
  ['a ping with text', [send(ping('Hello, world!')), hear(pong('Hello, world!'))]],
  [
    'a ping with bytes that are not UTF-8',
    [send(ping(hex('00 ff fe fd fc fb 00 ff'))), hear(pong(hex('00 ff fe fd fc fb 00 ff')))],
  ],
  ['a ping of 125 bytes', [send(ping(full)), hear(pong(full))]],
  ['a ping of 125 bytes, byte by byte', [sendChopped(1, ping(full)), hear(pong(full))]],
  [
    'ten pings in one write',
    [send(...many(10).map((each) => ping(each))), hear(...many(10).map((each) => pong(each)))],
  ],
  [
    'ten pings, byte by byte',
    [sendChopped(1, ...many(10).map((each) => ping(each))), hear(...many(10).map((each) => pong(each)))],
  ],
  [
    'a thousand pings in one write, and a message behind them',
    [
      send(...many(1_000).map((each) => ping(each)), text('behind')),
      hear(...many(1_000).map((each) => pong(each)), text('behind')),
    ],
    { heavy: true },
  ],
  [
    'a thousand pings, each when the one before is answered',
    many(1_000).flatMap((each) => [send(ping(each)), hear(pong(each))]),
    { heavy: true },
  ],
  [
    'a ping between two messages keeps its place',
    [send(text('a'), ping('p'), binary('b')), hear(text('a'), pong('p'), binary('b'))],
  ],
]

const unasked: Draft[] = [
  ['an unsolicited empty pong', [send(pong(), ping('after')), hear(pong('after'))]],
  ['an unsolicited pong with payload', [send(pong('unsolicited'), ping('after')), hear(pong('after'))]],
  ['an unsolicited pong, then a message', [send(pong('unsolicited'), text('after')), hear(text('after'))]],
]

const refused: Draft[] = [
  ['a ping of 126 bytes', [send(ping(Buffer.alloc(126, 0xfe))), fails(1002)]],
  ['a pong of 126 bytes', [send(pong(Buffer.alloc(126, 0xfe))), fails(1002)]],
  ['a ping of 126 bytes is refused by its header', [send(ping('', { length: 126n })), fails(1002)]],
  ['a ping that announces 2^32 bytes', [send(ping('', { length: 2n ** 32n })), fails(1002)]],
  ['a ping of 5 bytes in the 16-bit form', [send(ping('Hello', { lengthBits: 16 })), fails(1002)]],
  ['a ping whose masking is wrong', [send(ping('', { wrongMask: true })), fails(1002)]],
]

export const pings: Section = section(2, 'Pings and pongs', '6455 §5.5.2', [
  ...answered,
  ...unasked,
  ...refused,
])
