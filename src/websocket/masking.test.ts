import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hex, toHex } from './drive.test.ts'
import { applyMask, rotateKey } from './masking.ts'

test('RFC 6455 §5.7: the masked "Hello"', () => {
  const bytes = hex('7f9f4d5158')
  assert.equal(applyMask(bytes, 0, 5, 0x37fa213d), true)
  assert.equal(toHex(bytes), toHex(new TextEncoder().encode('Hello')))
})

const anyMasking = fc.record({
  payload: fc.uint8Array({ maxLength: 300 }),
  before: fc.integer({ min: 0, max: 9 }),
  key: fc.integer(),
})

test('any payload, at any alignment, is what byte by byte gives, and its surroundings stay', () => {
  fc.assert(
    fc.property(anyMasking, ({ payload, before, key }) => {
      const keyBytes = new Uint8Array(4)
      new DataView(keyBytes.buffer).setInt32(0, key)
      const expected = payload.map((byte, index) => byte ^ keyBytes[index & 3]!)
      const bytes = new Uint8Array(before + payload.length + 3).fill(7)
      bytes.set(payload, before)
      const ascii = applyMask(bytes, before, before + payload.length, key)
      assert.deepEqual(bytes.subarray(before, before + payload.length), expected)
      assert.deepEqual(bytes.subarray(0, before), new Uint8Array(before).fill(7))
      assert.deepEqual(bytes.subarray(before + payload.length), new Uint8Array(3).fill(7))
      assert.equal(
        ascii,
        expected.every((byte) => byte < 0x80),
      )
    }),
  )
})

test('one byte above ASCII is noticed wherever it stands', () => {
  for (const length of [1, 47, 48, 49, 50, 51, 100]) {
    for (let at = 0; at < length; at++) {
      const bytes = new Uint8Array(length).fill(0x41)
      assert.equal(applyMask(bytes.slice(), 0, length, 0), true)
      bytes[at] = 0x80
      assert.equal(applyMask(bytes, 0, length, 0), false, `${at} of ${length}`)
    }
  }
})

test('a rotated key continues where a piece ended', () => {
  fc.assert(
    fc.property(anyMasking, fc.nat(300), ({ payload, key }, cut) => {
      const at = Math.min(cut, payload.length)
      const whole = payload.slice()
      applyMask(whole, 0, whole.length, key)
      const pieces = payload.slice()
      applyMask(pieces, 0, at, key)
      applyMask(pieces, at, pieces.length, rotateKey(key, at))
      assert.deepEqual(pieces, whole)
    }),
  )
})
