import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broker, ChannelOptions, Move, Page, Position, ReadRequest, Watch } from '../channel/index.ts'
import type { Waiter } from './active-channel.ts'
import { Hub, type HubOptions } from './hub.ts'

const MOVE: Move = { epoch: 'e', floor: 1, top: 1, status: 'open' }
const LIMIT = { count: 10, bytes: 1_000 }
const OPTIONS = {} as ChannelOptions

const turns = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await null
}

/** A broker that is played by hand; its logs count as borrowed unless `elsewhere`. */
class HandBroker {
  readonly watched: Map<string, (move: Move) => void> = new Map()
  readonly calls: { requests: readonly ReadRequest[]; answer: PromiseWithResolvers<Page[]> }[] = []
  releases = 0
  watching: Promise<void> | undefined
  elsewhere = false

  async watch(channel: string, moved: (move: Move) => void): Promise<Watch> {
    await this.watching
    this.watched.set(channel, moved)
    return {
      borrow: this.elsewhere ? undefined : () => undefined,
      release: () => void this.releases++,
    }
  }

  read(requests: readonly ReadRequest[]): Promise<Page[]> {
    const answer = Promise.withResolvers<Page[]>()
    this.calls.push({ requests, answer })
    return answer.promise
  }

  move(channel: string): void {
    this.watched.get(channel)?.(MOVE)
  }
}

const setUp = (options: Partial<HubOptions> = {}) => {
  const broker = new HandBroker()
  const deferred: (() => void)[] = []
  const log: string[] = []
  const hub = new Hub({
    broker: broker as unknown as Broker,
    defer: (task) => deferred.push(task),
    flushed: () => log.push('flushed'),
    ...options,
  })
  const waiter = (name: string, then: () => void = () => undefined): Waiter => ({
    moved: () => {
      log.push(name)
      then()
    },
  })
  const flush = (): void => deferred.shift()?.()
  return { broker, deferred, log, hub, waiter, flush }
}

const page = (name: string): Page => ({ kind: 'missing', code: name as 'not_found' })

test('whoever follows a channel is woken at the end of the turn in which it moved, once', async () => {
  const { broker, deferred, log, hub, waiter, flush } = setUp()
  for (const name of ['a', 'b']) await hub.enter(name, waiter(name)).ready
  await hub.enter('c', waiter('c')).ready
  for (const name of ['b', 'a', 'b', 'a']) broker.move(name)
  assert.deepEqual([log, deferred.length], [[], 1])
  flush()
  assert.deepEqual(log, ['b', 'a', 'flushed'])
  broker.move('a')
  flush()
  assert.deepEqual(log.slice(3), ['a', 'flushed'])
})

test('a move during the round is woken in the next, and a waiter may leave or enter in it', async () => {
  const { broker, deferred, log, hub, waiter, flush } = setUp()
  const gone = waiter('gone')
  const active = hub.enter(
    'a',
    waiter('first', () => {
      hub.leave(active, gone)
      if (log.length === 1) broker.move('a')
    }),
  )
  hub.enter('a', gone)
  await active.ready
  broker.move('a')
  flush()
  assert.deepEqual([log, deferred.length], [['first', 'flushed'], 1])
  flush()
  assert.deepEqual(log.slice(2), ['first', 'flushed'])
})

test('a waiter that throws keeps nobody else asleep, in this round or later', async () => {
  const { broker, log, hub, waiter, flush } = setUp()
  const fault = new Error('mine')
  const fails = (): never => {
    throw fault
  }
  for (const name of ['a', 'b']) {
    hub.enter(name, waiter('throws', fails))
    await hub.enter(name, waiter(name)).ready
  }
  for (let round = 1; round <= 2; round++) {
    broker.move('a')
    broker.move('b')
    assert.throws(flush, fault)
    assert.deepEqual(log.splice(0), ['throws', 'a', 'throws', 'b', 'flushed'])
  }
})

test('`flushed` may be left out', async () => {
  const broker = new HandBroker()
  let task = (): void => undefined
  const hub = new Hub({ broker: broker as unknown as Broker, defer: (each) => (task = each) })
  let woken = 0
  await hub.enter('a', { moved: () => woken++ }).ready
  broker.move('a')
  task()
  assert.equal(woken, 1)
})

test('channels and waiters are counted', () => {
  const { hub, waiter } = setUp()
  const w = waiter('w')
  const a = hub.enter('a', w)
  assert.equal(hub.enter('a', w), a)
  hub.enter('a', waiter('v'))
  hub.enter('__proto__', waiter('w'))
  assert.deepEqual([hub.size, hub.waiters], [2, 3])
  hub.leave(a, w)
  assert.deepEqual([hub.size, hub.waiters], [2, 2])
})

test('reads of one turn travel in one call, and each gets its own page', async () => {
  const { broker, hub, waiter } = setUp()
  const [a, b] = [hub.enter('a', waiter('')), hub.enter('b', waiter(''))]
  const pages = Promise.all([
    hub.read(a, { from: 'now', limit: LIMIT }),
    hub.read(b, { from: 'start', limit: LIMIT, conflate: true, create: OPTIONS }),
  ])
  await turns()
  assert.equal(broker.calls.length, 1)
  assert.deepEqual(broker.calls[0]?.requests, [
    { channel: 'a', from: 'now', limit: LIMIT },
    { channel: 'b', from: 'start', limit: LIMIT, conflate: true, create: OPTIONS },
  ])
  broker.calls[0]?.answer.resolve([page('1'), page('2')])
  assert.deepEqual(await pages, [page('1'), page('2')])
})

test('nothing is read before the watch stands', async () => {
  const { broker, hub, waiter } = setUp()
  const standing = Promise.withResolvers<void>()
  broker.watching = standing.promise
  void hub.read(hub.enter('a', waiter('')), { from: 'now', limit: LIMIT })
  await turns()
  assert.equal(broker.calls.length, 0)
  standing.resolve()
  await turns()
  assert.equal(broker.calls.length, 1)
})

test('the same page is read once while it is under way, and anew afterwards', async () => {
  const { broker, hub, waiter } = setUp()
  const active = hub.enter('a', waiter(''))
  const from: Position = { epoch: 'e', offset: 1 }
  const first = hub.read(active, { from, limit: LIMIT })
  await turns()
  assert.equal(hub.read(active, { from, limit: { ...LIMIT } }), first)
  broker.calls[0]?.answer.resolve([page('1')])
  await first
  await turns()
  assert.notEqual(hub.read(active, { from, limit: LIMIT }), first)
  await turns()
  assert.equal(broker.calls.length, 2)
})

test('pages that differ in anything are different pages', async () => {
  const { broker, hub, waiter } = setUp()
  const active = hub.enter('a', waiter(''))
  const requests: Omit<ReadRequest, 'channel'>[] = [
    { from: 'now', limit: LIMIT },
    { from: { epoch: 'e', offset: 1 }, limit: LIMIT },
    { from: { epoch: 'e', offset: 1, stamp: '00000000' }, limit: LIMIT },
    { from: 'now', limit: { ...LIMIT, count: 1 } },
    { from: 'now', limit: { ...LIMIT, bytes: 1 } },
    { from: 'now', limit: LIMIT, conflate: true },
    { from: 'now', limit: LIMIT, create: OPTIONS },
  ]
  for (const request of requests) void hub.read(active, request)
  await turns()
  assert.equal(broker.calls[0]?.requests.length, requests.length)
})

test('whoever has seen a move is never given a page from before it', async () => {
  const { broker, hub, waiter } = setUp()
  const active = hub.enter('a', waiter(''))
  const before = hub.read(active, { from: 'now', limit: LIMIT })
  await turns()
  broker.move('a')
  const after = hub.read(active, { from: 'now', limit: LIMIT })
  assert.notEqual(after, before)
  await turns()
  broker.calls[0]?.answer.resolve([page('1')])
  await before
  await turns()
  assert.equal(hub.read(active, { from: 'now', limit: LIMIT }), after, 'the later read is still under way')
})

test('a read that fails is told to all who share it, and is made anew', async () => {
  const { broker, hub, waiter } = setUp()
  const active = hub.enter('a', waiter(''))
  const reads = [1, 2].map(() => hub.read(active, { from: 'now', limit: LIMIT }))
  await turns()
  broker.calls[0]?.answer.reject(new Error('away'))
  for (const read of reads) await assert.rejects(read, /away/)
  void hub.read(active, { from: 'now', limit: LIMIT })
  await turns()
  assert.equal(broker.calls.length, 2)
})

test('of a log elsewhere the hub keeps the end, read in pages of its own', async () => {
  const { broker, hub, waiter } = setUp({ tailBytes: 77 })
  broker.elsewhere = true
  await hub.enter('a', waiter('')).ready
  await turns()
  assert.deepEqual(broker.calls[0]?.requests, [
    { channel: 'a', from: 'now', limit: { count: 1_000, bytes: 77 } },
  ])
})

test('a channel that nobody follows is let go of after a while, and not before', async () => {
  const { broker, hub, waiter } = setUp({ lingerSweeps: 2 })
  const w = waiter('w')
  const active = hub.enter('a', w)
  await active.ready
  for (let i = 0; i < 5; i++) hub.sweep()
  hub.leave(active, w)
  hub.sweep()
  hub.sweep()
  assert.equal(hub.enter('a', w), active, 'it lingers')
  hub.leave(active, w)
  hub.sweep()
  hub.sweep()
  assert.deepEqual([hub.size, broker.releases], [1, 0])
  assert.equal(hub.follows('a'), true)
  assert.equal(hub.channels.get('a'), active)
  hub.sweep()
  assert.deepEqual([hub.size, broker.releases], [0, 1])
  assert.equal(hub.follows('a'), false)
  assert.notEqual(hub.enter('a', w), active)
})

test('a channel that cannot be watched is let go of, and the next to come tries again', async () => {
  const { broker, hub, waiter } = setUp()
  broker.watching = Promise.reject(new Error('away'))
  const active = hub.enter('a', waiter(''))
  await assert.rejects(hub.read(active, { from: 'now', limit: LIMIT }), /away/)
  await turns()
  assert.equal(hub.size, 0)
  broker.watching = undefined
  const next = hub.enter('a', waiter(''))
  assert.notEqual(next, active)
  await next.ready
})

test('a channel that fails after its name was taken anew does not take that one with it', async () => {
  const { broker, hub, waiter } = setUp({ lingerSweeps: 0 })
  const standing = Promise.withResolvers<void>()
  broker.watching = standing.promise
  const w = waiter('')
  const active = hub.enter('a', w)
  hub.leave(active, w)
  hub.sweep()
  broker.watching = undefined
  const next = hub.enter('a', w)
  standing.reject(new Error('away'))
  await assert.rejects(active.ready)
  await turns()
  assert.equal(hub.enter('a', w), next)
})

test('disposing releases every watch and wakes nobody', async () => {
  const { broker, hub, log, waiter, flush } = setUp()
  for (const name of ['a', 'b']) await hub.enter(name, waiter(name)).ready
  broker.move('a')
  hub.dispose()
  flush()
  assert.deepEqual([log, broker.releases, hub.size], [['flushed'], 2, 0])
})
