// Messages in fragments, control frames between them, and everything that is no fragment (RFC 6455 §5.4).

import {
  answers,
  binary,
  bytes,
  close,
  closeBody,
  continuation,
  type Draft,
  fails,
  fragments,
  hear,
  parts,
  ping,
  pong,
  section,
  type Section,
  send,
  sendChopped,
  text,
} from '../case.ts'
import { BINARY, TEXT } from '../frame.ts'

const first = text('fragment1', { fin: false })
const last = continuation('fragment2')
const whole = text('fragment1fragment2')

const together: Draft[] = [
  ['a text in two fragments', [send(first, last), hear(whole)]],
  ['a text in two fragments, byte by byte', [sendChopped(1, first, last), hear(whole)]],
  ['a binary in two fragments', [send(binary('a', { fin: false }), continuation('b')), hear(binary('ab'))]],
  ['two empty fragments', [send(text('', { fin: false }), continuation()), hear(text())]],
  [
    'empty fragments around the text',
    [
      send(text('', { fin: false }), continuation('middle', { fin: false }), continuation()),
      hear(text('middle')),
    ],
  ],
  [
    'three empty fragments',
    [send(binary('', { fin: false }), continuation('', { fin: false }), continuation()), hear(binary())],
  ],
  ...[1, 3, 125, 126].flatMap((size): Draft[] =>
    [TEXT, BINARY].map((opcode): Draft => {
      const payload = Buffer.alloc(1_000, 'fragment')
      return [
        `1,000 bytes of opcode ${opcode} in fragments of ${size}`,
        [send(...fragments(opcode, parts(payload, size))), hear({ opcode, payload })],
      ]
    }),
  ),
  [
    'ten fragmented messages in one write',
    [
      send(...Array.from({ length: 10 }, (_, n) => fragments(TEXT, parts(bytes(`message ${n}`), 2))).flat()),
      hear(...Array.from({ length: 10 }, (_, n) => text(`message ${n}`))),
    ],
  ],
]

const between: Draft[] = [
  ['a ping between two fragments', [send(first, ping('ping'), last), hear(pong('ping'), whole)]],
  [
    'a ping between two fragments, byte by byte',
    [sendChopped(1, first, ping('ping'), last), hear(pong('ping'), whole)],
  ],
  [
    'a ping is answered before the message is complete',
    [send(first, ping('ping')), hear(pong('ping')), send(last), hear(whole)],
  ],
  ['an unsolicited pong between two fragments', [send(first, pong('pong'), last), hear(whole)]],
  [
    'a ping between each of five fragments',
    [
      send(...fragments(TEXT, parts(bytes('1122334455'), 2)).flatMap((frame, n) => [frame, ping(`${n}`)])),
      hear(...[0, 1, 2, 3].map((n) => pong(`${n}`)), text('1122334455'), pong('4')),
    ],
  ],
  [
    'a Close frame between two fragments ends the message unheard',
    [send(first, close(closeBody(1000)), last), answers(1000)],
    { rfc: '6455 §5.5.1' },
  ],
]

const nothingToContinue: Draft[] = [
  ['a continuation of nothing, final', [send(continuation('no message')), fails(1002)]],
  ['a continuation of nothing, not final', [send(continuation('no message', { fin: false })), fails(1002)]],
  ['an empty continuation of nothing', [send(continuation()), fails(1002)]],
  [
    'a continuation after a whole message',
    [send(text('whole'), continuation('x')), hear(text('whole')), fails(1002)],
  ],
  [
    'a continuation after the last fragment',
    [send(first, last, continuation('x')), hear(whole), fails(1002)],
  ],
  [
    'a continuation of nothing, byte by byte, then a good message',
    [sendChopped(1, continuation('x'), text('unheard')), fails(1002)],
  ],
  ['a text inside a fragmented text', [send(first, text('other')), fails(1002)]],
  ['a binary inside a fragmented text', [send(first, binary('other')), fails(1002)]],
  [
    'a first fragment inside a fragmented text',
    [send(first, text('other', { fin: false }), last), fails(1002)],
  ],
  [
    'a text inside a fragmented text is refused by its header',
    [send(first, text('', { length: 100n })), fails(1002)],
  ],
]

const control: Draft[] = [
  ['a fragmented ping', [send(ping('a', { fin: false }), continuation('b')), fails(1002)]],
  ['a fragmented pong', [send(pong('a', { fin: false }), continuation('b')), fails(1002)]],
  ['a fragmented Close frame', [send(close(closeBody(1000), { fin: false })), fails(1002)]],
  ['an empty fragmented ping', [send(ping('', { fin: false })), fails(1002)]],
  ['a fragmented ping inside a fragmented text', [send(first, ping('a', { fin: false })), fails(1002)]],
]

export const fragmentation: Section = section(5, 'Fragmentation', '6455 §5.4', [
  ...together,
  ...between,
  ...nothingToContinue,
  ...control.map(([title, steps]): Draft => [title, steps, { rfc: '6455 §5.5' }]),
])
