import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64, encodeBase64 } from './base64.ts'

test('bytes survive, written as everyone writes them', () => {
  const sizes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 8_190, maxLength: 8_200 }),
  )
  fc.assert(
    fc.property(sizes, (bytes) => {
      const text = encodeBase64(bytes)
      assert.equal(text, Buffer.from(bytes).toString('base64'))
      assert.deepEqual(decodeBase64(text), bytes)
    }),
  )
})

test('base64 has one spelling: whatever is read is written the same', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'AQgw+/=9zZ \n-_'), maxLength: 12 })
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = decodeBase64(text)
      if (bytes !== undefined) assert.equal(encodeBase64(bytes), text)
    }),
    { numRuns: 5_000 },
  )
})

for (const text of [
  'A',
  'AA',
  'AAA',
  'AA=',
  '====',
  'A===',
  'AA==\n',
  'A A=',
  '-_==',
  'AA==AAAA',
  'AB==',
  'AAB=',
  'é===',
]) {
  test(`not base64: ${JSON.stringify(text)}`, () => assert.equal(decodeBase64(text), undefined))
}
