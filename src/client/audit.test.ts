// The audit counts what an application was really handed, whatever the gate believed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Audit, type Tally } from './audit.ts'

const audited = (): { tally: Tally; audit: Audit } => {
  const tally = { delivered: 0, lost: 0, duplicated: 0, gaps: 0 }
  const audit = new Audit(tally)
  audit.begin({ epoch: 'a', offset: 0 })
  return { tally, audit }
}
const place = (offset: number, epoch = 'a'): { epoch: string; offset: number } => ({ epoch, offset })

test('a sequence without faults counts none', () => {
  const { tally, audit } = audited()
  for (const offset of [1, 2, 3]) audit.publication(place(offset), offset - 1)
  audit.advance(place(6), 3)
  audit.publication(place(9), 6)
  assert.deepEqual(tally, { delivered: 4, lost: 0, duplicated: 0, gaps: 0 })
})

test('what is left out is lost, what comes again is duplicated', () => {
  const { tally, audit } = audited()
  audit.publication(place(1), 0)
  audit.publication(place(4), 3)
  audit.publication(place(4), 3)
  audit.publication(place(2), 1)
  assert.deepEqual(tally, { delivered: 4, lost: 2, duplicated: 2, gaps: 0 })
})

test('an advance that comes again does no harm, one that leaves something out loses it', () => {
  const { tally, audit } = audited()
  audit.advance(place(5), 0)
  audit.advance(place(3), 0)
  audit.advance(place(9), 7)
  assert.deepEqual(tally, { delivered: 0, lost: 2, duplicated: 0, gaps: 0 })
})

test('a gap explains what is missing; a change of epoch without one does not', () => {
  const { tally, audit } = audited()
  audit.gap(place(7, 'b'))
  audit.publication(place(8, 'b'), 7)
  audit.publication(place(1, 'c'), 0)
  assert.deepEqual(tally, { delivered: 2, lost: 1, duplicated: 0, gaps: 1 })
})

test('dropping and repeating parts of a sequence is counted exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 60 }), (copies) => {
      const { tally, audit } = audited()
      let last = 0
      copies.forEach((times, index) => {
        for (let i = 0; i < times; i++) audit.publication(place(index + 1), index)
        if (times > 0) last = index + 1
      })
      const within = copies.slice(0, last)
      assert.equal(tally.lost, within.filter((times) => times === 0).length)
      assert.equal(tally.duplicated, within.filter((times) => times === 2).length)
    }),
  )
})
