/** What is there after the file was closed and opened again: logs, ledgers, keys, markers; and what is refused. */
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { SqliteBroker } from 'holdfast/server'
import { directory, FILE, KEYED, open, page, PLAIN, publish, readAll, withBroker } from './on-disk.ts'

test('a log goes on where it ended, in the same life', async () => {
  const path = directory()
  const before = await withBroker(path, async (broker) => {
    for (let i = 1; i < 10; i++) await publish(broker, 'c', i)
    return publish(broker, 'c', 10)
  })
  await withBroker(path, async (broker) => {
    const { epoch, last, stamp } = before
    const resumed = await page(broker, 'c', { epoch, offset: last, stamp })
    assert.deepEqual([resumed.gap, resumed.after, resumed.top], [undefined, 10, 10])
    assert.equal((await publish(broker, 'c', 11)).first, 11)
    assert.deepEqual(await readAll(broker, 'c'), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })
})

test('the ledger survives with the log that it vouches for: a retry has its first result', async () => {
  const path = directory()
  const request = (seq: number, again = false) => ({
    channel: 'c',
    entries: [{ data: `${seq}` }],
    producer: { id: 'p', epoch: 0, seq, again },
    create: PLAIN,
  })
  const first = await withBroker(path, async (broker) => {
    for (let seq = 0; seq < 300; seq++) await broker.append(request(seq))
    return broker.append(request(300))
  })
  await withBroker(path, async (broker) => {
    const again = await broker.append(request(300, true))
    assert.ok(first.kind === 'appended' && again.kind === 'duplicate')
    assert.deepEqual([again.epoch, again.first, again.last], [first.epoch, first.first, first.last])
    const old = await broker.append(request(44, true))
    assert.ok(old.kind === 'duplicate')
    assert.deepEqual([old.first, old.lastSeq], [undefined, 300], 'only the latest results are kept')
    const next = await broker.append(request(301))
    assert.ok(next.kind === 'appended' && next.first === 302)
    assert.deepEqual(await broker.fence('c', 'p', 0), { known: true, last: 301, epoch: 1 })
  })
  await withBroker(path, async (broker) => {
    assert.deepEqual(await broker.fence('c', 'p', 0), { known: true, last: 301, epoch: 1 })
    const fenced = await broker.append(request(302))
    assert.ok(fenced.kind === 'refused' && fenced.code === 'producer_fenced')
  })
})

test('keys, their cap, what is kept below the floor and the last dropped tombstone survive', async () => {
  const path = directory()
  const put = (broker: SqliteBroker, key: string, remove = false) =>
    broker.append({
      channel: 'k',
      entries: [{ key, data: remove ? 'null' : '1', remove }],
      create: { ...KEYED, maxKeys: 3 },
    })
  const epoch = await withBroker(path, async (broker) => {
    for (const key of 'abc') await put(broker, key)
    await put(broker, 'b', true)
    await put(broker, 'd')
    await broker.trim('k', 99)
    await broker.sweep()
    return (await page(broker, 'k', 'now')).epoch
  })
  await withBroker(path, async (broker) => {
    const limit = { count: 10, bytes: 10_000 }
    const [start, behind] = await broker.read([
      { channel: 'k', from: 'start', conflate: true, limit },
      { channel: 'k', from: { epoch, offset: 3 }, conflate: true, limit },
    ])
    assert.ok(start?.kind === 'page' && behind?.kind === 'page')
    // The first page is a snapshot, and ends where the last tombstone was that has been dropped.
    const [rest] = await broker.read([
      { channel: 'k', from: { epoch, offset: start.upTo }, conflate: true, limit },
    ])
    assert.ok(rest?.kind === 'page')
    const [first, then] = [start, rest].map(({ entries }) =>
      entries.map(({ from, publication }) => [from, publication.key, publication.offset]),
    )
    assert.deepEqual(first, [
      [0, 'a', 1],
      [1, 'c', 3],
    ])
    assert.deepEqual([start.upTo, then], [4, [[4, 'd', 5]]])
    assert.equal(behind.gap, 'trimmed', 'a removal of b may have been missed')
    const full = await put(broker, 'e')
    assert.ok(full.kind === 'refused' && full.code === 'too_many_keys')
  })
})

test('the marker of a deletion survives; the next life sorts later, also with a clock that was set back', async () => {
  const path = directory()
  const first = await withBroker(path, async (broker) => {
    const { epoch } = await publish(broker, 'c', 1)
    await broker.delete('c')
    return epoch
  })
  const back = new SqliteBroker({ directory: path, now: () => 1_000 })
  const limit = { count: 1, bytes: 1 }
  const [marker] = await back.read([
    { channel: 'c', from: { epoch: first, offset: 1 }, limit, create: PLAIN },
  ])
  assert.deepEqual(marker, { kind: 'missing', code: 'deleted' })
  const { epoch } = await publish(back, 'c', 2)
  assert.ok(epoch > first, `${epoch} > ${first}`)
  await back.dispose()
})

test('what nobody needs any more is taken out of the file, in slices', async () => {
  const path = directory()
  await withBroker(path, async (broker) => {
    const entries = Array.from({ length: 1_000 }, (_, i) => ({ data: `${i}` }))
    for (let i = 0; i < 3; i++) await broker.append({ channel: 'c', entries, create: PLAIN })
    await broker.append({ channel: 'gone', entries, create: PLAIN })
    await broker.delete('gone')
    await publish(broker, 'gone', 'again')
    assert.equal(await broker.trim('c', 2_991), 2_991)
    // A sweep takes one slice; what is due follows it by itself, between other work.
    for (let i = 0; i < 50; i++) await broker.sweep()
  })
  const file = new DatabaseSync(join(path, FILE))
  const rows = file.prepare('SELECT count(*) AS entries FROM entries').get()
  const channels = file.prepare('SELECT count(*) AS channels FROM channels').get()
  file.close()
  assert.deepEqual({ ...rows, ...channels }, { entries: 11, channels: 2 })
})

test('one process to a file: a second is refused, and says why', async () => {
  const path = directory()
  const broker = await open(path)
  const second = new SqliteBroker({ directory: path })
  await assert.rejects(second.opened(), {
    code: 'broker_unavailable',
    message: /holdfast\.db is in use by another process/,
  })
  await second.dispose()
  await publish(broker, 'c', 1)
  await broker.dispose()
  await withBroker(path, async (third) => assert.deepEqual(await readAll(third, 'c'), [1]))
})

test('a file of a newer version is refused, and left as it is', async () => {
  const path = directory()
  await withBroker(path, (broker) => publish(broker, 'c', 1))
  const file = new DatabaseSync(join(path, FILE))
  file.exec('PRAGMA user_version = 99')
  file.close()
  const broker = new SqliteBroker({ directory: path })
  await assert.rejects(
    broker.opened(),
    /written by a newer Holdfast \(store version 99; this one knows \d+\)/,
  )
  await broker.dispose()
})

test('a SQLite file of somebody else, and what is none at all, are refused', async () => {
  const path = directory()
  const file = new DatabaseSync(join(path, FILE))
  file.exec('CREATE TABLE accounts (id)')
  file.close()
  const foreign = new SqliteBroker({ directory: path })
  await assert.rejects(foreign.opened(), /not a Holdfast store/)
  await foreign.dispose()
  const text = directory()
  writeFileSync(join(text, FILE), 'Dear diary, '.repeat(1_000))
  const none = new SqliteBroker({ directory: text })
  await assert.rejects(none.opened(), /is damaged, or no Holdfast store/)
  await none.dispose()
})

test('a restored older file ends in a gap: first ahead, then, where the log has gone on differently, rolled back', async () => {
  const path = directory()
  const copy = join(directory(), FILE)
  const early = await withBroker(path, async (broker) => {
    for (let i = 1; i < 5; i++) await publish(broker, 'c', i)
    return publish(broker, 'c', 5)
  })
  copyFileSync(join(path, FILE), copy)
  const late = await withBroker(path, async (broker) => {
    for (let i = 6; i < 10; i++) await publish(broker, 'c', i)
    return publish(broker, 'c', 10)
  })
  copyFileSync(copy, join(path, FILE))
  await withBroker(path, async (broker) => {
    const at = ({ epoch, last, stamp }: typeof late) => ({ epoch, offset: last, stamp })
    assert.equal((await page(broker, 'c', at(early))).gap, undefined)
    assert.equal((await page(broker, 'c', at(late))).gap, 'ahead')
    for (let i = 6; i < 20; i++) await publish(broker, 'c', `other ${i}`)
    assert.equal((await page(broker, 'c', at(late))).gap, 'rolled-back')
    assert.equal((await page(broker, 'c', at(early))).gap, undefined)
  })
})

test('a log that was deleted with its file begins a new life', async () => {
  const one = directory()
  const { epoch, stamp } = await withBroker(one, (broker) => publish(broker, 'c', 1))
  await withBroker(directory(), async (broker) => {
    await publish(broker, 'c', 'other')
    assert.equal((await page(broker, 'c', { epoch, offset: 1, stamp })).gap, 'epoch')
  })
})

test('ephemeral channels and presence stay in memory, and begin anew', async () => {
  const path = directory()
  const create = { ...PLAIN, ephemeral: true }
  const epoch = await withBroker(path, async (broker) => {
    await broker.lease({ channel: 'c', member: 'ann', session: 's', ttlMs: 1_000 })
    await broker.append({ channel: 'e', entries: [{ data: '1' }], create })
    assert.equal((await page(broker, '$presence/c')).top, 1)
    return (await page(broker, 'e')).epoch
  })
  await withBroker(path, async (broker) => {
    assert.equal(await broker.describe('e'), undefined)
    assert.equal(await broker.describe('$presence/c'), undefined)
    await broker.append({ channel: 'e', entries: [{ data: '1' }], create })
    assert.equal((await page(broker, 'e', { epoch, offset: 1 })).gap, 'epoch')
  })
})

test('what was made durable stays so, whatever its rule says today', async () => {
  const path = directory()
  await withBroker(path, (broker) => publish(broker, 'c', 1))
  await withBroker(path, async (broker) => {
    const create = { ...PLAIN, ephemeral: true }
    const entries = [{ data: '2' }]
    const [, result] = await Promise.all([
      broker.append({ channel: 'c', entries, create }),
      broker.append({ channel: 'c', entries, create }),
    ])
    assert.ok(result.kind === 'appended' && result.first === 3)
    assert.deepEqual(await readAll(broker, 'c'), [1, 2, 2])
  })
})

test('what waits when the broker is disposed of is carried out; what comes later is refused', async () => {
  const path = directory()
  const broker = await open(path)
  const under = Array.from({ length: 50 }, (_, i) => publish(broker, 'c', i))
  const disposed = broker.dispose()
  await assert.rejects(publish(broker, 'c', 'late'), { code: 'broker_unavailable' })
  assert.equal((await Promise.all(under)).length, 50)
  await disposed
  await withBroker(path, async (again) => assert.equal((await readAll(again, 'c')).length, 50))
})
