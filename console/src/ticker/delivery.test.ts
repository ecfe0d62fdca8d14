import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Delivery } from './delivery.ts'

const SYMBOLS = ['SPX', 'AAPL', 'AMZN', 'GOOG', 'IBM']

test('whatever a log holds and however it is read, the three numbers add up', () => {
  const log = fc.array(fc.constantFrom(...SYMBOLS), { minLength: 1 })
  const polls = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 })
  fc.assert(
    fc.property(log, polls, (log, polls) => {
      const delivery = new Delivery()
      let at = 0
      for (let poll = 0; at < log.length; poll++) {
        // What a conflating reader is sent of this stretch: the last of each key in it.
        const upTo = Math.min(log.length, at + (polls[poll % polls.length] as number))
        for (let index = at; index < upTo; index++) {
          const key = log[index] as string
          if (!log.slice(index + 1, upTo).includes(key)) delivery.take({ key, offset: index + 1 })
        }
        at = upTo
        const { published, delivered, superseded } = delivery.counts
        assert.equal(published, delivered + superseded)
        assert.ok(superseded >= 0 && published <= at)
      }
    }),
  )
})

test('a log that began anew is counted anew', () => {
  const delivery = new Delivery()
  for (const offset of [5, 9, 12]) delivery.take({ key: 'SPX', offset })
  assert.deepEqual(delivery.counts, { published: 7, delivered: 2, superseded: 5 })
  delivery.clear()
  assert.equal(delivery.counts.published, 0)
  delivery.take({ key: 'SPX', offset: 1 })
  assert.deepEqual(delivery.counts, { published: 0, delivered: 0, superseded: 0 })
})
