// Full jitter: anything up to a bound that doubles, and never more than the largest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

const BOUNDS = { minMs: 100, maxMs: 1_000 }

test('the bound doubles up to the largest, and starts again after a reset', () => {
  const backoff = new Backoff(BOUNDS, { random: () => 1 })
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map(() => backoff.next()),
    [100, 200, 400, 800, 1_000, 1_000],
  )
  backoff.reset()
  assert.equal(backoff.next(), 100)
})

test('the wait is anything from nothing to the bound', () => {
  const values = [0, 0.5]
  const backoff = new Backoff(BOUNDS, { random: () => values.shift() as number })
  assert.deepEqual([backoff.next(), backoff.next()], [0, 100])
})

test('after very many attempts it is still the largest', () => {
  const backoff = new Backoff(BOUNDS, { random: () => 1 })
  for (let i = 0; i < 2_000; i++) backoff.next()
  assert.equal(backoff.next(), 1_000)
})
