import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { everySplit, feed, hex, masked, open, type Heard } from './drive.test.ts'

/** The frames, each masked with nothing, split everywhere. */
function hears(frames: string[], expected: Heard[]): void {
  const bytes = hex(frames.map(masked).join(''))
  for (const chunks of everySplit(bytes)) assert.deepEqual(feed(open(), chunks), expected)
}

test('§5.4: fragments make one message, and control frames may stand between them', () => {
  hears(
    ['0102 4865', '0001 6c', '8901 07', '8a00', '8002 6c6f'],
    [{ ping: '07' }, { pong: '' }, { text: 'Hello' }],
  )
  hears(['0202 0102', '0000', '8001 03', '8201 04'], [{ binary: '010203' }, { binary: '04' }])
  hears(['0100', '8000'], [{ text: '' }])
})

test('§5.4: a continuation without a message, and a message inside another', () => {
  hears(['8001 61'], [{ close: 1002, error: 'unexpected-continuation' }])
  hears(['8100', '0001 61'], [{ text: '' }, { close: 1002, error: 'unexpected-continuation' }])
  hears(['0101 61', '8101 62'], [{ close: 1002, error: 'expected-continuation' }])
  hears(['0101 61', '0201 62'], [{ close: 1002, error: 'expected-continuation' }])
})

test('the number of fragments is bounded, empty ones included', () => {
  hears(['0201 01', '0000', '0000', '8000'], [{ binary: '01' }])
  hears(['0201 01', '0000', '0000', '0000', '8000'], [{ close: 1008, error: 'too-many-fragments' }])
})

test('the size of the whole is bounded, before the fragment that exceeds it arrives', () => {
  const half = '027e01f4' + 'ab'.repeat(500)
  hears([half, '807e01f4' + 'ab'.repeat(500)], [{ binary: 'ab'.repeat(1000) }])
  const chunks = [hex(masked(half)), hex('80fe01f500000000')]
  assert.deepEqual(feed(open(), chunks), [{ close: 1009, error: 'too-large' }])
})

test('§8.1: text is refused at the byte that no UTF-8 text has there', () => {
  const bytes = hex(masked('810a cebae1bdb9cf eda080 20'))
  const connection = open()
  const heard = feed(
    connection,
    Array.from(bytes.subarray(0, 6 + 7), (byte) => Uint8Array.of(byte)),
  )
  assert.deepEqual(heard, [{ close: 1007, error: 'invalid-utf8' }])
  for (const good of [6, 7, 8, 9, 10, 11, 12]) assert.deepEqual(feed(open(), [bytes.subarray(0, good)]), [])
  assert.deepEqual(feed(open(), [bytes.subarray(0, 13)]), [{ close: 1007, error: 'invalid-utf8' }])
})

test('§8.1: a character may be cut by frames, but not by the end of the message', () => {
  hears(['0101 c3', '0000', '8001 a9'], [{ text: 'é' }])
  hears(['0101 c3', '8000'], [{ close: 1007, error: 'invalid-utf8' }])
  hears(['8101 c3'], [{ close: 1007, error: 'invalid-utf8' }])
  hears(['0101 c3', '8001 41'], [{ close: 1007, error: 'invalid-utf8' }])
})

test('memory follows what has arrived, not what is announced, and one byte at a time costs linear time', () => {
  const sizes: number[] = []
  const allocate = (size: number): Uint8Array => {
    sizes.push(size)
    return new Uint8Array(size)
  }
  const connection = open({ allocate, maxPayloadBytes: 1_000_000 })
  const frame = hex('82ff00000000000f424000000000')
  feed(connection, [frame, ...Array.from({ length: 1000 }, () => hex('00'))])
  assert.deepEqual(sizes, [8, 72, 584, 4680])
})

test('a message in many fragments is not copied for each of them', () => {
  const sizes: number[] = []
  const allocate = (size: number): Uint8Array => {
    sizes.push(size)
    return new Uint8Array(size)
  }
  const connection = open({ allocate, maxPayloadBytes: 1_000_000, maxFragments: 1001 })
  const fragments = '020161' + '000162'.repeat(999) + '800163'
  const frames = fragments.match(/.{6}/g)!.map((frame) => hex(masked(frame)))
  assert.equal(feed(connection, frames).length, 1)
  assert.deepEqual(sizes, [8, 72, 584, 4680])
})

test('any text, in any fragments, cut anywhere, arrives', () => {
  const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(400)), (texts, cuts) => {
      const bytes = texts.map((text) => Buffer.from(text))
      const frames = bytes.map((payload, index) => {
        const first = (index === bytes.length - 1 ? 0x80 : 0) | (index === 0 ? 1 : 0)
        return Buffer.concat([Buffer.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload])
      })
      const whole = Buffer.concat(frames)
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length]
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end))
      assert.deepEqual(feed(open(), chunks), [{ text: Buffer.concat(bytes).toString() }])
    }),
  )
})
