import assert from 'node:assert/strict'
import { test } from 'node:test'
import { presenceChannel } from '../channel/index.ts'
import { brokerSuite } from './broker-suite.ts'
import { MemoryBroker } from './memory-broker.ts'
import { KEYED, PLAIN } from './suite/stage.ts'

brokerSuite('memory', (surroundings) =>
  Promise.resolve({ broker: new MemoryBroker(surroundings), told: () => Promise.resolve() }),
)

const entries = [{ data: '1' }]

test('by default it takes the time and its randomness from the process', async () => {
  const broker = new MemoryBroker()
  const before = Date.now()
  const result = await broker.append({ channel: 'c', entries, create: PLAIN })
  assert.ok(result.kind === 'appended' && result.time >= before && result.time <= Date.now())
  await broker.dispose()
  assert.equal(await broker.describe('c'), undefined)
})

test('a fault is a rejection, never thrown', async () => {
  const fault = new Error('no clock')
  const broker = new MemoryBroker({
    now: () => {
      throw fault
    },
  })
  await assert.rejects(broker.append({ channel: 'c', entries, create: PLAIN }), fault)
})

test('every operation is one step: what is asked for in one go happens in that order', async () => {
  const broker = new MemoryBroker()
  const order: string[] = []
  const told = broker.watch('c', ({ top }) => order.push(`moved ${top}`))
  const done = [
    broker.append({ channel: 'c', entries, create: PLAIN }),
    broker.append({ channel: 'c', entries }),
    broker.read([{ channel: 'c', from: 'start', limit: { count: 9, bytes: 999 } }]),
  ]
  assert.deepEqual(order, ['moved 1', 'moved 2'])
  const [, , pages] = await Promise.all(done)
  assert.ok(Array.isArray(pages) && pages[0]?.kind === 'page' && pages[0].top === 2)
  await told
})

test('RF96: a sequence of a writer that is not greater than the last one is sequence_behind', async () => {
  const broker = new MemoryBroker()
  const kinds: string[] = []
  for (const sequence of ['2', '2', '10', '3']) {
    const result = await broker.append({ channel: 'c', entries, create: PLAIN, sequence })
    kinds.push(result.kind === 'refused' ? result.code : result.kind)
  }
  assert.deepEqual(kinds, ['appended', 'sequence_behind', 'sequence_behind', 'appended'])
})

test('markers of deleted channels have a bound: the oldest go first', async () => {
  const broker = new MemoryBroker({ maxChannels: 2 })
  for (const channel of ['a', 'b', 'c']) {
    await broker.create(channel, PLAIN)
    await broker.delete(channel)
  }
  const pages = await broker.read(
    ['a', 'b', 'c'].map((channel) => ({ channel, from: 'now', limit: { count: 1, bytes: 1 } })),
  )
  assert.deepEqual(
    pages.map((page) => page.kind === 'missing' && page.code),
    ['not_found', 'deleted', 'deleted'],
  )
})

test('the marker of a second deletion is a new one', async () => {
  const broker = new MemoryBroker({ maxChannels: 2 })
  for (const channel of ['a', 'b', 'a', 'c']) {
    await broker.create(channel, PLAIN)
    await broker.delete(channel)
  }
  const [page] = await broker.read([{ channel: 'a', from: 'now', limit: { count: 1, bytes: 1 } }])
  assert.deepEqual(page, { kind: 'missing', code: 'deleted' })
})

test('a presence channel that takes nothing more takes no members', async () => {
  const broker = new MemoryBroker()
  const request = { channel: 'c', member: 'ann', session: 's', ttlMs: 90_000 }
  await broker.create(presenceChannel('c'), KEYED)
  await broker.close(presenceChannel('c'))
  await broker.lease(request)
  const moves: number[] = []
  await broker.watch(presenceChannel('c'), ({ top }) => moves.push(top))
  await broker.release({ ...request, graceMs: 0 })
  assert.deepEqual(moves, [])
})
