import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeEntries, joinEntries } from './json-entries.ts'

const malformed = { name: 'ProtocolError', code: 'malformed' }

test('one level of an outermost array is taken off, and no more', () => {
  assert.deepEqual(decodeEntries('{"a":1}'), ['{"a":1}'])
  assert.deepEqual(decodeEntries('[{"a":1},{"b":2}]'), ['{"a":1}', '{"b":2}'])
  assert.deepEqual(decodeEntries('[[1,2],[3,4]]'), ['[1,2]', '[3,4]'])
  assert.deepEqual(decodeEntries('[[[1,2,3]]]'), ['[[1,2,3]]'])
  assert.deepEqual(decodeEntries('[[],{}]'), ['[]', '{}'])
  for (const scalar of ['1', '-0.5e-7', 'null', 'true', '"a,b"']) {
    assert.deepEqual(decodeEntries(scalar), [scalar])
  }
})

test('an empty array holds no entries', () => {
  assert.deepEqual(decodeEntries('[]'), [])
  assert.deepEqual(decodeEntries(' [ \n ] '), [])
})

test('values keep their spelling, and lose the space between tokens', () => {
  assert.deepEqual(decodeEntries('[ 12345678901234567890 , 1.0 ,\t"a b" ]'), [
    '12345678901234567890',
    '1.0',
    '"a b"',
  ])
  assert.deepEqual(decodeEntries(' {\r\n "k" : [ 1 , "\\" [ ,] " ] }\n'), ['{"k":[1,"\\" [ ,] "]}'])
  assert.deepEqual(decodeEntries('{"__proto__":1,"a":1,"a":2}'), ['{"__proto__":1,"a":1,"a":2}'])
})

test('what is not JSON is refused', () => {
  for (const text of ['', ' ', '[', ']', '[1,]', '{a:1}', "'a'", '[1][2]', 'NaN', '"\n"', '\u00a01']) {
    assert.throws(() => decodeEntries(text), malformed, JSON.stringify(text))
  }
})

test('an entry is nested at most 500 deep; the array around it does not count', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  assert.deepEqual(decodeEntries(nested(501)), [nested(500)])
  assert.deepEqual(decodeEntries(`{"a":${nested(499)}}`), [`{"a":${nested(499)}}`])
  assert.throws(() => decodeEntries(nested(502)), malformed)
  assert.throws(() => decodeEntries(`{"a":${nested(500)}}`), malformed)
  assert.throws(() => decodeEntries(nested(60_000)), malformed)
})

test('whatever JSON it is, in whatever spelling, the entries are its values and hold no line break', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t', '\r\n  '), (value, space) => {
      const entries = decodeEntries(JSON.stringify(value, null, space))
      assert.deepEqual(
        entries.map((entry) => JSON.parse(entry) as unknown),
        JSON.parse(JSON.stringify(Array.isArray(value) ? value : [value])),
      )
      for (const entry of entries) assert.doesNotMatch(entry, /[\r\n]/)
      assert.deepEqual(decodeEntries(joinEntries(entries)), entries)
    }),
    { numRuns: 500 },
  )
})

test('a body of many small values takes time in proportion to its length', () => {
  const entries = decodeEntries(`[${'1,'.repeat(70_000)}1]`)
  assert.equal(entries.length, 70_001)
})
