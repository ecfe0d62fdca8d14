/** Following a stream while it is appended to, trimmed, closed, deleted and made again, with and without room. */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryBroker } from '../broker/index.ts'
import type { Broker, ChannelOptions, PageLimit } from '../channel/index.ts'
import { type Framing, Hub } from '../hub/index.ts'
import { type Audience, Follower } from './follower.ts'
import type { FoundPage, Place } from './place.ts'
import { StreamRefusal } from './refusal.ts'

const OPTIONS: ChannelOptions = {
  contentType: 'json',
  retention: { count: 20, ageMs: 1e12, bytes: 1e9 },
  ephemeral: false,
  conflated: false,
  maxKeys: 1,
}

/** What goes between a node and a broker that lives elsewhere. */
class Wire {
  reads = 0
  /** Moves get lost on the way. */
  cut = false
}

/** No log to borrow, as where a broker lives elsewhere; answers and moves come some turns later. */
const elsewhere = (broker: Broker, wire: Wire = new Wire()): Broker => {
  const late = async <T>(answer: Promise<T>): Promise<T> => {
    await turn()
    await turn()
    return answer
  }
  return {
    append: (request) => broker.append(request),
    read: (requests) => {
      wire.reads += requests.length
      return late(broker.read(requests))
    },
    watch: async (channel, moved) => {
      const watch = await broker.watch(channel, (move) =>
        wire.cut ? undefined : void late(Promise.resolve()).then(() => moved(move)),
      )
      return { borrow: undefined, release: () => watch.release() }
    },
    create: (channel, options, beginning) => broker.create(channel, options, beginning),
    close: (channel) => broker.close(channel),
    delete: (channel) => broker.delete(channel),
    list: (request) => broker.list(request),
    describe: (channel) => broker.describe(channel),
    trim: (channel, before) => broker.trim(channel, before),
    fence: (channel, id, epoch) => broker.fence(channel, id, epoch),
    lease: (request) => broker.lease(request),
    release: (request) => broker.release(request),
    sweep: () => broker.sweep(),
    dispose: () => broker.dispose(),
  }
}

const TEXT: Framing<Buffer> = {
  encode: (_channel, entries) =>
    Buffer.from(entries.map(({ publication }) => publication.data as string).join(',')),
}

class Listener implements Audience {
  readonly heard: number[] = []
  readonly places: Place[] = []
  readonly failures: unknown[] = []
  full = false
  limit: PageLimit = { count: 3, bytes: 1_000 }
  epoch = ''

  begin(page: FoundPage): Framing<Buffer> {
    assert.equal(this.epoch, '', 'it begins once')
    this.epoch = page.epoch
    return TEXT
  }

  room(): PageLimit | undefined {
    return this.full ? undefined : this.limit
  }

  data(encoded: Buffer, place: Place): void {
    for (const text of encoded.toString().split(',')) this.heard.push(Number(text))
    this.places.push(place)
  }

  waits(place: Place): void {
    this.places.push(place)
  }

  fails(cause: unknown): void {
    this.failures.push(cause)
  }
}

/** Long enough for whatever is under way. */
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 30; turns++) await turn()
}

const stage = async (far: boolean): Promise<{ broker: Broker; hub: Hub }> => {
  const memory = new MemoryBroker()
  const broker = far ? elsewhere(memory) : memory
  await broker.create('c', OPTIONS)
  return { broker, hub: new Hub({ broker, defer: setImmediate, tailBytes: 500 }) }
}

const publish = (broker: Broker, ...numbers: number[]): Promise<unknown> =>
  broker.append({ channel: 'c', entries: numbers.map((number) => ({ data: String(number) })) })

for (const far of [false, true]) {
  const where = far ? 'elsewhere' : 'here'

  test(`what is there comes in pages, then what is appended (${where})`, async () => {
    const { broker, hub } = await stage(far)
    await publish(broker, 1, 2, 3, 4, 5, 6, 7)
    const listener = new Listener()
    const follower = new Follower(hub, 'c', listener)
    follower.start('start')
    await settle()
    assert.deepEqual(listener.heard, [1, 2, 3, 4, 5, 6, 7])
    assert.deepEqual(
      listener.places.map(({ cursor, upToDate }) => [cursor.offset, upToDate]),
      [
        [3, false],
        [6, false],
        [7, true],
      ],
    )
    await publish(broker, 8)
    await settle()
    assert.deepEqual(listener.heard.at(-1), 8)
    follower.detach()
    assert.equal(hub.waiters, 0)
  })

  test(`without room nothing comes, and with room all of it (${where})`, async () => {
    const { broker, hub } = await stage(far)
    const listener = new Listener()
    listener.full = true
    const follower = new Follower(hub, 'c', listener)
    follower.start('start')
    await publish(broker, 1, 2)
    await settle()
    assert.deepEqual(listener.places, [])
    listener.full = false
    follower.resume()
    await settle()
    assert.deepEqual(listener.heard, [1, 2])
    listener.full = true
    await publish(broker, 3, 4, 5, 6)
    await settle()
    assert.deepEqual(listener.heard, [1, 2])
    listener.full = false
    follower.resume()
    await settle()
    assert.deepEqual(listener.heard, [1, 2, 3, 4, 5, 6])
    follower.detach()
  })

  test(`the end is told with what came last, or by itself (${where})`, async () => {
    const { broker, hub } = await stage(far)
    const [together, alone] = [new Listener(), new Listener()]
    await broker.create('d', OPTIONS)
    new Follower(hub, 'c', together).start('now')
    new Follower(hub, 'd', alone).start('now')
    await settle()
    await broker.append({ channel: 'c', entries: [{ data: '1' }], close: true })
    await broker.close('d')
    await settle()
    assert.deepEqual(together.heard, [1])
    for (const { places } of [together, alone]) assert.equal(places.at(-1)?.closed, true)
  })

  test(`what has been deleted is missing, and a later life is gone for it (${where})`, async () => {
    const { broker, hub } = await stage(far)
    const [first, second] = [new Listener(), new Listener()]
    new Follower(hub, 'c', first).start('now')
    await settle()
    await broker.delete('c')
    await settle()
    await broker.create('c', OPTIONS)
    const follower = new Follower(hub, 'c', second)
    follower.start({ epoch: first.epoch, offset: 0 })
    await settle()
    assert.deepEqual(
      [...first.failures, ...second.failures].map((cause) => cause instanceof StreamRefusal && cause.status),
      [404, 410],
    )
    assert.equal(hub.waiters, 0, 'whoever has failed has let go')
  })

  test(`a life that ends while its page is on the way, with another in its place, is gone (${where})`, async () => {
    for (let appends = 0; appends < 8; appends++) {
      const { broker, hub } = await stage(far)
      const listener = new Listener()
      new Follower(hub, 'c', listener).start('now')
      for (let appended = 0; appended < appends; appended++) await publish(broker, appended)
      await broker.delete('c')
      await broker.create('c', OPTIONS)
      await settle()
      const caughtUp = listener.places.at(-1)?.cursor.epoch === (await broker.describe('c'))?.epoch
      const failed = listener.failures.some((cause) => cause instanceof StreamRefusal)
      assert.ok(caughtUp !== failed, `after ${appends} appends`)
    }
  })

  test(`whatever happens, what comes is what was appended, without a hole, or an end (${where})`, async () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 8 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('trim' as const), count: fc.nat(30) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('fill' as const, 'drain' as const) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'again' as const, 'close' as const) }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { broker, hub } = await stage(far)
        const listener = new Listener()
        const follower = new Follower(hub, 'c', listener)
        follower.start('now')
        let next = 1
        for (const each of steps) {
          if (each.do === 'append') {
            const numbers = Array.from({ length: each.count }, (_, index) => next + index)
            const result = (await publish(broker, ...numbers)) as { kind: string }
            if (result.kind === 'appended') next += each.count
          } else if (each.do === 'trim') await broker.trim('c', each.count)
          else if (each.do === 'fill') listener.full = true
          else if (each.do === 'drain') {
            listener.full = false
            follower.resume()
          } else if (each.do === 'turn') await turn()
          else if (each.do === 'delete') await broker.delete('c')
          else if (each.do === 'close') await broker.close('c')
          else await broker.create('c', OPTIONS)
        }
        listener.full = false
        follower.resume()
        await settle()
        const [first = next] = listener.heard
        assert.deepEqual(
          listener.heard,
          Array.from({ length: listener.heard.length }, (_, index) => first + index),
        )
        const info = await broker.describe('c')
        const last = listener.places.at(-1)
        if (listener.failures.length === 0) {
          assert.ok(info !== undefined && last !== undefined)
          assert.deepEqual(
            [last.cursor.epoch, last.cursor.offset],
            [info.epoch, info.top],
            'it has caught up',
          )
          assert.equal(last.closed, info.status === 'closed')
        } else {
          assert.equal(listener.failures.length, 1)
          assert.ok(listener.failures[0] instanceof StreamRefusal)
          assert.equal(hub.waiters, 0)
        }
        follower.detach()
        hub.dispose()
      }),
      { numRuns: 150 },
    )
  })
}

test('a later life is read page by page while the copied tail is still of the one before', async () => {
  const wire = new Wire()
  const broker = elsewhere(new MemoryBroker(), wire)
  const hub = new Hub({ broker, defer: setImmediate, tailBytes: 500 })
  await broker.create('c', OPTIONS)
  new Follower(hub, 'c', new Listener()).start('now')
  await settle()
  wire.cut = true
  await broker.delete('c')
  await broker.create('c', OPTIONS)
  await publish(broker, 1, 2, 3, 4, 5, 6, 7)
  const listener = new Listener()
  wire.reads = 0
  new Follower(hub, 'c', listener).start('start')
  await settle()
  assert.deepEqual(listener.heard, [1, 2, 3, 4, 5, 6, 7])
  assert.equal(wire.reads, 3, 'each page once')
  wire.cut = false
  await publish(broker, 8)
  await settle()
  assert.deepEqual(listener.heard.at(-1), 8)
})

test('an audience that throws ends, and nobody else does', async () => {
  const { broker, hub } = await stage(false)
  const [bad, good] = [new Listener(), new Listener()]
  const fault = new Error('cannot write')
  bad.data = (): never => {
    throw fault
  }
  for (const listener of [bad, good]) new Follower(hub, 'c', listener).start('now')
  await settle()
  await publish(broker, 1)
  await settle()
  await publish(broker, 2)
  await settle()
  assert.deepEqual([bad.failures, good.heard, good.failures], [[fault], [1, 2], []])
  assert.equal(hub.waiters, 1)
})
