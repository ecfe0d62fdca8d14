// The estimate is never further off than half the best round trip.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClockOffset } from './clock-offset.ts'

test('without an answer the clocks are taken to agree', () => {
  assert.equal(new ClockOffset().offsetMs, 0)
})

test('the answer that came back fastest counts, and old ones are let go of', () => {
  const clock = new ClockOffset()
  clock.sample(1_000, 6_010, 1_020)
  assert.equal(clock.offsetMs, 5_000)
  clock.sample(2_000, 9_999, 2_500)
  assert.equal(clock.offsetMs, 5_000)
  for (let i = 0; i < 8; i++) clock.sample(3_000, 9_050, 3_100)
  assert.equal(clock.offsetMs, 6_000)
})

test('it is wrong by half the smallest round trip at most', () => {
  const trips = fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(trips, fc.integer({ min: -100_000, max: 100_000 }), (delays, offset) => {
      const clock = new ClockOffset()
      let now = 1_000_000
      for (const [there, back] of delays) {
        clock.sample(now, now + there + offset, now + there + back)
        now += 10_000
      }
      const best = Math.min(...delays.map(([there, back]) => there + back))
      assert.ok(Math.abs(clock.offsetMs - offset) <= best / 2)
    }),
  )
})
