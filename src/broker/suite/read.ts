/** Reading: one atomic page per request, and the resume rule for each of them. */
import assert from 'node:assert/strict'
import { type MakeBroker, EPHEMERAL, keeping, PLAIN, staged, textsOf, written } from './stage.ts'

const ELSEWHERE = '0000000000000'

export const readSuite = (make: MakeBroker): void => {
  staged('a page has the bounds of the log, and covers (after, upTo]', make, async (stage) => {
    const { epoch } = await stage.publishAll('abcde', { create: keeping({ count: 4 }) })
    const page = await stage.read({ epoch, offset: 2 }, { limit: { count: 2, bytes: 1_000 } })
    const { entries, ...bounds } = page
    assert.deepEqual(
      { ...bounds, metadata: undefined, stamp: undefined },
      {
        kind: 'page',
        epoch,
        floor: 2,
        top: 5,
        status: 'open',
        contentType: 'json',
        conflated: false,
        metadata: undefined,
        gap: undefined,
        skippedFrom: undefined,
        after: 2,
        upTo: 4,
        stamp: undefined,
      },
    )
    assert.equal(written(page), '2>="c"@3 3>="d"@4')
    assert.equal(entries.length, 2)
  })

  staged('sentinels are resolved to cursors, on a log and on an empty one', make, async (stage) => {
    await stage.broker.create('empty', PLAIN)
    await stage.publishAll('abcde')
    for (const [from, after] of [
      ['start', 0],
      ['now', 5],
      [{ last: 2 }, 3],
      [{ last: 9 }, 0],
    ] as const) {
      assert.equal((await stage.read(from)).after, after)
      const empty = await stage.read(from, { channel: 'empty' })
      assert.deepEqual([empty.after, empty.upTo, empty.gap], [0, 0, undefined])
    }
  })

  staged('a page is bounded by count and by bytes, and holds one at least', make, async (stage) => {
    const { epoch } = await stage.publishAll(Array.from({ length: 9 }, () => 'x'.repeat(1_000)))
    const count = async (limit: { count: number; bytes: number }): Promise<number> =>
      (await stage.read({ epoch, offset: 1 }, { limit })).entries.length
    assert.equal(await count({ count: 3, bytes: 1e6 }), 3)
    assert.equal(await count({ count: 99, bytes: 1e6 }), 8)
    assert.equal(await count({ count: 99, bytes: 1 }), 1)
    const some = await count({ count: 99, bytes: 4_000 })
    assert.ok(some > 1 && some < 4, `${some}`)
  })

  staged('what can be served is served; anything else is one gap that says why', make, async (stage) => {
    const { epoch } = await stage.publishAll('abcde', { create: keeping({ count: 2 }) })
    const gaps: [number, string | undefined][] = [
      [0, 'trimmed'],
      [2, 'trimmed'],
      [3, undefined],
      [5, undefined],
      [6, 'ahead'],
    ]
    for (const [offset, why] of gaps) {
      const page = await stage.read({ epoch, offset })
      assert.deepEqual([page.gap, page.after, page.upTo], [why, why === undefined ? offset : 3, 5])
    }
    const other = await stage.read({ epoch: ELSEWHERE, offset: 4 })
    assert.deepEqual([other.gap, other.after, other.epoch], ['epoch', 3, epoch])
  })

  staged('the same place on an unmoved log has the same page', make, async (stage) => {
    await stage.publishAll('abc')
    for (const from of ['start', 'now', { last: 1 }] as const) {
      assert.deepEqual(await stage.read(from), await stage.read(from))
    }
  })

  staged(
    'several channels in one call, in the order of the requests, missing ones among them',
    make,
    async (stage) => {
      await stage.publish('a', { channel: 'a' })
      await stage.publish('b', { channel: 'b' })
      const pages = await stage.broker.read(
        ['b', 'missing', 'a', 'b'].map((channel) => ({
          channel,
          from: 'start',
          limit: { count: 9, bytes: 999 },
        })),
      )
      assert.deepEqual(
        pages.map((page) => (page.kind === 'page' ? textsOf(page) : page.code)),
        [['b'], 'not_found', ['a'], ['b']],
      )
      assert.deepEqual(await stage.broker.read([]), [])
    },
  )

  staged('a reader may make the channel, and stands at its beginning', make, async (stage) => {
    const page = await stage.read('now', { create: PLAIN })
    assert.deepEqual([page.floor, page.top, page.after, page.gap], [1, 0, 0, undefined])
    const { epoch } = await stage.publish('a')
    assert.equal(epoch, page.epoch)
    assert.deepEqual(textsOf(await stage.read({ epoch, offset: 0 })), ['a'])
    const forged = await stage.read({ epoch: ELSEWHERE, offset: 7 }, { channel: 'd', create: PLAIN })
    assert.deepEqual([forged.gap, forged.after], ['epoch', 0])
  })

  staged('an ephemeral channel skips what it has let go of', make, async (stage) => {
    const { epoch } = await stage.publishAll('abcde', { create: keeping({ count: 2 }, EPHEMERAL) })
    const page = await stage.read({ epoch, offset: 1 })
    assert.deepEqual([page.gap, page.skippedFrom, page.after, page.upTo], [undefined, 1, 3, 5])
    const served = await stage.read({ epoch, offset: 3 })
    assert.deepEqual([served.gap, served.skippedFrom], [undefined, undefined])
    assert.equal((await stage.read({ epoch, offset: 6 })).gap, 'ahead')
    assert.equal((await stage.read({ epoch: ELSEWHERE, offset: 1 })).gap, 'epoch')
  })

  staged('asking for conflation on a plain channel brings every publication', make, async (stage) => {
    await stage.publishAll('aab')
    assert.equal(written(await stage.read('start', { conflate: true })), '0>="a"@1 1>="a"@2 2>="b"@3')
  })
}
