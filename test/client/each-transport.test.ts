/**
 * The client against a real node, over each of the four transports: following, publishing, looking back,
 * presence, calls, and an end that leaves nothing behind.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Client,
  connect,
  type ConnectOptions,
  type SubscribeOptions,
  type TransportName,
} from 'holdfast'
import { createServer, type HoldfastServer, MemoryBroker } from 'holdfast/server'

const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

/** Fulfilled when `reached` is true of the client's state. */
const until = (client: Client, reached: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (!reached()) return
      stop()
      resolve()
    }
    const stop = client.on('state', check)
    check()
  })

for (const transport of TRANSPORTS) {
  describe(transport, { timeout: 15_000 }, () => {
    const broker = new MemoryBroker()
    let server: HoldfastServer
    let url: string
    let calls = 0
    const clients: Client[] = []
    const open = (options: ConnectOptions = {}): Client => {
      const client = connect(url, { transport, pollIntervalMs: 20, ...options })
      clients.push(client)
      return client
    }

    before(async () => {
      server = createServer({
        broker,
        limits: { commandsPerSecond: 10_000, commandBurst: 10_000, publicationBytes: 2_000 },
        rules: [
          { pattern: 'bytes/*', contentType: 'bytes' },
          { pattern: 'keyed/*', conflated: true },
        ],
        authorize: ({ channel }) => channel !== 'secret',
      })
      server.handle('add', (params) => {
        calls++
        const [a, b] = params as [number, number]
        return a + b
      })
      url = (await server.listen()).url
    })
    after(async () => {
      for (const client of clients) client.close()
      await server.close()
      await broker.dispose()
    })

    test('a handler gets every publication in order, with its cursor', async () => {
      const client = open()
      const channel = client.channel<number>('chat/handler')
      const seen: number[] = []
      const subscription = channel.subscribe({ from: 'start' }, ({ data }) => seen.push(data))
      await subscription.ready
      const numbers = Array.from({ length: 150 }, (_, index) => index)
      const published = await Promise.all(numbers.map((value) => channel.publish(value)))
      await until(client, () => seen.length >= 150)
      assert.deepEqual(seen, numbers)
      assert.equal(subscription.cursor, published.at(-1)?.cursor)
      assert.deepEqual(client.state.counts, {
        delivered: 150,
        lost: 0,
        duplicated: 0,
        gaps: 0,
        repairs: 0,
        switches: 0,
      })
      assert.equal(client.state.transport, transport)
      assert.equal(client.state.why.code, 'asked_for')
    })

    test('an iterator starts where it is told: at the start, now, at the last n, or at a cursor', async () => {
      const channel = open().channel<number>('chat/from')
      const cursors = await Promise.all([1, 2, 3].map(async (value) => (await channel.publish(value)).cursor))
      const now = channel.subscribe({ from: 'now' })
      assert.equal(await now.ready, cursors[2])
      now.close()
      const firstOf = async (from: SubscribeOptions): Promise<number | undefined> => {
        for await (const { data } of channel.subscribe(from)) return data
        return undefined
      }
      assert.equal(await firstOf({ from: 'start' }), 1)
      assert.equal(await firstOf({ from: { last: 2 } }), 2)
      assert.equal(await firstOf({ from: cursors[1] as string }), 3)
    })

    test('two subscriptions of one channel each get their own', async () => {
      const client = open()
      const channel = client.channel<number>('chat/two')
      for (const value of [1, 2, 3]) await channel.publish(value)
      const [all, last]: [number[], number[]] = [[], []]
      const first = channel.subscribe({ from: 'start' }, ({ data }) => all.push(data))
      const second = channel.subscribe({ from: { last: 1 } }, ({ data }) => last.push(data))
      await Promise.all([first.ready, second.ready])
      await channel.publish(4)
      await until(client, () => all.length === 4 && last.length === 2)
      assert.deepEqual(
        [all, last],
        [
          [1, 2, 3, 4],
          [3, 4],
        ],
      )
      first.close()
      await channel.publish(5)
      await until(client, () => last.length === 3)
      assert.equal(all.length, 4)
    })

    test('bytes stay bytes', async () => {
      const channel = open().channel<Uint8Array>('bytes/a')
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      await channel.publish(bytes)
      for await (const { data } of channel.subscribe({ from: 'start' })) {
        assert.deepEqual(Uint8Array.from(data), bytes)
        break
      }
    })

    test('a page of history, and trimming', async () => {
      const channel = open().channel<number>('chat/history')
      const cursors = await Promise.all(
        [1, 2, 3].map(async (value) => (await channel.publish(value)).cursor as string),
      )
      const page = await channel.history({ limit: 2 })
      assert.deepEqual(
        page.publications.map(({ data }) => data),
        [1, 2],
      )
      assert.equal(page.more, true)
      const rest = await channel.history({ from: page.cursor })
      assert.deepEqual([rest.publications.map(({ data }) => data), rest.more, rest.top], [[3], false, 3])
      await channel.trim(cursors[1] as string)
      assert.equal((await channel.history()).floor, 3)
    })

    test('a cursor that retention has overtaken gets a gap, and goes on', async () => {
      const client = open()
      const channel = client.channel<number>('chat/gap')
      const cursors = await Promise.all(
        [1, 2, 3].map(async (value) => (await channel.publish(value)).cursor as string),
      )
      await channel.trim(cursors[1] as string)
      const gaps: string[] = []
      const seen: number[] = []
      channel.subscribe({ from: cursors[0] as string, onGap: ({ why }) => gaps.push(why) }, ({ data }) =>
        seen.push(data),
      )
      await until(client, () => seen.length === 1)
      assert.deepEqual([gaps, seen], [['trimmed'], [3]])
      assert.equal(client.state.counts.gaps, 1)
      assert.equal(client.state.counts.lost, 0)
    })

    test('conflation: the latest of each key, and removals', async () => {
      const client = open()
      const channel = client.channel<number>('keyed/prices')
      for (let value = 0; value < 20; value++)
        await channel.publish(value, { key: value % 2 === 0 ? 'a' : 'b' })
      const seen: [string | undefined, unknown, boolean][] = []
      channel.subscribe({ from: 'start', conflate: true }, ({ key, data, removed }) =>
        seen.push([key, data, removed]),
      )
      await until(client, () => seen.length === 2)
      await channel.remove('a')
      await until(client, () => seen.length === 3)
      assert.deepEqual(seen, [
        ['a', 18, false],
        ['b', 19, false],
        ['a', null, true],
      ])
      assert.equal(client.state.counts.lost, 0)
    })

    test('compare and append', async () => {
      const client = open()
      const channel = client.channel<number>('chat/expect')
      const { cursor } = await channel.publish(1)
      await channel.publish(2, { expect: cursor as string })
      await assert.rejects(channel.publish(3, { expect: cursor as string }), { code: 'expect_failed' })
      assert.equal((await channel.history()).top, 2)
    })

    test('refusals are told by their code, and hold up nothing', async () => {
      const client = open()
      const secret = client.channel('secret')
      const results = [secret.publish(1), secret.publish(2)]
      await assert.rejects(results[0] as Promise<unknown>, { code: 'forbidden' })
      await assert.rejects(results[1] as Promise<unknown>, { code: 'forbidden' })
      await assert.rejects(secret.subscribe().ready, { code: 'forbidden' })
      await assert.rejects(
        async () => {
          for await (const each of secret.subscribe()) assert.fail(`${each.offset} was delivered`)
        },
        { code: 'forbidden' },
      )
      await assert.rejects(client.channel('chat/large').publish('x'.repeat(2_001)), { code: 'too_large' })
      await assert.rejects(client.channel('chat/none').publish(undefined), TypeError)
      await client.channel('chat/large').publish('x')
    })

    test('calls', async () => {
      const client = open()
      calls = 0
      assert.deepEqual(await Promise.all([client.call('add', [1, 2]), client.call('add', [3, 4])]), [3, 7])
      assert.equal(calls, 2)
      await assert.rejects(client.call('subtract', [1, 2]), { code: 'unknown_method' })
    })

    test('presence: who is there, with what, until they leave', async () => {
      const [watcher, guest] = [open(), open()]
      const { presence } = watcher.channel('chat/room')
      const seen: unknown[][] = []
      const changed = new Promise<void>((resolve) => {
        presence.on((members) => {
          seen.push([...members.values()])
          if (members.size === 0) resolve()
        })
      })
      const there = guest.channel('chat/room').presence
      await there.enter({ name: 'guest' })
      await until(watcher, () => seen.length === 1)
      assert.deepEqual([...presence.members.keys()], [guest.state.member])
      await there.leave()
      await changed
      assert.deepEqual(seen, [[{ name: 'guest' }], []])
      presence.close()
    })

    test('the end of a channel is the end of its iterators', async () => {
      const client = open()
      const channel = client.channel<number>('chat/ending')
      await channel.publish(1)
      const deleted = channel.subscribe({ from: 'start' })
      await deleted.ready
      const seen: number[] = []
      const ended = (async (): Promise<void> => {
        for await (const { data } of deleted) {
          seen.push(data)
          await broker.delete('chat/ending')
        }
      })()
      await ended
      assert.deepEqual(seen, [1])
      assert.equal((await deleted.ended).why, 'deleted')
    })
  })
}
