import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Ledger, type Producer } from './producer.ts'

const producer = (seq: number, epoch = 0, fields: Partial<Producer> = {}): Producer => ({
  id: 'p',
  epoch,
  seq,
  ...fields,
})
const at = (offset: number) => ({ first: offset, last: offset })

/** A ledger that has accepted sequences 0 to last of epoch 0, at offsets 1 and up. */
const accepted = (last: number, ledger: Ledger = new Ledger()): Ledger => {
  for (let seq = 0; seq <= last; seq++) ledger.accept(producer(seq), at(seq + 1), 0)
  return ledger
}

test('an unknown producer starts at 0, and only with what was never sent before', () => {
  const ledger = new Ledger()
  assert.deepEqual(ledger.check(producer(0)), { kind: 'fresh' })
  assert.deepEqual(ledger.check(producer(0, 7)), { kind: 'fresh' })
  assert.deepEqual(ledger.check(producer(1)), { kind: 'unknown' })
  assert.deepEqual(ledger.check(producer(0, 0, { again: true })), { kind: 'unknown' })
  assert.equal(ledger.size, 0)
})

test('a known producer goes on at the next sequence, sent again or not', () => {
  const ledger = accepted(1)
  assert.deepEqual(ledger.check(producer(2)), { kind: 'fresh' })
  assert.deepEqual(ledger.check(producer(2, 0, { again: true })), { kind: 'fresh' })
  assert.deepEqual(ledger.check(producer(3)), { kind: 'hole', expected: 2 })
})

test('the same sequence again has its first result, as long as that is kept', () => {
  const ledger = accepted(3, new Ledger({ resultsKept: 2 }))
  assert.deepEqual(ledger.check(producer(3)), { kind: 'duplicate', result: at(4), last: 3 })
  assert.deepEqual(ledger.check(producer(2, 0, { again: true })), {
    kind: 'duplicate',
    result: at(3),
    last: 3,
  })
  assert.deepEqual(ledger.check(producer(1)), { kind: 'duplicate', result: undefined, last: 3 })
})

test('checking changes nothing', () => {
  const ledger = accepted(0)
  ledger.check(producer(1))
  ledger.check(producer(0, 1))
  assert.deepEqual(ledger.check(producer(2)), { kind: 'hole', expected: 1 })
  assert.deepEqual(ledger.check(producer(1)), { kind: 'fresh' })
})

test('a later epoch starts at 0 and fences the earlier one', () => {
  const ledger = accepted(4)
  assert.deepEqual(ledger.check(producer(5, 2)), { kind: 'hole', expected: 0 })
  assert.deepEqual(ledger.check(producer(0, 2)), { kind: 'fresh' })
  ledger.accept(producer(0, 2), at(9), 0)
  assert.deepEqual(ledger.check(producer(5)), { kind: 'fenced', epoch: 2 })
  assert.deepEqual(ledger.check(producer(0, 2)), { kind: 'duplicate', result: at(9), last: 0 })
  assert.deepEqual(ledger.check(producer(1, 2)), { kind: 'fresh' })
})

test('a fence closes an epoch, says what was accepted in it, and says it again', () => {
  const ledger = accepted(4)
  const fenced = { known: true, last: 4, epoch: 1 }
  assert.deepEqual(ledger.fence('p', 0, 0), fenced)
  assert.deepEqual(ledger.fence('p', 0, 0), fenced)
  assert.deepEqual(ledger.check(producer(5)), { kind: 'fenced', epoch: 1 })
  assert.deepEqual(ledger.check(producer(4)), { kind: 'fenced', epoch: 1 })
  ledger.accept(producer(0, 1), at(6), 0)
  assert.deepEqual(ledger.fence('p', 0, 0), fenced)
  assert.deepEqual(ledger.check(producer(1, 1)), { kind: 'fresh' })
})

test('a fence of an unknown producer says so, and holds', () => {
  const ledger = new Ledger()
  const fenced = { known: false, last: -1, epoch: 4 }
  assert.deepEqual(ledger.fence('p', 3, 0), fenced)
  assert.deepEqual(ledger.fence('p', 3, 0), fenced)
  assert.deepEqual(ledger.check(producer(0, 3)), { kind: 'fenced', epoch: 4 })
  assert.deepEqual(ledger.check(producer(0, 4, { again: true })), { kind: 'fresh' })
})

test('a fence of a later epoch finds it empty; one of an epoch long past knows nothing of it', () => {
  const ledger = accepted(4)
  assert.deepEqual(ledger.fence('p', 2, 0), { known: true, last: -1, epoch: 3 })
  assert.deepEqual(ledger.fence('p', 0, 0), { known: false, last: -1, epoch: 3 })
  assert.deepEqual(ledger.fence('p', 3, 0), { known: true, last: -1, epoch: 4 })
})

test('a fence that comes after a later epoch has begun still knows what the one before had accepted', () => {
  const ledger = accepted(4)
  ledger.accept(producer(0, 1), at(6), 0)
  assert.deepEqual(ledger.fence('p', 0, 0), { known: true, last: 4, epoch: 1 })
  assert.deepEqual(ledger.check(producer(1, 1)), { kind: 'fresh' })
})

test('a producer is forgotten after its time, but not before what it has published', () => {
  const ledger = new Ledger({ keepMs: 100 })
  ledger.accept(producer(0), at(1), 10)
  ledger.sweep(109, Infinity)
  assert.equal(ledger.size, 1)
  ledger.sweep(110, 10)
  assert.equal(ledger.size, 1, 'an entry of its time is still held')
  ledger.sweep(110, 11)
  assert.equal(ledger.size, 0)
  assert.deepEqual(ledger.check(producer(1)), { kind: 'unknown' })
})

test('by default a producer is remembered for a day', () => {
  const ledger = accepted(0)
  ledger.sweep(86_399_999, Infinity)
  assert.equal(ledger.size, 1)
  ledger.fence('p', 0, 1_000)
  ledger.sweep(86_400_000, Infinity)
  assert.equal(ledger.size, 1, 'a fence is a sign of life')
  ledger.sweep(86_401_000, Infinity)
  assert.equal(ledger.size, 0)
})

test('a sweep finds the silent among the loud, whatever order they spoke in', () => {
  const ledger = new Ledger({ keepMs: 100 })
  for (const [id, ms] of [
    ['a', 0],
    ['b', 1],
    ['a', 60],
    ['c', 70],
  ] as const) {
    const { epoch } = ledger.fence(id, 0, ms)
    assert.equal(epoch, 1)
  }
  ledger.sweep(150, Infinity)
  assert.equal(ledger.size, 2)
  assert.equal(ledger.check({ id: 'b', epoch: 0, seq: 1 }).kind, 'unknown')
})

test('beyond their number the producers that have been silent longest are forgotten', () => {
  const ledger = new Ledger({ maxProducers: 2 })
  for (const id of ['a', 'b', 'a', 'c']) ledger.fence(id, 0, 0)
  assert.equal(ledger.size, 2)
  assert.equal(ledger.check({ id: 'b', epoch: 0, seq: 1 }).kind, 'unknown')
  assert.equal(ledger.check({ id: 'a', epoch: 0, seq: 1 }).kind, 'fenced')
})

test('producers may be called anything, and do not know of each other', () => {
  const ledger = accepted(3)
  for (const id of ['__proto__', 'constructor', 'toString']) {
    assert.deepEqual(ledger.check({ id, epoch: 0, seq: 0 }), { kind: 'fresh' })
    assert.deepEqual(ledger.check({ id, epoch: 0, seq: 4 }), { kind: 'unknown' })
  }
})

test('whatever arrives, in whatever order and how often: each sequence is accepted once, in order', () => {
  const arrivals = fc.array(
    fc.record({ epoch: fc.nat(2), seq: fc.nat(5), again: fc.boolean(), fence: fc.nat(9) }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(arrivals, (all) => {
      const ledger = new Ledger({ resultsKept: 100 })
      const log: { epoch: number; seq: number }[] = []
      for (const { epoch, seq, again, fence } of all) {
        if (fence === 0) {
          const fenced = ledger.fence('p', epoch, 0)
          assert.ok(fenced.epoch > epoch)
          assert.deepEqual(ledger.fence('p', epoch, 0), fenced)
          if (fenced.known) {
            const last = Math.max(-1, ...log.filter((each) => each.epoch === epoch).map((each) => each.seq))
            assert.equal(fenced.last, last)
          }
          continue
        }
        const verdict = ledger.check(producer(seq, epoch, { again }))
        const before = log.findIndex((each) => each.epoch === epoch && each.seq === seq)
        if (verdict.kind === 'fresh') {
          assert.equal(before, -1, 'accepted twice')
          log.push({ epoch, seq })
          ledger.accept(producer(seq, epoch), at(log.length), 0)
        } else if (verdict.kind === 'duplicate') {
          assert.deepEqual(verdict.result, at(before + 1))
        }
      }
      const sorted = [...log].sort((a, b) => a.epoch - b.epoch || a.seq - b.seq)
      assert.deepEqual(log, sorted)
    }),
    { numRuns: 1_000 },
  )
})
