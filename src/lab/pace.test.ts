import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowMicros } from './machine-clock.ts'
import { PaceKeeper } from './pace.ts'

test('a schedule that is behind is caught up with, in turns, and ends where it should', async () => {
  const done = Promise.withResolvers<void>()
  const numbers: number[] = []
  const keeper = new PaceKeeper((n) => {
    numbers.push(n)
    if (n === 500) done.resolve()
  })
  // Half a second late at the beginning.
  keeper.keep({ perSecond: 900, payloadBytes: 100, startMicros: nowMicros() - 500_000, until: 500 })
  assert.equal(numbers.length, 200)
  await done.promise
  assert.deepEqual(
    numbers,
    Array.from({ length: 500 }, (_, at) => at + 1),
  )
})

test('a new pace goes on counting, and never goes back', async () => {
  const done = Promise.withResolvers<void>()
  const seen: string[] = []
  const keeper = new PaceKeeper((n, { payloadBytes }) => {
    seen.push(`${n}:${payloadBytes}`)
    if (n === 5) done.resolve()
  })
  const past = nowMicros() - 1e6
  keeper.keep({ perSecond: 1_000, payloadBytes: 50, startMicros: past, until: 3 })
  keeper.keep({ perSecond: 1_000, payloadBytes: 60, startMicros: past, until: 3 })
  keeper.keep({ perSecond: 1_000, payloadBytes: 60, startMicros: nowMicros(), until: 5 })
  await done.promise
  assert.deepEqual(seen, ['1:50', '2:50', '3:50', '4:60', '5:60'])
})
