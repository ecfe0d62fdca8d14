import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LISTINGS } from './listing.ts'
import { minuteOf } from './minute.ts'
import { changeOf, formatChange, formatPrice, isPrice, quoteOf, wayOf } from './quote.ts'

test('what is no price is not taken for one', () => {
  const strange = [
    [1, 2],
    [0, 1, 1],
    [1, 0, 1],
    [1.5, 1, 1],
    ['1', 1, 1],
    [-1, 1, 1],
    [1, 1, 2 ** 60],
    undefined,
  ]
  for (const data of strange) assert.equal(quoteOf(data), undefined)
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      assert.ok(quoteOf(data)?.every(isPrice) ?? true)
      assert.deepEqual(minuteOf([{ offset: 1, data }]), [])
    }),
  )
})

test('a minute is the seconds that came in the order of the log; what is none is passed over', () => {
  const second = (price: number): number[] => LISTINGS.map(() => price)
  const came = [
    { offset: 9, data: second(3) },
    { offset: 7, data: second(1) },
    { offset: 8, data: second(0) },
    { offset: 10, data: second(4).slice(1) },
    { offset: 6, data: second(2) },
  ]
  assert.deepEqual(
    minuteOf(came).map(([price]) => price),
    [2, 1, 3],
  )
})

test('prices and changes are written with their sign', () => {
  assert.deepEqual([5, 123_456, 100, 1_234_500].map(formatPrice), ['0.05', '1,234.56', '1.00', '12,345.00'])
  assert.deepEqual([-5, 0, 1_240].map(formatChange), ['−0.05 %', '0.00 %', '+12.40 %'])
  assert.deepEqual([-1, 0, 1].map(wayOf), ['down', 'level', 'up'])
  assert.equal(changeOf([99, 100, 1]), -100)
})
