import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everySplit, hex, masked, toHex } from './drive.test.ts'
import { FrameError, type FrameErrorCode } from './errors.ts'
import { FrameParser, type FrameRules } from './frame-parser.ts'

interface Frame {
  first: string
  payload: string
}

/** All frames in the chunks, or the error that ends them. */
function parse(rules: FrameRules, chunks: Uint8Array[]): (Frame | FrameErrorCode)[] {
  const parser = new FrameParser(rules)
  const frames: (Frame | FrameErrorCode)[] = []
  let payload = ''
  try {
    for (const chunk of chunks) {
      parser.feed(chunk.slice())
      for (;;) {
        if (!parser.inFrame && !parser.readHeader()) break
        const complete = parser.readPayload()
        payload += toHex(parser.bytes.subarray(parser.pieceStart, parser.pieceEnd))
        if (!complete) break
        const { fin, rsv, opcode } = parser
        frames.push({ first: toHex(Uint8Array.of((fin ? 0x80 : 0) | rsv | opcode)), payload })
        payload = ''
      }
      parser.release()
    }
  } catch (error) {
    assert(error instanceof FrameError)
    frames.push(error.code)
  }
  return frames
}

const client: FrameRules = { role: 'client', maxPayloadBytes: 70_000 }
const server: FrameRules = { role: 'server', maxPayloadBytes: 70_000 }

/** Split everywhere, read by a client, and, masked with nothing, by a server. */
function parses(bytes: string, expected: (Frame | FrameErrorCode)[]): void {
  for (const chunks of everySplit(hex(bytes))) assert.deepEqual(parse(client, chunks), expected)
  for (const chunks of everySplit(hex(masked(bytes)))) assert.deepEqual(parse(server, chunks), expected)
}

test('§5.7: "Hello", masked and not', () => {
  parses('810548656c6c6f', [{ first: '81', payload: '48656c6c6f' }])
  for (const chunks of everySplit(hex('818537fa213d7f9f4d5158'))) {
    assert.deepEqual(parse(server, chunks), [{ first: '81', payload: '48656c6c6f' }])
  }
})

test('every length form, and frames behind each other', () => {
  parses('8200', [{ first: '82', payload: '' }])
  parses('827e007e' + 'ab'.repeat(126), [{ first: '82', payload: 'ab'.repeat(126) }])
  const long = hex('827f0000000000010000' + 'cd'.repeat(65_536) + '8900' + '000101')
  const expected = [
    { first: '82', payload: 'cd'.repeat(65_536) },
    { first: '89', payload: '' },
    { first: '00', payload: '01' },
  ]
  for (const at of [1, 2, 9, 10, 11, 40_000, 65_545, 65_546, 65_547, 65_549]) {
    assert.deepEqual(parse(client, [long.subarray(0, at), long.subarray(at)]), expected)
  }
})

const refused: [bytes: string, code: FrameErrorCode][] = [
  ['c100', 'reserved-bits'],
  ['a100', 'reserved-bits'],
  ['9100', 'reserved-bits'],
  ['f100', 'reserved-bits'],
  ...['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f'].map((first): [string, FrameErrorCode] => [
    first + '00',
    'reserved-opcode',
  ]),
  ['0800', 'fragmented-control'],
  ['0900', 'fragmented-control'],
  ['0a00', 'fragmented-control'],
  ['887e007e', 'long-control'],
  ['897e0001', 'long-control'],
  ['8a7f0000000000010000', 'long-control'],
  ['827e0000', 'length-not-minimal'],
  ['827e007d', 'length-not-minimal'],
  ['827f0000000000000005', 'length-not-minimal'],
  ['827f000000000000ffff', 'length-not-minimal'],
  ['827f8000000000000000', 'length-top-bit'],
  ['827fffffffffffffffff', 'length-top-bit'],
  ['827f0000000000011171', 'too-large'],
  ['827f0000000080000000', 'too-large'],
  ['827f0000000100000005', 'too-large'],
  ['827f0020000000000000', 'too-large'],
  ['827f7fffffffffffffff', 'too-large'],
]

for (const [bytes, code] of refused) {
  test(`§5.2: ${bytes} is refused: ${code}`, () => parses(bytes, [code]))
}

test('the largest payload that is allowed is allowed', () => {
  const [frame] = parse({ ...client, maxPayloadBytes: 3 }, [hex('8203010203')])
  assert.deepEqual(frame, { first: '82', payload: '010203' })
  assert.deepEqual(parse({ ...client, maxPayloadBytes: 2 }, [hex('8203010203')]), ['too-large'])
})

test('§5.1: a client masks, a server does not', () => {
  for (const chunks of everySplit(hex('810161'))) assert.deepEqual(parse(server, chunks), ['mask-missing'])
  for (const chunks of everySplit(hex('81810000000061')))
    assert.deepEqual(parse(client, chunks), ['mask-forbidden'])
})

test('RFC 7692 §6: a bit that an extension has taken stands on the first frame of a message alone', () => {
  const first = (bytes: string): unknown => {
    const parser = new FrameParser(client, 0x40)
    parser.feed(hex(bytes))
    try {
      parser.readHeader()
      return parser.rsv
    } catch (error) {
      return (error as FrameError).code
    }
  }
  for (const allowed of ['c100', 'c200', '4100', '4200']) assert.equal(first(allowed), 0x40)
  for (const forbidden of ['c000', '4000', 'c800', 'c900', 'ca00', 'e100', 'd100', 'a100', 'f100'])
    assert.equal(first(forbidden), 'reserved-bits')
})

test('a released chunk is no longer held', () => {
  const parser = new FrameParser(client)
  const chunk = hex('8100')
  parser.feed(chunk)
  assert.equal(parser.bytes, chunk)
  parser.release()
  assert.equal(parser.bytes.length, 0)
})
