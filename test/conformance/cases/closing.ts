// The closing handshake: who answers what, which codes may be on the wire, and that nothing is heard behind a Close
// frame (RFC 6455 §5.5.1, §7.1 and §7.4).

import {
  answers,
  binary,
  close,
  closeBody,
  closes,
  continuation,
  type Draft,
  fails,
  hangsUp,
  hear,
  hex,
  ping,
  pong,
  round,
  section,
  type Section,
  send,
  sendChopped,
  text,
} from '../case.ts'

const normal = closeBody(1000)

const behind: Draft[] = [
  ['a message, then the closing handshake', [...round(text('Hello')), ...closes(normal)]],
  ['a Close frame byte by byte', [sendChopped(1, close(closeBody(1000, 'bye'))), answers(1000)]],
  ['two Close frames', [...closes(normal, close(normal))]],
  ['two Close frames with different codes', [...closes(normal, close(closeBody(1001)))]],
  ['a ping behind a Close frame', [...closes(normal, ping('unheard'))]],
  ['a text behind a Close frame', [...closes(normal, text('unheard'))]],
  [
    'a continuation behind a Close frame',
    [send(text('a', { fin: false })), ...closes(normal, continuation('b'))],
  ],
  ['256 KiB behind a Close frame', closes(normal, binary(Buffer.alloc(262_144))), { heavy: true }],
  ['bytes that are no frame behind a Close frame', [...closes(normal, hex('ff ff ff ff ff ff ff ff'))]],
  [
    'a large message, a ping, a Close frame and a text in one write',
    [
      send(text('x'.repeat(100_000)), ping('p'), close(closeBody(3000)), text('unheard')),
      hear(text('x'.repeat(100_000)), pong('p')),
      answers(3000),
    ],
  ],
]

const bodies: Draft[] = [
  ['an empty Close frame is answered with an empty one', [...closes(Buffer.alloc(0))]],
  ['half a code', [send(close(hex('03'))), fails(1002)]],
  ['a code without a reason', [...closes(normal)]],
  ['a code and a reason', [...closes(closeBody(1000, 'Hello, world!'))]],
  ['a reason of 123 bytes', [...closes(closeBody(1000, '*'.repeat(123)))]],
  ['a reason of 123 bytes in multibyte characters', [...closes(closeBody(1000, 'é'.repeat(60) + '€'))]],
  ['a reason of 124 bytes', [send(close(closeBody(1000, '*'.repeat(124)))), fails(1002)]],
  ['a Close frame of 126 bytes is refused by its header', [send(close('', { length: 126n })), fails(1002)]],
  ['a reason with an invalid byte', [send(close(closeBody(1000, hex('61 ff 62')))), fails(1007)]],
  ['a reason with a surrogate', [send(close(closeBody(1000, hex('eda080')))), fails(1007)]],
  ['a reason cut in a character', [send(close(closeBody(1000, hex('61 c3')))), fails(1007)]],
  [
    'a code that is forbidden, with a reason that is none',
    [send(close(closeBody(1005, hex('ff')))), fails(1002)],
  ],
  ['a Close frame whose masking is wrong', [send(close(normal, { wrongMask: true })), fails(1002)]],
]

const GOOD = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4999,
]
const BAD = [
  0, 1, 255, 256, 500, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1099, 1100, 1999, 2000, 2001, 2999, 5000,
  5001, 9999, 0x0fff, 0x7fff, 0x8000, 0xffff,
].filter((code) => code < 3000 || code > 4999)

const codes: Draft[] = [
  ...GOOD.map((code): Draft => [
    `code ${code} may be sent`,
    [...closes(closeBody(code))],
    { rfc: '6455 §7.4' },
  ]),
  ...GOOD.map((code): Draft => [
    `code ${code} with a reason`,
    [...closes(closeBody(code, 'why'))],
    { rfc: '6455 §7.4' },
  ]),
  ...BAD.map((code): Draft => [
    `code ${code} may not`,
    [send(close(closeBody(code))), fails(1002)],
    { rfc: '6455 §7.4.1' },
  ]),
  ...BAD.map((code): Draft => [
    `code ${code} with a reason`,
    [send(close(closeBody(code, 'why'))), fails(1002)],
    { rfc: '6455 §7.4.1' },
  ]),
]

const hangingUp: Draft[] = [
  ['our side ends without a Close frame', [hangsUp]],
  ['our side ends after a message', [...round(text('Hello')), hangsUp]],
  ['our side ends inside a header', [send(hex('81')), hangsUp]],
  ['our side ends inside a payload', [send(text('abc', { length: 10n })), hangsUp]],
  ['our side ends inside a fragmented message', [send(text('abc', { fin: false })), hangsUp]],
]

export const closing: Section = section(7, 'Closing', '6455 §5.5.1', [
  ...behind,
  ...bodies,
  ...codes,
  ...hangingUp.map(([title, steps]): Draft => [title, steps, { rfc: '6455 §7.1.5' }]),
])
