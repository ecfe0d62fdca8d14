import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from './histogram.ts'

test('percentiles are within a bucket of those of the sorted times', () => {
  const times = fc.array(fc.integer({ min: 20, max: 60_000_000 }), { minLength: 1, maxLength: 500 })
  fc.assert(
    fc.property(times, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (times, share) => {
      const histogram = new Histogram()
      for (const each of times) histogram.add(each)
      const sorted = times.toSorted((a, b) => a - b)
      const exact = (sorted[Math.ceil(share * sorted.length) - 1] as number) / 1_000
      const said = histogram.at(share) as number
      assert.ok(Math.abs(said / exact - 1) < 0.03, `${said} for ${exact}`)
    }),
  )
})

test('it is made again from its counts, and an empty one has no percentiles', () => {
  const histogram = new Histogram()
  assert.deepEqual(histogram.percentiles(), { p50: null, p99: null })
  for (const micros of [0, 5, 100, 1_000, -3]) histogram.add(micros)
  const again = new Histogram(JSON.parse(JSON.stringify(histogram)) as number[])
  assert.equal(again.total, 5)
  assert.deepEqual(again.percentiles(), histogram.percentiles())
})
