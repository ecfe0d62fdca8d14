// Event streams, each also split at every byte: all line ends, comments, several data lines, the byte order mark.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SseParser } from './sse-parser.ts'

const parse = (chunks: readonly Uint8Array[]): string[] => {
  const events: string[] = []
  const parser = new SseParser((data) => events.push(data))
  for (const chunk of chunks) parser.push(chunk)
  return events
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const CASES: readonly [name: string, stream: string, events: readonly string[]][] = [
  ['an event', 'data: {"a":1}\n\n', ['{"a":1}']],
  ['without a space after the colon', 'data:x\n\n', ['x']],
  ['one space is taken off, not two', 'data:  x\n\n', [' x']],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['mixed line ends', 'data: a\r\n\ndata: b\n\r\ndata: c\r\n\r', ['a', 'b', 'c']],
  ['several data lines are one event', 'data: a\ndata: b\ndata\n\n', ['a\nb\n']],
  [
    'comments and other fields are nothing',
    ': ping\n\nid: 7\nevent: x\nretry: 5\ndatax: no\ndata: a\n\n',
    ['a'],
  ],
  ['a byte order mark at the start only', '\uFEFFdata: \uFEFFa\n\n', ['\uFEFFa']],
  ['beyond ASCII', 'data: é € 😀\n\n', ['é € 😀']],
  ['line separators of Unicode are no line ends', 'data: a\u2028b\u2029c\n\n', ['a\u2028b\u2029c']],
  ['an empty event', 'data\n\n', ['']],
  ['an event that does not end is not given', 'data: a\n\ndata: b\n', ['a']],
]

for (const [name, stream, events] of CASES) {
  test(`${name}, whole and split at every byte`, () => {
    const whole = bytes(stream)
    assert.deepEqual(parse([whole]), events)
    for (let at = 0; at <= whole.length; at++) {
      assert.deepEqual(parse([whole.subarray(0, at), whole.subarray(at)]), events, `split at ${at}`)
    }
    assert.deepEqual(parse([...whole].map((byte) => Uint8Array.of(byte))), events, 'byte by byte')
  })
}

test('any events, any line ends, split anywhere', () => {
  const lines = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 1, maxLength: 3 })
  const arbitrary = fc.array(fc.record({ lines, end: fc.constantFrom('\n', '\r\n', '\r') }), { maxLength: 6 })
  fc.assert(
    fc.property(arbitrary, fc.array(fc.nat(), { maxLength: 6 }), (events, cuts) => {
      const clean = events.map((event) => ({
        ...event,
        // A lone surrogate does not survive UTF-8, and a line end ends the line.
        lines: event.lines.map((line) => line.toWellFormed().replaceAll(/[\r\n]/g, '')),
      }))
      const text = clean
        .map(({ lines: all, end }) => all.map((line) => `data: ${line}${end}`).join('') + end)
        .join('')
      const whole = bytes(text)
      const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b)
      const chunks = ends.map((end, i) => whole.subarray(i === 0 ? 0 : ends[i - 1], end))
      assert.deepEqual(
        parse(chunks),
        clean.map(({ lines: all }) => all.join('\n')),
      )
    }),
  )
})

test('an event without an end is given up', () => {
  const parser = new SseParser(() => assert.fail('no event is complete'))
  const chunk = bytes(`data: ${'x'.repeat(1024 * 1024)}`)
  assert.throws(() => {
    for (let i = 0; i < 5; i++) parser.push(chunk)
  }, RangeError)
})
