import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentOf, LEAST_BYTES, readContent } from './content.ts'
import { DeliveryCheck } from './delivery-check.ts'

test('what is missing, and what comes again, is counted', () => {
  const check = new DeliveryCheck()
  for (const n of [1, 2, 4, 2, 6]) check.take(n)
  assert.deepEqual([check.delivered, check.lost, check.duplicated], [4, 2, 1])
  assert.equal(check.take(3), true)
  assert.deepEqual([check.delivered, check.lost, check.duplicated], [5, 1, 1])
})

test('content is as many bytes as were asked for, and anything else is no content', () => {
  for (const bytes of [LEAST_BYTES, 128, 4_096])
    for (const n of [1, 999, 1_000_000])
      assert.equal(JSON.stringify(contentOf(n, 1_764_000_000_000_000, bytes)).length, bytes)
  for (const data of [
    null,
    'n',
    7,
    {},
    { n: 0, at: 1, fill: '' },
    { n: 1.5, at: 1, fill: '' },
    { n: 1, at: NaN, fill: '' },
    { n: 1, at: 1 },
  ])
    assert.equal(readContent(data), undefined)
})
