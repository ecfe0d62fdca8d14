import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hex, toHex } from './drive.test.ts'
import { skipAscii, UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from './utf8.ts'

const validate = (bytes: Uint8Array): number => validateUtf8(bytes, 0, bytes.length, UTF8_BOUNDARY)

/** The number of bytes after which it is known to be bad, or 0 if it is not. */
function badAfter(bytes: Uint8Array): number {
  for (let length = 1; length <= bytes.length; length++) {
    if (validate(bytes.subarray(0, length)) === UTF8_INVALID) return length
  }
  return 0
}

const cases: [bytes: string, badAfter: number, name: string][] = [
  ['48656c6c6f', 0, 'ASCII'],
  ['ceba', 0, 'two bytes'],
  ['e0a080 ed9fbf ee8080 efbfbf', 0, 'the bounds of three bytes'],
  ['f0908080 f48fbfbf', 0, 'the bounds of four bytes'],
  ['80', 1, 'a continuation that continues nothing'],
  ['c0', 1, 'an overlong two'],
  ['c1', 1, 'an overlong two'],
  ['c27f', 2, 'a two cut short'],
  ['c2c0', 2, 'a lead instead of a continuation'],
  ['e09f', 2, 'an overlong three'],
  ['eda0', 2, 'a surrogate'],
  ['e1807f', 3, 'a three cut short'],
  ['f08f', 2, 'an overlong four'],
  ['f490', 2, 'above U+10FFFF'],
  ['f1808041', 4, 'a four cut short'],
  ['f5', 1, 'a lead above U+13FFFF'],
  ['ff', 1, 'no lead at all'],
  ['cebae1bdb9cf83cebcceb5 eda080 656469746564', 13, 'a surrogate in a Greek word'],
]

for (const [bytes, expected, name] of cases) {
  test(`${name} (${bytes}) is bad after ${expected} bytes`, () =>
    assert.equal(badAfter(hex(bytes)), expected))
}

test('every code point but the surrogates is valid, whole and in pieces', () => {
  for (let point = 0; point <= 0x10ffff; point += point < 0x1000 ? 1 : 61) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const bytes = new TextEncoder().encode(String.fromCodePoint(point))
    assert.equal(validate(bytes), UTF8_BOUNDARY, toHex(bytes))
    let state = UTF8_BOUNDARY
    for (const byte of bytes) state = validateUtf8(Uint8Array.of(byte), 0, 1, state)
    assert.equal(state, UTF8_BOUNDARY, toHex(bytes))
  }
})

test('any bytes are judged as the platform judges them', () => {
  const nearText = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(30), fc.integer({ min: 0, max: 255 }))
      .map(([text, at, byte]) => {
        const bytes = new TextEncoder().encode(text)
        if (at < bytes.length) bytes[at] = byte
        return bytes
      }),
  )
  fc.assert(
    fc.property(nearText, (bytes) => assert.equal(validate(bytes) === UTF8_BOUNDARY, isUtf8(bytes))),
    { numRuns: 2000 },
  )
})

test('skipping ASCII stops at the first other byte or at the end', () => {
  for (let length = 0; length < 11; length++) {
    for (let at = 0; at <= length; at++) {
      const bytes = new Uint8Array(length + 1).fill(0x41)
      bytes[at] = 0xc3
      assert.equal(skipAscii(bytes, 0, length), Math.min(at, length))
    }
  }
})
