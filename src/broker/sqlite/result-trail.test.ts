import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Accepted } from '../../channel/index.ts'
import { ByteReader, ByteWriter } from './packing.ts'
import { ResultTrail } from './result-trail.ts'

const reread = (trail: ResultTrail): Accepted[] => {
  const writer = new ByteWriter()
  trail.write(writer)
  return new ResultTrail().read(new ByteReader(writer.finish()))
}

test('what is written is the latest results, however many have come and gone, and read back goes on', () => {
  const steps = fc.array(
    fc.record({ skip: fc.oneof(fc.nat(3), fc.nat(2 ** 40)), entries: fc.oneof(fc.nat(2), fc.nat(5_000)) }),
    { maxLength: 2_000, size: 'max' },
  )
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 300 }), (script, kept) => {
      let trail = new ResultTrail()
      const model: Accepted[] = []
      let top = 0
      for (const [index, { skip, entries }] of script.entries()) {
        const first = top + skip + 1
        const result = { first, last: first + entries - 1 }
        top = Math.max(top, result.last)
        model.push(result)
        trail.push(result)
        trail.shorten(kept)
        assert.equal(trail.count, Math.min(kept, model.length))
        if (index % 97 === 0) {
          const writer = new ByteWriter()
          trail.write(writer)
          trail = new ResultTrail()
          trail.read(new ByteReader(writer.finish()))
        }
      }
      assert.deepEqual(reread(trail), model.slice(-kept))
      trail.clear()
      assert.deepEqual(reread(trail), [])
    }),
    { numRuns: 50 },
  )
})
