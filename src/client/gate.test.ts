// The gate against its rules, and against a model: whatever order and however often ranges come, what is let
// through is the log, each part once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatCursor } from '../channel/index.ts'
import { CursorGate, type GatedEvent } from './gate.ts'

const E1 = '0mabcdef01234'
const E2 = '0mabcdef05678'

const publication = (
  offset: number,
  more: { epoch?: string; from?: number; stamp?: string; snapshot?: number } = {},
): GatedEvent => ({
  type: 'publication',
  channel: 'c',
  epoch: E1,
  offset,
  time: 0,
  ...more,
})
const at = (offset: number, epoch: string = E1, stamp?: string): string =>
  formatCursor({ epoch, offset, stamp })
const advance = (from: number, to: number, epoch: string = E1): GatedEvent => ({
  type: 'advance',
  channel: 'c',
  from,
  cursor: at(to, epoch),
})
const gap = (from: string, cursor: string): GatedEvent => ({
  type: 'gap',
  channel: 'c',
  from,
  floor: 1,
  top: 9,
  cursor,
  why: 'trimmed',
})
const gateAt = (offset: number, conflate = false): CursorGate => {
  const gate = new CursorGate(conflate)
  gate.start({ epoch: E1, offset })
  return gate
}

test('before it has a place, nothing is judged', () => {
  const gate = new CursorGate(false)
  for (const event of [publication(1), advance(0, 1), gap(at(0), at(3))])
    assert.equal(gate.pass(event), 'unresolved')
  assert.equal(gate.received, undefined)
})

test('a place is set once', () => {
  const gate = gateAt(5)
  gate.start({ epoch: E2, offset: 9 })
  assert.deepEqual(gate.received, { epoch: E1, offset: 5 })
})

test('what follows is accepted, what came before is a duplicate, what leaves something out is a hole', () => {
  const gate = gateAt(5)
  assert.equal(gate.pass(publication(7)), 'hole')
  assert.equal(gate.pass(publication(5)), 'duplicate')
  assert.equal(gate.pass(publication(6, { stamp: 'abcdef01' })), 'accepted')
  assert.deepEqual(gate.received, { epoch: E1, offset: 6, stamp: 'abcdef01' })
  assert.equal(gate.pass(publication(6)), 'duplicate')
})

test('a publication of another epoch is a hole: only a gap changes the epoch', () => {
  const gate = gateAt(5)
  assert.equal(gate.pass(publication(6, { epoch: E2 })), 'hole')
  assert.equal(gate.pass(advance(5, 6, E2)), 'hole')
  assert.equal(gate.pass(gap(at(5), at(0, E2))), 'accepted')
  assert.deepEqual(gate.received, { epoch: E2, offset: 0, stamp: undefined })
  assert.equal(gate.pass(publication(1, { epoch: E2 })), 'accepted')
})

test('a plain subscription takes no publication that stands for a range; a conflating one does', () => {
  assert.equal(gateAt(5).pass(publication(8, { from: 5 })), 'hole')
  assert.equal(gateAt(5, true).pass(publication(8, { from: 5 })), 'accepted')
  assert.equal(gateAt(5, true).pass(publication(8, { from: 4 })), 'accepted')
  assert.equal(gateAt(5, true).pass(publication(8, { from: 6 })), 'hole')
})

test('an advance is judged by its range', () => {
  const gate = gateAt(5)
  assert.equal(gate.pass(advance(6, 9)), 'hole')
  assert.equal(gate.pass(advance(2, 5)), 'duplicate')
  assert.equal(gate.pass(advance(3, 9)), 'accepted')
  assert.equal(gate.received?.offset, 9)
})

test('a snapshot is for who knows nothing, or is in the midst of it: it does not tell what was removed', () => {
  const [first, second] = [publication(3, { from: 0, snapshot: 9 }), publication(6, { from: 3, snapshot: 9 })]
  const end: GatedEvent = { type: 'advance', channel: 'c', from: 6, cursor: at(9), snapshot: 9 }
  const fresh = gateAt(0, true)
  for (const event of [first, second, end]) assert.equal(fresh.pass(event), 'accepted')
  assert.equal(fresh.pass(publication(12, { from: 9 })), 'accepted')
  for (const event of [first, second, end]) assert.equal(fresh.pass(event), 'duplicate')
  for (const place of [1, 3, 5]) assert.equal(gateAt(place, true).pass(second), 'hole', `at ${place}`)
  assert.equal(gateAt(6, true).pass(end), 'hole')
  assert.equal(gateAt(0, true).pass(second), 'hole', 'its beginning is missing')
})

test('a snapshot is not gone on with by another one, nor after anything else', () => {
  const first = publication(3, { from: 0, snapshot: 9 })
  const midway = gateAt(0, true)
  midway.pass(first)
  assert.equal(midway.pass(publication(6, { from: 3, snapshot: 10 })), 'hole')
  assert.equal(midway.pass(publication(5, { from: 3 })), 'accepted')
  assert.equal(midway.pass(publication(6, { from: 5, snapshot: 9 })), 'hole')
  const told = gateAt(5, true)
  assert.equal(told.pass(gap(at(5), at(0))), 'accepted')
  assert.equal(told.pass(first), 'accepted')
})

test('a gap counts only for the very place that was received', () => {
  const gate = gateAt(5)
  assert.equal(gate.pass(gap(at(4), at(20))), 'hole', 'what this transport speaks of lies ahead')
  assert.equal(gate.pass(gap(at(3), at(4))), 'duplicate')
  assert.equal(gate.pass(gap(at(4), at(0, E2))), 'hole')
  assert.equal(gate.pass(gap(at(5), at(20))), 'accepted')
  assert.equal(gate.pass(gap(at(5), at(20))), 'duplicate', 'told a second time by another transport')
})

test('a rolled-back log at the same offset is told from the old one by its stamp', () => {
  const gate = new CursorGate(false)
  gate.start({ epoch: E1, offset: 5, stamp: 'aaaaaaaa' })
  assert.equal(gate.pass(gap(at(5, E1, 'aaaaaaaa'), at(5, E1, 'bbbbbbbb'))), 'accepted')
  assert.equal(gate.pass(gap(at(5, E1, 'aaaaaaaa'), at(5, E1, 'bbbbbbbb'))), 'duplicate')
})

test('the end of a log is believed by who has everything before it', () => {
  const closed = (offset: number): GatedEvent => ({ type: 'closed', channel: 'c', cursor: at(offset) })
  assert.equal(gateAt(5).pass(closed(6)), 'hole')
  assert.equal(gateAt(5).pass(closed(5)), 'accepted')
})

test('what cannot be read as a cursor is a hole', () => {
  assert.equal(gateAt(5).pass({ type: 'advance', channel: 'c', from: 5, cursor: 'nonsense' }), 'hole')
  assert.equal(gateAt(5).pass(gap('nonsense', at(5))), 'duplicate')
})

test('two transports, any order, any repetition: what passes is the log without a hole or a repeat', () => {
  const ranges = fc.array(
    fc.record({ from: fc.nat(30), length: fc.integer({ min: 1, max: 4 }), advance: fc.boolean() }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(ranges, fc.boolean(), (steps, conflate) => {
      const gate = gateAt(0, conflate)
      let model = 0
      for (const { from, length, advance: isAdvance } of steps) {
        const to = from + length
        const event = isAdvance ? advance(from, to) : publication(to, { from })
        const verdict = gate.pass(event)
        const follows = from <= model && model < to && (isAdvance || conflate || from === to - 1)
        assert.equal(verdict === 'accepted', follows)
        if (verdict === 'duplicate') assert.ok(to <= model)
        if (follows) model = to
        assert.equal(gate.received?.offset, model)
      }
    }),
  )
})
