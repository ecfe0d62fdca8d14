/** Channels that go by themselves: after a time without use, or at a time. They go as if they were deleted. */
import assert from 'node:assert/strict'
import type { ChannelOptions } from '../../channel/index.ts'
import { type MakeBroker, PLAIN, refused, type Stage, staged, textsOf } from './stage.ts'

const IDLE: ChannelOptions = { ...PLAIN, expiry: { kind: 'idle', afterMs: 1_000 } }
const none = { kind: 'missing', code: 'deleted' }

/** What counts as use. Each is tried 999 ms after the last one. */
const USES: readonly [string, (stage: Stage) => Promise<unknown>][] = [
  ['an append', (stage) => stage.publish('a')],
  ['a page', (stage) => stage.page('start')],
  ['a page of nothing', (stage) => stage.page('now', { limit: { count: 0, bytes: 0 } })],
  ['closing', (stage) => stage.broker.close('c')],
]

export const expirySuite = (make: MakeBroker): void => {
  staged('an idle channel goes at its time, and not before', make, async (stage) => {
    const created = await stage.broker.create('c', IDLE)
    stage.clock.ms += 999
    await stage.broker.sweep()
    assert.ok(await stage.broker.describe('c'))
    stage.clock.ms += 1
    assert.equal(await stage.broker.describe('c'), undefined)
    assert.ok(created.kind === 'created')
    assert.deepEqual(await stage.page({ epoch: created.info.epoch, offset: 0 }), none)
  })

  for (const [what, use] of USES) {
    staged(`${what} keeps it for as long again`, make, async (stage) => {
      await stage.broker.create('c', IDLE)
      stage.clock.ms += 999
      await use(stage)
      stage.clock.ms += 999
      assert.ok(await stage.broker.describe('c'))
      stage.clock.ms += 1
      assert.equal(await stage.broker.describe('c'), undefined)
    })
  }

  staged('looking at it does not keep it, and a refused append does not', make, async (stage) => {
    await stage.broker.create('c', IDLE)
    stage.clock.ms += 999
    await stage.broker.describe('c')
    await stage.broker.create('c', PLAIN)
    refused(await stage.append([{ data: new Uint8Array(1) }]), 'content_type')
    stage.clock.ms += 1
    assert.equal(await stage.broker.describe('c'), undefined)
  })

  staged('a channel with a last day goes then, however it is used', make, async (stage) => {
    await stage.broker.create('c', { ...PLAIN, expiry: { kind: 'at', atMs: stage.clock.ms + 1_000 } })
    stage.clock.ms += 999
    await stage.publish('a')
    stage.clock.ms += 1
    refused(await stage.append([{ data: '1' }], { create: undefined }), 'deleted')
  })

  staged('whoever follows it is told of its end by the sweep', make, async (stage) => {
    await stage.broker.create('c', IDLE)
    const moves: string[] = []
    const watch = await stage.broker.watch('c', ({ status }) => moves.push(status))
    stage.clock.ms += 1_000
    await stage.broker.sweep()
    await stage.told()
    assert.deepEqual(moves, ['deleted'])
    watch.release()
  })

  staged('what comes after it is another life', make, async (stage) => {
    const first = await stage.publish('a', { create: IDLE })
    stage.clock.ms += 1_000
    const second = await stage.publish('b')
    assert.ok(second.epoch > first.epoch)
    assert.deepEqual([second.first, textsOf(await stage.read('start'))], [1, ['b']])
    stage.clock.ms += 10_000
    assert.ok(await stage.broker.describe('c'), 'the next life has options of its own')
  })

  staged('nothing else of an expired channel is found', make, async (stage) => {
    for (const act of ['close', 'delete'] as const) {
      await stage.broker.create('c', IDLE)
      stage.clock.ms += 1_000
      assert.equal(await stage.broker[act]('c'), false)
    }
    await stage.publish('a', { create: IDLE, producer: { id: 'p', epoch: 0, seq: 0 } })
    stage.clock.ms += 1_000
    assert.equal(await stage.broker.trim('c', 1), undefined)
    assert.equal((await stage.broker.fence('c', 'p', 0)).known, false)
    assert.equal((await stage.broker.create('c', PLAIN)).kind, 'created')
  })
}
