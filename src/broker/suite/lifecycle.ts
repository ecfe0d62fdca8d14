/** The life of a channel: created, described, closed, deleted, made again. */
import assert from 'node:assert/strict'
import { EPHEMERAL, KEYED, type MakeBroker, PLAIN, refused, staged, textsOf } from './stage.ts'

const DAY_MS = 86_400_000

export const lifecycleSuite = (make: MakeBroker): void => {
  staged('a channel is created once, and described', make, async (stage) => {
    const created = await stage.broker.create('c', KEYED)
    assert.equal(created.kind, 'created')
    const expected = {
      channel: 'c',
      options: KEYED,
      floor: 1,
      top: 0,
      status: 'open',
      createdMs: stage.clock.ms,
      bytes: 0,
    }
    const { epoch, stamp, ...info } = (await stage.broker.describe('c')) ?? assert.fail()
    assert.deepEqual(info, expected)
    stage.clock.ms += 5
    const again = await stage.broker.create('c', PLAIN)
    const same = stamp === undefined ? { epoch, ...expected } : { epoch, ...expected, stamp }
    assert.deepEqual(again, { kind: 'exists', info: same })
    await stage.put('k', '1')
    assert.ok(((await stage.broker.describe('c'))?.bytes ?? 0) > 0)
    assert.equal(await stage.broker.describe('d'), undefined)
  })

  staged('channels are listed by name, page by page, whatever is in their names', make, async (stage) => {
    const names = ['b', 'a/2', 'a/1', 'A', 'a', '\u{1f600}', '\uffee', 'ä', "a'--%_", '__proto__', 'passing']
    for (const name of names) await stage.broker.create(name, name === 'passing' ? EPHEMERAL : PLAIN)
    await stage.broker.create('gone', PLAIN)
    await stage.broker.delete('gone')
    await stage.broker.close('b')
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const { broker } = stage
    assert.deepEqual(await broker.list({ after: '', contains: '', limit: 100 }), sorted)
    const paged: string[] = []
    for (let after = ''; ;) {
      const page = await broker.list({ after, contains: '', limit: 3 })
      paged.push(...page)
      if (page.length < 3) break
      after = page.at(-1) as string
    }
    assert.deepEqual(paged, sorted)
    assert.deepEqual(await broker.list({ after: 'a', contains: 'a', limit: 100 }), [
      "a'--%_",
      'a/1',
      'a/2',
      'passing',
    ])
    assert.deepEqual(await broker.list({ after: '', contains: '%', limit: 100 }), ["a'--%_"])
    assert.deepEqual(await broker.list({ after: '', contains: 'nowhere', limit: 100 }), [])
  })

  staged('what a channel begins with is there when it is', make, async (stage) => {
    const entries = [{ data: '"a"' }, { data: '"b"' }]
    const created = await stage.broker.create('c', PLAIN, { entries })
    assert.ok(created.kind === 'created')
    assert.deepEqual([created.info.top, created.info.status], [2, 'open'])
    assert.deepEqual(textsOf(await stage.read('start')), ['a', 'b'])
    const again = await stage.broker.create('c', PLAIN, { entries, close: true })
    assert.ok(again.kind === 'exists')
    assert.deepEqual([again.info.top, again.info.status], [2, 'open'])
  })

  staged('a channel may begin closed, also with nothing in it', make, async (stage) => {
    for (const entries of [[], [{ data: '"a"' }]]) {
      const channel = `closed ${entries.length}`
      const created = await stage.broker.create(channel, PLAIN, { entries, close: true })
      assert.ok(created.kind === 'created')
      assert.deepEqual([created.info.top, created.info.status], [entries.length, 'closed'])
      refused(await stage.append([{ data: '1' }], { channel }), 'closed')
    }
  })

  staged('a beginning that is refused makes no channel', make, async (stage) => {
    const refusal = await stage.broker.create('c', PLAIN, { entries: [{ data: new Uint8Array(1) }] })
    assert.deepEqual(refusal, { kind: 'refused', code: 'content_type' })
    assert.equal(await stage.broker.describe('c'), undefined)
    assert.equal((await stage.page('start')).kind, 'missing')
  })

  staged('metadata comes back as it was given', make, async (stage) => {
    const metadata = '{"type":"text/plain","\u00e9":"\u{1f600}"}'
    await stage.broker.create('c', { ...PLAIN, metadata })
    assert.equal((await stage.broker.describe('c'))?.options.metadata, metadata)
    assert.equal((await stage.read('start')).metadata, metadata)
    await stage.publish('a', { channel: 'd' })
    assert.equal((await stage.read('start', { channel: 'd' })).metadata, undefined)
  })

  staged('a closed channel stays readable, and takes nothing more', make, async (stage) => {
    assert.equal(await stage.broker.close('c'), false)
    await stage.publish('a')
    assert.equal(await stage.broker.close('c'), true)
    assert.equal(await stage.broker.close('c'), true)
    refused(await stage.append([{ data: '1' }]), 'closed')
    const page = await stage.read('start')
    assert.deepEqual([textsOf(page), page.status], [['a'], 'closed'])
    assert.equal((await stage.broker.describe('c'))?.status, 'closed')
    assert.equal((await stage.broker.create('c', PLAIN)).kind, 'exists')
  })

  staged('a deleted channel leaves a marker that cursors meet, and nothing else', make, async (stage) => {
    assert.equal(await stage.broker.delete('c'), false)
    const { epoch } = await stage.publish('a')
    assert.equal(await stage.broker.delete('c'), true)
    assert.equal(await stage.broker.delete('c'), false)
    assert.equal(await stage.broker.close('c'), false)
    assert.equal(await stage.broker.describe('c'), undefined)
    assert.equal(await stage.broker.trim('c', 9), undefined)
    refused(await stage.append([{ data: '1' }], { create: undefined }), 'deleted')
    for (const from of [{ epoch, offset: 1 }, 'now'] as const) {
      assert.deepEqual(await stage.page(from), { kind: 'missing', code: 'deleted' })
    }
  })

  staged(
    'a cursor does not make a deleted channel again; a sentinel does, in a new life',
    make,
    async (stage) => {
      const { epoch } = await stage.publish('a')
      await stage.broker.delete('c')
      const cursor = { epoch, offset: 1 }
      assert.deepEqual(await stage.page(cursor, { create: PLAIN }), { kind: 'missing', code: 'deleted' })
      const page = await stage.read('now', { create: PLAIN })
      assert.deepEqual([page.floor, page.top], [1, 0])
      assert.ok(page.epoch > epoch, 'later lives sort later')
      assert.equal((await stage.read(cursor)).gap, 'epoch')
    },
  )

  for (const [by, again] of [
    ['publishing', 'publish'],
    ['creating', 'create'],
  ] as const) {
    staged(`${by} makes a deleted channel again, in a new life`, make, async (stage) => {
      const { epoch } = await stage.publishAll('ab')
      await stage.broker.delete('c')
      if (again === 'publish') await stage.publish('c')
      else assert.equal((await stage.broker.create('c', PLAIN)).kind, 'created')
      const page = await stage.read({ epoch, offset: 2 })
      assert.deepEqual([page.gap, page.after, page.epoch > epoch], ['epoch', 0, true])
    })
  }

  staged('a refused publication leaves the marker of a deletion where it is', make, async (stage) => {
    const { epoch } = await stage.publish('a')
    await stage.broker.delete('c')
    refused(await stage.append([{ data: new Uint8Array(1) }]), 'content_type')
    assert.deepEqual(await stage.page({ epoch, offset: 1 }), { kind: 'missing', code: 'deleted' })
  })

  staged(
    'the marker goes after its time, and not before',
    make,
    async (stage) => {
      const { epoch } = await stage.publish('a')
      await stage.broker.delete('c')
      stage.clock.ms += DAY_MS - 1
      await stage.broker.sweep()
      assert.deepEqual(await stage.page({ epoch, offset: 1 }), { kind: 'missing', code: 'deleted' })
      stage.clock.ms += 1
      await stage.broker.sweep()
      assert.deepEqual(await stage.page({ epoch, offset: 1 }), { kind: 'missing', code: 'not_found' })
    },
    { deletedMarkerMs: DAY_MS },
  )

  staged(
    'the marker of a life past does not take the next one with it',
    make,
    async (stage) => {
      await stage.publish('a')
      await stage.broker.delete('c')
      await stage.publish('b')
      stage.clock.ms += 1_000
      await stage.broker.sweep()
      assert.deepEqual(textsOf(await stage.read('start')), ['b'])
    },
    { deletedMarkerMs: 1_000 },
  )

  staged('no two lives have the same epoch, whatever the clock does', make, async (stage) => {
    const epochs = new Set<string>()
    for (let life = 0; life < 20; life++) {
      for (const channel of ['c', 'd']) epochs.add((await stage.publish('a', { channel })).epoch)
      for (const channel of ['c', 'd']) await stage.broker.delete(channel)
      stage.clock.ms -= life % 3
    }
    assert.equal(epochs.size, 40)
  })

  staged(
    'channels have a cap: beyond it nobody makes one, and a deletion makes room',
    make,
    async (stage) => {
      for (const channel of ['a', 'b']) await stage.broker.create(channel, PLAIN)
      refused(await stage.append([{ data: '1' }]), 'too_many_channels')
      assert.deepEqual(await stage.broker.create('c', PLAIN), { kind: 'refused', code: 'too_many_channels' })
      assert.deepEqual(await stage.page('now', { create: PLAIN }), {
        kind: 'missing',
        code: 'too_many_channels',
      })
      assert.equal((await stage.broker.create('a', PLAIN)).kind, 'exists')
      await stage.broker.delete('a')
      await stage.publish('c')
      refused(await stage.append([{ data: '1' }], { channel: 'a' }), 'too_many_channels')
      await stage.broker.delete('b')
      await stage.publish('again', { channel: 'a' })
    },
    { maxChannels: 2 },
  )
}
