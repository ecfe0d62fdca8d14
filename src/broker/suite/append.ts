/** Appending: several entries in one step or none, refusals that change nothing, compare-and-append. */
import assert from 'node:assert/strict'
import { appended, KEYED, keeping, type MakeBroker, PLAIN, refused, staged, textsOf } from './stage.ts'

export const appendSuite = (make: MakeBroker): void => {
  staged('publications are numbered from 1, and say when they were appended', make, async (stage) => {
    stage.clock.ms += 5
    const first = await stage.publish('a')
    assert.deepEqual([first.first, first.last, first.time], [1, 1, stage.clock.ms])
    const second = await stage.publish('b')
    assert.deepEqual([second.first, second.last, second.epoch], [2, 2, first.epoch])
    const page = await stage.read('start')
    assert.deepEqual(textsOf(page), ['a', 'b'])
    assert.deepEqual(
      page.entries.map(({ publication }) => [publication.offset, publication.removed, publication.key]),
      [
        [1, false, undefined],
        [2, false, undefined],
      ],
    )
  })

  staged('several entries are appended together, with consecutive offsets', make, async (stage) => {
    await stage.publish('a')
    const result = await stage.publishAll(['b', 'c', 'd'])
    assert.deepEqual([result.first, result.last], [2, 4])
    assert.deepEqual(textsOf(await stage.read('start')), ['a', 'b', 'c', 'd'])
  })

  staged('one bad entry sinks all of them', make, async (stage) => {
    await stage.publish('a')
    refused(await stage.append([{ data: '1' }, { data: new Uint8Array(1) }]), 'content_type')
    refused(await stage.append([{ data: '1' }, { data: '2', key: 'k' }]), 'key_not_allowed')
    refused(await stage.append([{ data: '1' }, { data: 'null', remove: true }]), 'key_required')
    refused(await stage.append([{ data: '1' }], { channel: 'keyed', create: KEYED }), 'key_required')
    assert.equal((await stage.read('start')).top, 1)
  })

  staged('bytes are kept as they are', make, async (stage) => {
    const create = { ...PLAIN, contentType: 'bytes' as const }
    refused(await stage.append([{ data: '1' }], { create }), 'content_type')
    appended(await stage.append([{ data: Uint8Array.of(0, 255) }], { create }))
    const page = await stage.read('start')
    assert.equal(page.contentType, 'bytes')
    assert.deepEqual([...(page.entries[0]?.publication.data as Uint8Array)], [0, 255])
  })

  staged('without leave to make it, a channel that is missing is refused', make, async (stage) => {
    refused(await stage.append([{ data: '1' }], { create: undefined }), 'not_found')
    assert.equal(await stage.broker.describe('c'), undefined)
  })

  staged('a refused publication makes no channel', make, async (stage) => {
    const { epoch } = await stage.publish('a', { channel: 'other' })
    refused(await stage.append([{ data: new Uint8Array(1) }]), 'content_type')
    refused(await stage.append([{ data: '1' }], { expect: { epoch, offset: 0 } }), 'expect_failed')
    refused(
      await stage.append([{ data: '1' }], { producer: { id: 'p', epoch: 0, seq: 1 } }),
      'producer_unknown',
    )
    assert.equal(await stage.broker.describe('c'), undefined)
    assert.equal((await stage.page('start')).kind, 'missing')
  })

  staged(
    'the options of the one who makes a channel hold; those of the next are not looked at',
    make,
    async (stage) => {
      await stage.put('k', '1')
      refused(await stage.append([{ data: '1' }], { create: PLAIN }), 'key_required')
      assert.deepEqual((await stage.broker.describe('c'))?.options, KEYED)
    },
  )

  staged('expect: appended only if that is the tail', make, async (stage) => {
    const { epoch } = await stage.publish('a')
    const tail = (await stage.publish('b', { expect: { epoch, offset: 1 } })).last
    const late = await stage.append([{ data: '1' }], { expect: { epoch, offset: 1 } })
    refused(late, 'expect_failed')
    assert.deepEqual(late.kind === 'refused' && late.cursor && [late.cursor.epoch, late.cursor.offset], [
      epoch,
      tail,
    ])
    refused(await stage.append([{ data: '1' }], { expect: { epoch, offset: 3 } }), 'expect_failed')
    refused(
      await stage.append([{ data: '1' }], { expect: { epoch: `${epoch}x`, offset: 2 } }),
      'expect_failed',
    )
    await stage.publish('c', { expect: { epoch, offset: 2 } })
  })

  staged('expect holds on an empty log, and is the tail whatever retention leaves', make, async (stage) => {
    const create = keeping({ count: 0 })
    await stage.broker.create('c', create)
    const { epoch } = await stage.read('now')
    await stage.publish('a', { expect: { epoch, offset: 0 } })
    await stage.publish('b', { expect: { epoch, offset: 1 } })
    refused(await stage.append([{ data: '1' }], { expect: { epoch, offset: 0 } }), 'expect_failed')
  })

  staged('a sequence of the writers is greater each time, by its characters', make, async (stage) => {
    for (const sequence of ['09', '1', '10', 'B', 'a', 'a0']) await stage.publish(sequence, { sequence })
    for (const sequence of ['a0', 'a', 'B', '2', '']) {
      refused(await stage.append([{ data: '1' }], { sequence }), 'sequence_behind')
    }
    await stage.publish('without one')
    refused(await stage.append([{ data: '1' }], { sequence: 'a' }), 'sequence_behind')
    await stage.publish('b', { sequence: 'b' })
  })

  staged('a refused append has no sequence, and a duplicate is one whatever its own', make, async (stage) => {
    const producer = { id: 'p', epoch: 0, seq: 0 }
    await stage.publish('a', { sequence: '1', producer })
    assert.equal((await stage.append([{ data: '1' }], { sequence: '1', producer })).kind, 'duplicate')
    refused(await stage.append([{ data: new Uint8Array(1) }], { sequence: '3' }), 'content_type')
    refused(
      await stage.append([{ data: '1' }], { sequence: '1', producer: { ...producer, seq: 1 } }),
      'sequence_behind',
    )
    await stage.publish('b', { sequence: '2', producer: { ...producer, seq: 1 } })
  })

  staged('closing in the same step: the entries are there, nothing follows', make, async (stage) => {
    const result = await stage.publishAll(['a', 'b'], { close: true })
    assert.deepEqual([result.first, result.last], [1, 2])
    const late = await stage.append([{ data: '1' }])
    refused(late, 'closed')
    assert.deepEqual(late.kind === 'refused' && late.cursor && [late.cursor.epoch, late.cursor.offset], [
      result.epoch,
      2,
    ])
    const page = await stage.read('start')
    assert.deepEqual([textsOf(page), page.status], [['a', 'b'], 'closed'])
  })

  staged('a channel can be closed with nothing to append', make, async (stage) => {
    await stage.publish('a')
    const result = appended(await stage.append([], { close: true }))
    assert.deepEqual([result.first, result.last], [2, 1])
    assert.equal((await stage.read('start')).status, 'closed')
  })

  staged('channels may be called anything', make, async (stage) => {
    const names = ['__proto__', 'constructor', 'toString', '{c}', 'a:b', '*', ' ', '\u{1f600}']
    for (const channel of names) await stage.publish(channel, { channel })
    for (const channel of names) {
      assert.deepEqual(textsOf(await stage.read('start', { channel })), [channel])
    }
  })
}
