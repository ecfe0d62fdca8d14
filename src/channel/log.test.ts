import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Log } from './log.ts'
import { ENTRY_OVERHEAD_BYTES, type Publication } from './publication.ts'

const publication = (offset: number, time = 0, data = ''): Publication => ({
  offset,
  time,
  data,
  key: undefined,
  removed: false,
  producer: undefined,
  stamp: undefined,
})

const logOf = (count: number, top = 0): Log => {
  const log = new Log('e', top)
  for (let i = 0; i < count; i++) log.append(publication(log.top + 1, i))
  return log
}
const EVERYTHING = { count: Infinity, ageMs: Infinity, bytes: Infinity }
const offsets = (publications: readonly Publication[]): number[] => publications.map(({ offset }) => offset)

test('an empty log has its floor above its top', () => {
  const log = new Log('e', 7)
  assert.deepEqual([log.floor, log.top, log.count, log.bytes, log.status], [8, 7, 0, 0, 'open'])
})

test('appending anywhere but at top + 1 is refused', () => {
  const log = logOf(2)
  for (const offset of [0, 2, 4]) assert.throws(() => log.append(publication(offset)), RangeError)
  assert.equal(log.top, 2)
})

test('only what is held can be read', () => {
  const log = logOf(5)
  log.trim(3)
  assert.equal(log.at(3).offset, 3)
  for (const offset of [-1, 0, 2, 6, 1.5, NaN]) assert.throws(() => log.at(offset), RangeError)
})

test('a slice is (after, upTo]', () => {
  const log = logOf(5)
  assert.deepEqual(offsets(log.slice(2, 4)), [3, 4])
  assert.deepEqual(log.slice(5, 5), [])
})

test('a page ends at its count, at its bytes, or at the top, and always holds one', () => {
  const log = logOf(5)
  const each = ENTRY_OVERHEAD_BYTES
  assert.equal(log.pageEnd(1, { count: 2, bytes: 1_000 }), 3)
  assert.equal(log.pageEnd(1, { count: 9, bytes: 2 * each }), 3)
  assert.equal(log.pageEnd(1, { count: 9, bytes: 2 * each - 1 }), 2)
  assert.equal(log.pageEnd(1, { count: 9, bytes: 1 }), 2)
  assert.equal(log.pageEnd(1, { count: 0, bytes: 1_000 }), 1)
  assert.equal(log.pageEnd(1, { count: 9, bytes: 10_000 }), 5)
  assert.equal(log.pageEnd(5, { count: 9, bytes: 10_000 }), 5)
})

test('trimming drops oldest first, up to the whole log and not beyond', () => {
  const log = logOf(4)
  assert.deepEqual(offsets(log.trim(3)), [1, 2])
  assert.deepEqual(log.trim(3), [])
  assert.deepEqual(log.trim(-1), [])
  assert.deepEqual(offsets(log.trim(1_000)), [3, 4])
  assert.deepEqual([log.floor, log.top, log.count, log.bytes], [5, 4, 0, 0])
  log.append(publication(5))
  assert.deepEqual([log.floor, log.top], [5, 5])
})

test('retention by count, down to none at all', () => {
  const log = logOf(4)
  assert.deepEqual(offsets(log.retain({ ...EVERYTHING, count: 2 }, 0)), [1, 2])
  assert.deepEqual(log.retain({ ...EVERYTHING, count: 2 }, 0), [])
  assert.deepEqual(offsets(log.retain({ ...EVERYTHING, count: 0 }, 0)), [3, 4])
  assert.deepEqual([log.floor, log.top], [5, 4])
})

test('retention by age: at exactly that age a publication goes', () => {
  const log = logOf(4)
  assert.deepEqual(log.retain({ ...EVERYTHING, ageMs: 10 }, 9), [])
  assert.deepEqual(offsets(log.retain({ ...EVERYTHING, ageMs: 10 }, 11)), [1, 2])
})

test('retention by bytes: exactly that many stay', () => {
  const log = logOf(4)
  assert.deepEqual(log.retain({ ...EVERYTHING, bytes: 4 * ENTRY_OVERHEAD_BYTES }, 0), [])
  assert.deepEqual(offsets(log.retain({ ...EVERYTHING, bytes: 4 * ENTRY_OVERHEAD_BYTES - 1 }, 0)), [1])
  assert.deepEqual(offsets(log.retain({ ...EVERYTHING, bytes: 0 }, 0)), [2, 3, 4])
})

test('whatever is appended, trimmed and retained, a log is what a plain array says', () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ trim: fc.nat(4_000) }),
    fc.record({ keep: fc.nat(2_000) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(5), (steps, start) => {
      const log = new Log('e', start)
      let model: number[] = []
      let top = start
      for (const each of steps) {
        if ('append' in each) {
          for (let i = 0; i < each.append; i++) {
            log.append(publication(++top))
            model.push(top)
          }
        } else {
          const keeps = (offset: number, index: number): boolean =>
            'trim' in each ? offset >= each.trim : index >= model.length - each.keep
          const gone = model.filter((offset, index) => !keeps(offset, index))
          model = model.filter(keeps)
          const dropped =
            'trim' in each ? log.trim(each.trim) : log.retain({ ...EVERYTHING, count: each.keep }, 0)
          assert.deepEqual(offsets(dropped), gone)
        }
        assert.deepEqual(offsets(log.slice(log.floor - 1, log.top)), model)
        assert.deepEqual([log.top, log.floor], [top, model[0] ?? top + 1])
        assert.equal(log.bytes, model.length * ENTRY_OVERHEAD_BYTES)
      }
    }),
  )
})
