import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredHeaderLength, declaredPayloadLength, judgeHeader } from './annotate-header.ts'
import { hex } from './drive.test.ts'
import type { FrameErrorCode } from './errors.ts'
import { FrameParser, type FrameRules } from './frame-parser.ts'
import { RSV1 } from './permessage-deflate.ts'

const client: FrameRules = { role: 'client', maxPayloadBytes: 70_000 }

const judged: [header: string, codes: FrameErrorCode[], opcodeOfMended: number | undefined][] = [
  ['8105', [], 1],
  ['f100', ['reserved-bits'], 1],
  ['c900', ['reserved-bits'], 9],
  ['8300', ['reserved-opcode'], 0],
  ['8f00', ['reserved-opcode'], 8],
  ['0900', ['fragmented-control'], 9],
  ['897e0001', ['long-control', 'length-not-minimal'], 0],
  ['818000000000', ['mask-forbidden'], 1],
  ['817e0001', ['length-not-minimal'], 1],
  ['817f0000000000000001', ['length-not-minimal'], 1],
  ['817f0000000100000000', ['too-large'], 1],
  ['817f0020000000000000', ['too-large'], undefined],
  ['817f8000000000000000', ['length-top-bit'], undefined],
  [
    '7fff800000000000000000000000',
    [
      'reserved-bits',
      'reserved-opcode',
      'fragmented-control',
      'long-control',
      'mask-forbidden',
      'length-top-bit',
    ],
    undefined,
  ],
  [
    '7ffe000100000000',
    [
      'reserved-bits',
      'reserved-opcode',
      'fragmented-control',
      'long-control',
      'mask-forbidden',
      'length-not-minimal',
    ],
    0,
  ],
]

for (const [header, codes, opcode] of judged) {
  test(`the header ${header}: ${codes.join(', ') || 'nothing is wrong'}`, () => {
    const bytes = hex(header)
    const { errors, parser } = judgeHeader(bytes, client, 0)
    assert.deepEqual(
      errors.map(({ code }) => code),
      codes,
    )
    assert.equal(parser?.opcode, opcode)
    if (parser !== undefined) assert.equal(parser.payloadLength, declaredPayloadLength(bytes))
    assert.deepEqual(bytes, hex(header), 'the header is left as it was')
    assert.equal(declaredHeaderLength(bytes[1]!), bytes.length)
  })
}

test('what a client does not mask is read by a server all the same', () => {
  const { errors, parser } = judgeHeader(hex('8105'), { ...client, role: 'server' }, 0)
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['mask-missing'],
  )
  assert.equal(parser?.payloadLength, 5)
})

test('RFC 7692 §6: the bit that an extension has taken is right where a message begins', () => {
  const codes = (header: string): string[] =>
    judgeHeader(hex(header), client, RSV1).errors.map(({ code }) => code)
  assert.deepEqual(codes('c100'), [])
  assert.deepEqual(codes('c000'), ['reserved-bits'])
  assert.deepEqual(codes('e100'), ['reserved-bits'])
})

test('an error that is no verdict on the header passes through', (context) => {
  context.mock.method(FrameParser.prototype, 'readHeader', () => {
    throw new RangeError('out of memory')
  })
  assert.throws(() => judgeHeader(hex('8100'), client, 0), RangeError)
})
