import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HIGHEST_CENTS } from '../../../examples/auction/lot.ts'
import { formatCents } from '../../../examples/auction/own-bid.ts'
import { parseCents } from './amount.ts'

test('what is written is read as the same amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: HIGHEST_CENTS }), (cents) => {
      assert.equal(parseCents(formatCents(cents)), cents)
    }),
  )
  assert.deepEqual(
    ['450', ' $1,250.5 ', '1250.50', '0.29', '$ 7'].map(parseCents),
    [45_000, 125_050, 125_050, 29, 700],
  )
})

test('what is no amount is none', () => {
  for (const text of [
    '',
    '-5',
    '1e3',
    'NaN',
    'Infinity',
    '0x10',
    '1.234',
    '12,34',
    '1,2345',
    '١٢',
    '5 5',
    '9'.repeat(20),
  ])
    assert.equal(parseCents(text), undefined, text)
})
