/** What is kept: by count, by age, by bytes, and by trimming. */
import assert from 'node:assert/strict'
import { keeping, type MakeBroker, staged, textsOf } from './stage.ts'

export const retentionSuite = (make: MakeBroker): void => {
  staged('by count: exactly so many are kept', make, async (stage) => {
    const create = keeping({ count: 3 })
    await stage.publishAll('abc', { create })
    assert.equal((await stage.read('start')).floor, 1)
    await stage.publish('d')
    const page = await stage.read('start')
    assert.deepEqual([page.floor, page.top, textsOf(page)], [2, 4, ['b', 'c', 'd']])
  })

  staged('a count of 0 keeps nothing, and numbers go on', make, async (stage) => {
    const create = keeping({ count: 0 })
    const { epoch } = await stage.publishAll('ab', { create })
    const page = await stage.read({ epoch, offset: 2 })
    assert.deepEqual([page.floor, page.top, page.gap, page.entries.length], [3, 2, undefined, 0])
    assert.equal((await stage.read({ epoch, offset: 1 })).gap, 'trimmed')
    assert.equal((await stage.publish('c')).first, 3)
  })

  staged('by age: at exactly that age a publication goes with the sweep', make, async (stage) => {
    await stage.publish('a', { create: keeping({ ageMs: 100 }) })
    stage.clock.ms += 1
    await stage.publish('b')
    stage.clock.ms += 98
    await stage.broker.sweep()
    assert.equal((await stage.read('start')).floor, 1)
    stage.clock.ms += 1
    await stage.broker.sweep()
    assert.deepEqual(textsOf(await stage.read('start')), ['b'])
    stage.clock.ms += 1
    await stage.broker.sweep()
    const page = await stage.read('start')
    assert.deepEqual([page.floor, page.top, page.entries.length], [3, 2, 0])
  })

  staged('by bytes: the oldest go, and one that is too large alone goes at once', make, async (stage) => {
    await stage.publishAll(['x'.repeat(400), 'y'.repeat(400)], { create: keeping({ bytes: 1_200 }) })
    assert.equal((await stage.read('start')).floor, 1)
    await stage.publish('z'.repeat(400))
    assert.equal((await stage.read('start')).floor, 2)
    const { last, epoch } = await stage.publish('w'.repeat(2_000))
    const page = await stage.read({ epoch, offset: last })
    assert.deepEqual([page.floor, page.top, page.gap], [5, 4, undefined])
  })

  staged(
    'trimming lets go of everything before an offset, to the top and not beyond',
    make,
    async (stage) => {
      assert.equal(await stage.broker.trim('c', 1), undefined)
      const { epoch } = await stage.publishAll('abcd')
      assert.equal(await stage.broker.trim('c', 3), 3)
      assert.equal(await stage.broker.trim('c', 2), 3)
      assert.deepEqual(textsOf(await stage.read('start')), ['c', 'd'])
      assert.equal((await stage.read({ epoch, offset: 1 })).gap, 'trimmed')
      assert.equal(await stage.broker.trim('c', Number.MAX_SAFE_INTEGER), 5)
      const page = await stage.read({ epoch, offset: 4 })
      assert.deepEqual([page.gap, page.floor, page.top], [undefined, 5, 4])
      assert.equal((await stage.publish('e')).first, 5)
    },
  )

  staged('a closed channel is trimmed and aged like any other', make, async (stage) => {
    await stage.publishAll('ab', { create: keeping({ ageMs: 100 }), close: true })
    assert.equal(await stage.broker.trim('c', 2), 2)
    stage.clock.ms += 100
    await stage.broker.sweep()
    const page = await stage.read('now')
    assert.deepEqual([page.floor, page.top, page.status], [3, 2, 'closed'])
  })
}
