import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogBounds, resume } from './resume.ts'

const LOG: LogBounds = { epoch: 'e', floor: 5, top: 9 }
const at = (offset: number, stamp?: string) =>
  stamp === undefined ? { epoch: 'e', offset } : { epoch: 'e', offset, stamp }

test('a cursor from the one before the floor to the top is served', () => {
  for (const offset of [4, 5, 9]) {
    assert.deepEqual(resume(at(offset), LOG), { kind: 'serve', after: offset })
  }
})

test('a cursor below that is a gap: trimmed', () => {
  for (const offset of [0, 3])
    assert.deepEqual(resume(at(offset), LOG), { kind: 'gap', why: 'trimmed', after: 4 })
})

test('a cursor beyond the top is a gap: ahead', () => {
  assert.deepEqual(resume(at(10), LOG), { kind: 'gap', why: 'ahead', after: 4 })
})

test('a cursor of another life is a gap, wherever it stands', () => {
  assert.deepEqual(resume({ epoch: 'f', offset: 7 }, LOG), { kind: 'gap', why: 'epoch', after: 4 })
})

test('an empty log serves its only place', () => {
  const empty = { epoch: 'e', floor: 10, top: 9 }
  assert.deepEqual(resume(at(9), empty), { kind: 'serve', after: 9 })
  assert.deepEqual(resume(at(8), empty), { kind: 'gap', why: 'trimmed', after: 9 })
  assert.deepEqual(resume(at(10), empty), { kind: 'gap', why: 'ahead', after: 9 })
  for (const sentinel of ['start', 'now', { last: 3 }] as const)
    assert.deepEqual(resume(sentinel, empty), { kind: 'serve', after: 9 })
})

test('sentinels are resolved, and never are a gap', () => {
  assert.deepEqual(resume('start', LOG), { kind: 'serve', after: 4 })
  assert.deepEqual(resume('now', LOG), { kind: 'serve', after: 9 })
  assert.deepEqual(resume({ last: 2 }, LOG), { kind: 'serve', after: 7 })
  assert.deepEqual(resume({ last: 999_999 }, LOG), { kind: 'serve', after: 4 })
})

test('what an ephemeral channel has let go of is skipped, but another life is a gap', () => {
  const options = { ephemeral: true }
  assert.deepEqual(resume(at(1), LOG, options), { kind: 'skip', from: 1, after: 4 })
  assert.equal(resume(at(4), LOG, options).kind, 'serve')
  assert.equal(resume(at(10), LOG, options).kind, 'gap')
  assert.equal(resume({ epoch: 'f', offset: 1 }, LOG, options).kind, 'gap')
})

test('a conflating cursor is served below the floor, but not below the last dropped tombstone', () => {
  const options = { conflatedFrom: 3 }
  assert.deepEqual(resume(at(3), LOG, options), { kind: 'serve', after: 3 })
  assert.deepEqual(resume(at(2), LOG, options), { kind: 'gap', why: 'trimmed', after: 0 })
  assert.deepEqual(resume('start', LOG, options), { kind: 'serve', after: 0 })
  assert.deepEqual(resume('now', LOG, options), { kind: 'serve', after: 9 })
  assert.deepEqual(resume({ epoch: 'f', offset: 7 }, LOG, options), { kind: 'gap', why: 'epoch', after: 0 })
})

test('a conflating cursor below a dropped tombstone is a gap on an ephemeral channel too', () => {
  assert.equal(resume(at(2), LOG, { conflatedFrom: 3, ephemeral: true }).kind, 'gap')
})

test('a conflating cursor at the very start is served: who knows of no key has missed no removal', () => {
  assert.deepEqual(resume(at(0), LOG, { conflatedFrom: 3 }), { kind: 'serve', after: 0 })
  assert.deepEqual(resume(at(0), LOG), { kind: 'gap', why: 'trimmed', after: 4 })
})

test('a stamp that the log has differently is a gap: rolled-back', () => {
  const stamped: LogBounds = { ...LOG, stampAt: (offset) => `0000000${offset}` }
  assert.deepEqual(resume(at(7, '00000007'), stamped), { kind: 'serve', after: 7 })
  assert.deepEqual(resume(at(7, '0000000f'), stamped), { kind: 'gap', why: 'rolled-back', after: 4 })
  assert.deepEqual(resume(at(7), stamped), { kind: 'serve', after: 7 })
  assert.deepEqual(resume(at(7, '00000007'), LOG), { kind: 'serve', after: 7 })
})

test('a stamp that the log no longer holds cannot be vouched for: trimmed', () => {
  const forgetful: LogBounds = { ...LOG, stampAt: () => undefined }
  assert.deepEqual(resume(at(3, '00000003'), forgetful, { conflatedFrom: 0 }), {
    kind: 'gap',
    why: 'trimmed',
    after: 0,
  })
})
