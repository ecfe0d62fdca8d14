/** The node's end of the store's thread: what becomes of promises when the thread dies, and of too much at once. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type AppendResult, BrokerUnavailableError } from '../../channel/index.ts'
import { PLAIN } from '../suite/stage.ts'
import { SqliteBroker } from './sqlite-broker.ts'
import { type SpawnStore, spawnStore, type StorePort } from './store-port.ts'

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-thread-'))
  after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A broker whose threads can be ended from outside, each as it is spawned. */
const exposed = (): { broker: SqliteBroker; threads: StorePort[]; spawned: () => Promise<void> } => {
  const threads: StorePort[] = []
  let told: (() => void) | undefined
  const spawn: SpawnStore = (data, events) => {
    const port = spawnStore(data, {
      ...events,
      message: (message) => {
        events.message(message)
        if (message.kind === 'open') told?.()
      },
    })
    threads.push(port)
    return port
  }
  const broker = new SqliteBroker({ directory: directory() }, spawn)
  return { broker, threads, spawned: () => new Promise((resolve) => (told = resolve)) }
}

const once = (broker: SqliteBroker, seq: number, again = false): Promise<AppendResult> =>
  broker.append({
    channel: 'c',
    entries: [{ data: `${seq}` }],
    producer: { id: 'p', epoch: 0, seq, again },
    create: { ...PLAIN, retention: { count: Infinity, ageMs: Infinity, bytes: Infinity } },
  })

test('when the thread dies everyone who waits is told, and the next one goes on with what was committed', async () => {
  const { broker, threads, spawned } = exposed()
  const tops: number[] = []
  const watch = await broker.watch('c', ({ top }) => tops.push(top))
  let acknowledged = 0
  for (let life = 0; life < 4; life++) {
    await once(broker, acknowledged, true).catch(() => undefined)
    const known = await once(broker, acknowledged)
    assert.ok(known.kind === 'appended' || known.kind === 'duplicate', JSON.stringify(known))
    acknowledged++
    const again = spawned()
    const underWay = Array.from({ length: 20 }, (_, i) => once(broker, acknowledged + i))
    const dying = threads.at(-1)?.terminate()
    const outcomes = await Promise.allSettled(underWay)
    await dying
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') acknowledged++
      else {
        assert.ok(outcome.reason instanceof BrokerUnavailableError)
        assert.match(outcome.reason.message, /in doubt/)
      }
    }
    await again
    // Committed and never answered: the watcher hears of it from the new thread.
    const info = await broker.describe('c')
    assert.equal(watch.borrow?.()?.top, info?.top)
    assert.equal(tops.at(-1), info?.top)
    acknowledged = info?.top ?? 0
  }
  assert.equal(threads.length, 5)
  const limit = { count: 1_000, bytes: 1e6 }
  const [page] = await broker.read([{ channel: 'c', from: 'start', limit }])
  assert.ok(page?.kind === 'page')
  assert.deepEqual(
    page.entries.map(({ publication }) => publication.producer?.seq),
    Array.from({ length: page.top }, (_, seq) => seq),
  )
  await broker.dispose()
})

test('while the thread is gone nothing hangs, and disposing does not wait for another', async () => {
  const { broker, threads } = exposed()
  await once(broker, 0)
  await threads[0]?.terminate()
  await assert.rejects(once(broker, 1), { code: 'broker_unavailable' })
  await assert.rejects(
    broker.watch('c', () => undefined),
    { code: 'broker_unavailable' },
  )
  await broker.dispose()
  assert.equal(threads.length, 1)
})

test('what waits for a slow disk has a bound in bytes', async () => {
  const { broker } = exposed()
  await broker.opened()
  const data = JSON.stringify('x'.repeat(1024 * 1024))
  const entries = Array.from({ length: 9 }, () => ({ data }))
  const create = { ...PLAIN, retention: { count: 1, ageMs: Infinity, bytes: Infinity } }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => broker.append({ channel: 'c', entries, create })),
  )
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  )
  assert.equal(refused.length, 3)
  for (const { message } of refused) assert.match(message, /the disk does not keep up/)
  assert.equal((await broker.append({ channel: 'c', entries: [{ data: '1' }] })).kind, 'appended')
  await broker.dispose()
})
