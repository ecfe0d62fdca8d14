// Text is UTF-8 (RFC 6455 §8.1, RFC 3629): everything that is must come back, and everything that is not must fail at
// the first byte that no valid text has there, whether or not the rest of the frame or message ever comes.

import {
  bytes,
  continuation,
  type Draft,
  fails,
  fragments,
  hear,
  hex,
  parts,
  ping,
  pong,
  round,
  section,
  type Section,
  send,
  text,
} from '../case.ts'
import { TEXT } from '../frame.ts'

const point = (code: number): string => String.fromCodePoint(code)

const PLANES = Array.from({ length: 17 }, (_, plane) => plane * 0x1_0000)
const noncharacters = [
  ...PLANES.flatMap((plane) => [plane + 0xfffe, plane + 0xffff]),
  ...Array.from({ length: 32 }, (_, n) => 0xfdd0 + n),
]

const VALID: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['ASCII', 'Hello, world!'],
  ['two bytes each', 'κόσμε äöü ߿'],
  ['three bytes each', '한국어 日本語 ࠀ￿'],
  ['four bytes each', '\u{10000}\u{1F600}\u{10FFFF}'],
  ['all lengths in turn', 'aé€\u{1F600}'.repeat(20)],
  [
    'NUL and the other control characters',
    Array.from({ length: 32 }, (_, n) => point(n)).join('') + '\x7f\x80\x9f',
  ],
  ...[0x00, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x1_0000, 0x10_ffff].map(
    (code): [string, string] => [`U+${code.toString(16)}`, point(code)],
  ),
  ['a byte order mark is kept', '\ufeffHello\ufeff'],
  ['the replacement character is no error', '\ufffd'],
  ...noncharacters.map((code): [string, string] => [`the noncharacter U+${code.toString(16)}`, point(code)]),
]

const valid: Draft[] = VALID.flatMap(([name, value]): Draft[] => [
  [name, round(text(value))],
  [
    `${name}, one byte to a fragment`,
    [send(...fragments(TEXT, value === '' ? [bytes('')] : parts(bytes(value), 1))), hear(text(value))],
  ],
])

/** A plane in one text, without the surrogates. */
const planeText = (start: number): string => {
  let all = ''
  for (let code = start; code < start + 0x1_0000; code++)
    if (code < 0xd800 || code > 0xdfff) all += point(code)
  return all
}

const everything: Draft = [
  'every character of Unicode, a plane to a message',
  PLANES.flatMap((plane) => round(text(planeText(plane)))),
  { heavy: true },
]

/** In hex; the bar stands before the byte that cannot be there, or at the end when what is missing makes it invalid. */
const INVALID: readonly (readonly [string, string])[] = [
  ['a surrogate behind Greek', 'ceba e1bdb9 cf83 cebc ceb5 ed|a080 656469746564'],
  ['above U+10FFFF behind Greek', 'ceba e1bdb9 cf83 cebc ceb5 f4|908080 656469746564'],
  ['a text cut after the first of two bytes', 'c3|'],
  ['a text cut after the first of three bytes', 'e2|'],
  ['a text cut after the second of three bytes', 'e282|'],
  ['a text cut after the first of four bytes', 'f0|'],
  ['a text cut after the second of four bytes', 'f09f|'],
  ['a text cut after the third of four bytes', 'f09f98|'],
  ['a good text and a cut character', '48656c6c6f f09f98|'],
  ['five bytes', '|f888808080'],
  ['six bytes', '|fc8480808080'],
  ['the last of five bytes', '|fbbfbfbfbf'],
  ['the last of six bytes', '|fdbfbfbfbfbf'],
  ['U+110000', 'f4|908080'],
  ['U+1FFFFF', '|f7bfbfbf'],
  ['a slash in two bytes', '|c0af'],
  ['a slash in three bytes', 'e0|80af'],
  ['a slash in four bytes', 'f0|8080af'],
  ['a slash in five bytes', '|f8808080af'],
  ['U+7F in two bytes', '|c1bf'],
  ['U+7FF in three bytes', 'e0|9fbf'],
  ['U+FFFF in four bytes', 'f0|8fbfbf'],
  ['NUL in two bytes', '|c080'],
  ['NUL in three bytes', 'e0|8080'],
  ['NUL in four bytes', 'f0|808080'],
  ...['a080', 'adbf', 'ae80', 'afbf', 'b080', 'be80', 'bfbf'].map((tail): [string, string] => [
    `the surrogate ed${tail}`,
    `ed|${tail}`,
  ]),
  ...['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edaebfedbfbf'].map((pair): [string, string] => [
    `the pair of surrogates ${pair}`,
    `ed|${pair.slice(2)}`,
  ]),
  ['two continuation bytes', '|80bf'],
  ['every continuation byte', `|${Array.from({ length: 64 }, (_, n) => (0x80 + n).toString(16)).join('')}`],
  ['a lead byte and a space', 'c3|20'],
  ['a lead byte behind another', 'c3|c3a9'],
  ['three bytes of which the third is ASCII', 'e282|20'],
  ['three bytes of which the third is a lead', 'e282|c3a9'],
  ['three bytes of which the second is ASCII', 'e2|2082'],
  ['four bytes of which the third is ASCII', 'f09f|2080'],
  ['four bytes of which the fourth is ASCII', 'f09f98|20'],
  ['four bytes of which the fourth is a lead', 'f09f98|c3a9'],
  ['an impossible byte behind 200 of ASCII', `${'61'.repeat(200)}|ff${'61'.repeat(50)}`],
]

const two = (byte: number): string => byte.toString(16).padStart(2, '0')

/** Which second bytes a lead byte allows (RFC 3629 §4), and none for those that lead nothing. */
function secondBytes(lead: number): readonly [number, number] | undefined {
  if (lead < 0xc2 || lead > 0xf4) return undefined
  return [
    lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80,
    lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf,
  ]
}

/** Every lead byte that is none, and the bytes next to those that each may be followed by. */
const leads = Array.from({ length: 128 }, (_, n) => 0x80 + n).flatMap((lead): [string, string][] => {
  const range = secondBytes(lead)
  if (range === undefined) return [[`no text has ${two(lead)} there`, `61|${two(lead)}`]]
  return [range[0] - 1, range[1] + 1].map((second) => [
    `${two(lead)} is not followed by ${two(second)}`,
    `61${two(lead)}|${two(second)}`,
  ])
})

const invalid = [...INVALID, ...leads].flatMap(([name, notation]): Draft[] => {
  const [before, after] = notation.split('|').map(hex) as [Buffer, Buffer]
  const payload = Buffer.concat([before, after])
  const whole: Draft = [name, [send(text(payload)), fails(1007)]]
  if (after.length === 0) {
    const cut: Draft = [
      `${name}, in the last of two fragments`,
      [send(text('a', { fin: false }), continuation(payload)), fails(1007)],
    ]
    return [whole, cut]
  }
  const upTo = payload.subarray(0, before.length + 1)
  return [
    whole,
    [
      `${name}: at the byte, with the rest of the frame unsent`,
      [send(text(upTo, { length: BigInt(payload.length + 1000) })), fails(1007)],
    ],
    [
      `${name}: not before the byte, and at it, with the message unfinished`,
      [
        send(text(before, { fin: false }), ping('so far')),
        hear(pong('so far')),
        send(continuation(after.subarray(0, 1), { fin: false })),
        fails(1007),
      ],
    ],
  ]
})

export const utf8: Section = section(6, 'UTF-8', '6455 §8.1', [...valid, everything, ...invalid])
