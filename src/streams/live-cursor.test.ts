import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { liveCursor } from './live-cursor.ts'

const START = Date.UTC(2024, 9, 9)

test('it is the number of 20-second intervals since 9 October 2024', () => {
  assert.equal(liveCursor(START, 0, undefined), '0')
  assert.equal(liveCursor(START + 19_999, 0, undefined), '0')
  assert.equal(liveCursor(START + 20_000, 0, undefined), '1')
  assert.equal(liveCursor(START - 1, 0, undefined), '0')
})

test('a client that has had it already is given a greater one, at most an hour on', () => {
  const now = START + 1_000 * 20_000
  assert.equal(liveCursor(now, 0, '999'), '1000')
  assert.equal(liveCursor(now, 0, '1000'), '1001')
  assert.equal(liveCursor(now, 0.999_999, '1000'), '1180')
  assert.equal(liveCursor(now, 0, '5000'), '5001')
})

test('it is always greater than what is echoed, as long as that is a number', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(),
      (elapsed, random, echoed) => {
        assert.ok(Number(liveCursor(START + elapsed, random, String(echoed))) > echoed)
      },
    ),
  )
})

test('what spells no number is taken for none', () => {
  for (const echoed of ['', '-1', '1e9', '9'.repeat(16), ' 7', '__proto__']) {
    assert.equal(liveCursor(START, 0, echoed), '0', echoed)
  }
})
