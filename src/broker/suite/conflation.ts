/** Keyed channels: the latest entry of each key whatever the retention, tombstones, and the cap on keys. */
import assert from 'node:assert/strict'
import { KEYED, keeping, type MakeBroker, refused, type Stage, staged, written } from './stage.ts'

const CONFLATE = { conflate: true }
const SHORT = keeping({ count: 1 }, KEYED)

export const conflationSuite = (make: MakeBroker): void => {
  staged(
    'a conflating reader is given the latest of each key, and what each entry covers',
    make,
    async (stage) => {
      for (const [key, data] of [
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
        ['c', '1'],
      ] as const)
        await stage.put(key, data)
      const page = await stage.read('start', CONFLATE)
      assert.equal(written(page), '0>b=1@2 2>a=2@3 3>c=1@4')
      assert.deepEqual([page.conflated, page.after, page.upTo, page.top], [true, 0, 4, 4])
      assert.equal(written(await stage.read('start')), '0>a=1@1 1>b=1@2 2>a=2@3 3>c=1@4')
    },
  )

  staged('the latest of each key is kept whatever the retention', make, async (stage) => {
    const { epoch } = await stage.put('a', '1', SHORT)
    for (const [key, data] of [
      ['b', '1'],
      ['c', '1'],
      ['c', '2'],
    ] as const)
      await stage.put(key, data)
    assert.equal(written(await stage.read('start', CONFLATE)), '0>a=1@1 1>b=1@2 2>c=2@4')
    const behind = await stage.read({ epoch, offset: 1 }, CONFLATE)
    assert.deepEqual([behind.gap, behind.floor, written(behind)], [undefined, 4, '1>b=1@2 2>c=2@4'])
    assert.equal((await stage.read({ epoch, offset: 1 })).gap, 'trimmed', 'who does not conflate has a gap')
    await stage.broker.trim('c', 99)
    assert.equal(written(await stage.read('start', CONFLATE)), '0>a=1@1 1>b=1@2 2>c=2@4')
  })

  staged('a page that covers more than its entries says so', make, async (stage) => {
    await stage.put('a', '1', SHORT)
    await stage.put('b', '1')
    await stage.remove('b')
    await stage.put('c', '1')
    await stage.remove('c')
    await stage.broker.trim('c', 99)
    const page = await stage.read('start', CONFLATE)
    assert.deepEqual([written(page), page.upTo, page.top], ['0>a=1@1', 5, 5])
  })

  staged('a removal is a tombstone as long as the log holds it; its key is gone', make, async (stage) => {
    const { epoch } = await stage.put('a', '1')
    await stage.remove('a')
    assert.equal(written(await stage.read({ epoch, offset: 1 }, CONFLATE)), '1>a=-@2')
    assert.equal(written(await stage.read('start', CONFLATE)), '0>a=-@2')
  })

  staged('trimmed: only below the last dropped tombstone', make, async (stage) => {
    const { epoch } = await stage.put('a', '1')
    await stage.put('b', '1')
    await stage.remove('a')
    await stage.put('c', '1')
    await stage.broker.trim('c', 99)
    for (const [offset, why] of [
      [0, undefined],
      [1, 'trimmed'],
      [2, 'trimmed'],
      [3, undefined],
      [4, undefined],
    ] as const) {
      const page = await stage.read({ epoch, offset }, CONFLATE)
      assert.equal(page.gap, why)
      assert.equal(page.after, why === undefined ? offset : 0)
    }
    const anew = await stage.read({ epoch, offset: 1 }, CONFLATE)
    assert.deepEqual([written(anew), anew.upTo], ['0>b=1@2', 3], 'it ends where it can be resumed from')
    assert.equal(written(await stage.read({ epoch, offset: 3 }, CONFLATE)), '3>c=1@4')
  })

  staged(
    'whoever begins at the start reaches the top in pages, without a gap, while nothing moves',
    make,
    async (stage) => {
      for (const key of 'abcdefgh') await stage.put(key, `"${'x'.repeat(100)}"`, SHORT)
      await stage.remove('h')
      await stage.put('i', '1')
      for (const limit of [
        { count: 2, bytes: 1e6 },
        { count: 99, bytes: 300 },
      ]) {
        assert.deepEqual(await keysFromStart(stage, limit), [...'abcdefgi'])
      }
      await stage.broker.trim('c', 99)
      assert.deepEqual(await keysFromStart(stage, { count: 1, bytes: 1 }), [...'abcdefgi'])
    },
  )

  staged('conflated pages are bounded by count and by bytes', make, async (stage) => {
    for (const key of 'abcdefgh') await stage.put(key, `"${'x'.repeat(1_000)}"`)
    const count = async (limit: { count: number; bytes: number }): Promise<number> =>
      (await stage.read('start', { ...CONFLATE, limit })).entries.length
    assert.equal(await count({ count: 3, bytes: 1e6 }), 3)
    assert.equal(await count({ count: 99, bytes: 1 }), 1)
    const some = await count({ count: 99, bytes: 4_000 })
    assert.ok(some > 1 && some < 4, `${some}`)
  })

  staged(
    'ephemeral and conflated: who lags is given the latest of each key without a gap, who does not conflate skips',
    make,
    async (stage) => {
      const create = keeping({ count: 2 }, { ...KEYED, ephemeral: true })
      const { epoch } = await stage.put('a', '1', create)
      await stage.append(
        ['a', 'b', 'c', 'b', 'c'].map((key, index) => ({ key, data: `${index}` })),
        { create },
      )
      const behind = { epoch, offset: 1 }
      const page = await stage.read(behind, { ...CONFLATE, create })
      assert.deepEqual([page.gap, page.skippedFrom], [undefined, undefined])
      assert.equal(written(page), '1>a=0@2 2>b=3@5 5>c=4@6')
      const plain = await stage.read(behind, { create })
      assert.deepEqual([plain.gap, plain.skippedFrom, plain.after], [undefined, 1, 4])
    },
  )

  staged('keys have a cap: a new one beyond it is refused, and consumes nothing', make, async (stage) => {
    const create = { ...KEYED, maxKeys: 2 }
    await stage.put('a', '1', create)
    await stage.put('b', '1')
    const producer = { id: 'p', epoch: 0, seq: 0 }
    refused(await stage.append([{ key: 'c', data: '1' }], { producer }), 'too_many_keys')
    await stage.put('a', '2')
    await stage.remove('b')
    assert.equal((await stage.append([{ key: 'c', data: '1' }], { producer })).kind, 'appended')
  })

  staged('the cap counts keys as they are after the whole append', make, async (stage) => {
    const create = { ...KEYED, maxKeys: 2 }
    const put = (key: string) => ({ key, data: '1' })
    const gone = (key: string) => ({ key, data: 'null', remove: true })
    refused(await stage.append([put('a'), put('b'), put('c')], { create }), 'too_many_keys')
    assert.equal((await stage.append([put('a'), put('a'), put('b')], { create })).kind, 'appended')
    assert.equal((await stage.append([put('c'), gone('a')])).kind, 'appended', 'one comes, one goes')
    assert.equal((await stage.append([put('d'), gone('d')])).kind, 'appended', 'it is gone again')
    refused(await stage.append([gone('b'), put('b'), put('e')]), 'too_many_keys')
    assert.equal((await stage.append([gone('b'), gone('c'), gone('x')])).kind, 'appended')
    assert.equal((await stage.append([put('f'), put('g')])).kind, 'appended')
  })

  staged('keys may be called anything', make, async (stage) => {
    for (const key of ['__proto__', 'constructor', 'a:b', '{c}']) await stage.put(key, '1')
    assert.equal((await stage.read('start', CONFLATE)).entries.length, 4)
  })
}

/** Keys with a value, as a reader finds them who goes from the start to the top. */
const keysFromStart = async (stage: Stage, limit: { count: number; bytes: number }): Promise<string[]> => {
  const keys = new Set<string>()
  let page = await stage.read('start', { ...CONFLATE, limit })
  for (let pages = 0; pages < 50; pages++) {
    assert.equal(page.gap, undefined)
    for (const { publication } of page.entries) {
      if (publication.removed) keys.delete(publication.key as string)
      else keys.add(publication.key as string)
    }
    if (page.upTo === page.top) return [...keys]
    page = await stage.read({ epoch: page.epoch, offset: page.upTo }, { ...CONFLATE, limit })
  }
  return assert.fail('the top was not reached')
}
