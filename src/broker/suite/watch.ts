/** Watching: once the watch stands no change is missed. */
import assert from 'node:assert/strict'
import type { Move } from '../../channel/index.ts'
import { keeping, type MakeBroker, PLAIN, refused, type Stage, staged } from './stage.ts'

const watching = async (stage: Stage, channel = 'c') => {
  const moves: Move[] = []
  const watch = await stage.broker.watch(channel, (move) => moves.push(move))
  return { moves, watch, last: async () => (await stage.told(), moves.at(-1)) }
}

export const watchSuite = (make: MakeBroker): void => {
  staged('every kind of change is told, with the bounds that it left', make, async (stage) => {
    const { last } = await watching(stage)
    const { epoch } = await stage.publishAll('abc', { create: keeping({ count: 2, ageMs: 100 }) })
    assert.deepEqual(await last(), { epoch, floor: 2, top: 3, status: 'open' })
    await stage.broker.trim('c', 3)
    assert.deepEqual(await last(), { epoch, floor: 3, top: 3, status: 'open' })
    stage.clock.ms += 100
    await stage.broker.sweep()
    assert.deepEqual(await last(), { epoch, floor: 4, top: 3, status: 'open' })
    await stage.broker.close('c')
    assert.deepEqual(await last(), { epoch, floor: 4, top: 3, status: 'closed' })
    await stage.broker.delete('c')
    assert.deepEqual(await last(), { epoch, floor: 4, top: 3, status: 'deleted' })
    await stage.broker.create('c', PLAIN)
    const anew = (await last()) ?? assert.fail()
    assert.deepEqual([anew.epoch > epoch, anew.floor, anew.top, anew.status], [true, 1, 0, 'open'])
  })

  staged('a channel need not exist to be watched; its making is told', make, async (stage) => {
    const { last } = await watching(stage)
    const { epoch } = await stage.read('now', { create: PLAIN })
    assert.deepEqual(await last(), { epoch, floor: 1, top: 0, status: 'open' })
  })

  staged('whoever watches first and reads then loses nothing', make, async (stage) => {
    let done = false
    const publishing = (async () => {
      for (let i = 0; i < 50; i++) {
        await stage.publish('x')
        if (i % 7 === 0) await stage.told()
      }
      done = true
    })()
    const { moves } = await watching(stage)
    const known = await stage.page('now')
    const seen = known.kind === 'page' ? known.top : 0
    await publishing
    await stage.told()
    assert.ok(done)
    assert.equal(Math.max(seen, ...moves.map(({ top }) => top)), 50)
  })

  staged('only changes are told, and only of the channel that is watched', make, async (stage) => {
    await stage.publish('a')
    await stage.told()
    const { moves } = await watching(stage)
    await stage.publish('a', { channel: 'd' })
    await stage.read('start')
    refused(await stage.append([{ data: new Uint8Array(1) }]), 'content_type')
    await stage.broker.trim('c', 1)
    await stage.broker.create('c', PLAIN)
    await stage.broker.sweep()
    await stage.told()
    assert.deepEqual(moves, [])
  })

  staged(
    'each watch is its own, also with the same listener, and ends when it is released',
    make,
    async (stage) => {
      let calls = 0
      const listener = (): void => void calls++
      const [one, two] = [await stage.broker.watch('c', listener), await stage.broker.watch('c', listener)]
      await stage.publish('a')
      await stage.told()
      assert.equal(calls, 2)
      one.release()
      one.release()
      await stage.publish('b')
      await stage.told()
      assert.equal(calls, 3)
      two.release()
      const three = await stage.broker.watch('c', listener)
      two.release()
      await stage.publish('c')
      await stage.told()
      assert.equal(calls, 4)
      three.release()
    },
  )

  staged('a log that can be borrowed is always current', make, async (stage) => {
    const { watch } = await watching(stage)
    const { borrow } = watch
    if (borrow === undefined) return
    assert.equal(borrow(), undefined)
    const { epoch } = await stage.publishAll('ab')
    assert.deepEqual([borrow()?.epoch, borrow()?.floor, borrow()?.top], [epoch, 1, 2])
    assert.equal(borrow()?.at(2).data, '"b"')
    await stage.broker.delete('c')
    assert.equal(borrow()?.status, 'deleted')
    await stage.publish('c')
    assert.deepEqual([borrow()?.status, borrow()?.top], ['open', 1])
  })
}
