/**
 * What holds on every transport, over TCP, over TLS, and over a broker that lives elsewhere. Each transport's
 * file runs it with its own follower, and adds what only that transport does.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { type Broker, type ChannelRule, MemoryBroker, type ServerOptions } from 'holdfast/server'
import {
  codeOf,
  type NodeUnderTest,
  okOf,
  type Scheme,
  startNode,
  type WireEvent,
} from '../server/node-under-test.ts'
import { distant } from './distant-broker.ts'
import type { Follower, FollowerOptions } from './follower.ts'

export interface TransportUnderTest {
  readonly name: string
  readonly open: (node: NodeUnderTest, options?: FollowerOptions) => Follower
}

/** A node with its broker, and whoever follows on it; all of it is gone when the test is over. */
export interface Stage {
  readonly node: NodeUnderTest
  /** The broker itself, for what no client may do. */
  readonly broker: MemoryBroker
  readonly open: (options?: FollowerOptions) => Follower
}

export interface Surroundings {
  readonly label: string
  readonly scheme: Scheme
  readonly wrap: (broker: MemoryBroker) => Broker
}

export const SURROUNDINGS: readonly Surroundings[] = [
  { label: 'tcp', scheme: 'tcp', wrap: (broker) => broker },
  { label: 'tls', scheme: 'tls', wrap: (broker) => broker },
  { label: 'tcp, distant broker', scheme: 'tcp', wrap: distant },
]

/** Polls quickly, so that a test is quick; everything else is the default. */
export const QUICK = { pollMinMs: 1, pollMaxMs: 10, connectionsPerAddress: 2_000, acceptsPerSecond: 10_000 }

const RULES: readonly ChannelRule[] = [
  { pattern: 'bytes/*', contentType: 'bytes' },
  { pattern: 'keyed/*', conflated: true, retention: { count: 4 } },
  { pattern: 'short/*', retention: { count: 3 } },
  { pattern: 'ephemeral/*', ephemeral: true, retention: { count: 3 } },
  { pattern: 'closed-shop/*', create: false },
]

export const onStage = async (
  surroundings: Surroundings,
  transport: TransportUnderTest,
  act: (stage: Stage) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> => {
  const broker = new MemoryBroker()
  const limits = { ...QUICK, ...options.limits }
  const given = options.broker ?? surroundings.wrap(broker)
  const node = await startNode({ rules: RULES, ...options, broker: given, limits }, surroundings.scheme)
  const followers: Follower[] = []
  const open = (followerOptions?: FollowerOptions): Follower => {
    const follower = transport.open(node, followerOptions)
    followers.push(follower)
    return follower
  }
  try {
    await act({ node, broker, open })
    for (const follower of followers) await follower.close()
    await node.unharmed()
  } finally {
    for (const follower of followers) await follower.close()
    await node.stop()
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

const publishAll = async (
  node: NodeUnderTest,
  channel: string,
  values: readonly unknown[],
): Promise<string> => {
  let cursor = ''
  for (const value of values) cursor = await node.server.publish(channel, value)
  return cursor
}

const kinds = (events: readonly WireEvent[]): string[] => events.map((event) => event.type)

export const transportSuite = (transport: TransportUnderTest): void => {
  for (const surroundings of SURROUNDINGS) {
    describe(`${transport.name}, ${surroundings.label}`, { timeout: 60_000 }, () => {
      const scene = (name: string, act: (stage: Stage) => Promise<void>, options?: ServerOptions): void => {
        test(name, { timeout: 20_000 }, () => onStage(surroundings, transport, act, options))
      }
      positions(scene)
      ends(scene)
      kindsOfChannel(scene)
      commands(scene)
      hooks(scene)
      troubles(scene, surroundings)
    })
  }
}

type Scene = (name: string, act: (stage: Stage) => Promise<void>, options?: ServerOptions) => void

const positions = (scene: Scene): void => {
  scene('CU5: -1 starts at the first publication, and goes on live', async ({ node, open }) => {
    await publishAll(node, 'a', numbers(1, 3))
    const follower = open()
    await follower.follow({ a: { from: '-1' } })
    assert.deepEqual(await follower.data('a', 3), [1, 2, 3])
    await publishAll(node, 'a', numbers(4, 5))
    assert.deepEqual(await follower.data('a', 5), numbers(1, 5))
  })

  scene('CU5: now starts behind the last publication, also where there is none', async ({ node, open }) => {
    const top = await publishAll(node, 'a', numbers(1, 3))
    const follower = open()
    await follower.follow({ a: { from: 'now' }, empty: {} })
    assert.equal((await follower.hears('subscribed', 'a'))['cursor'], top)
    assert.match(String((await follower.hears('subscribed', 'empty'))['cursor']), /^[0-9a-z]{13}_0{16}$/)
    await publishAll(node, 'a', [4])
    await publishAll(node, 'empty', ['first'])
    assert.deepEqual(await follower.data('a', 1), [4])
    assert.deepEqual(await follower.data('empty', 1), ['first'])
  })

  scene('CU5: last:N starts N publications before the tail, or at the floor', async ({ node, open }) => {
    await publishAll(node, 'a', numbers(1, 5))
    await publishAll(node, 'short/a', numbers(1, 9))
    const follower = open()
    await follower.follow({ a: { from: 'last:2' }, 'short/a': { from: 'last:7' } })
    assert.deepEqual(await follower.data('a', 2), [4, 5])
    assert.deepEqual(await follower.data('short/a', 3), [7, 8, 9])
  })

  scene(
    'CU6: a cursor resumes right behind itself, in pages, each publication once',
    async ({ node, open }) => {
      const cursor = await publishAll(node, 'a', ['seen'])
      await publishAll(node, 'a', numbers(1, 700))
      const follower = open()
      await follower.follow({ a: { from: cursor } })
      assert.deepEqual(await follower.data('a', 700), numbers(1, 700))
      await publishAll(node, 'a', ['live'])
      assert.equal((await follower.data('a', 701)).at(-1), 'live')
      assert.equal(follower.events.filter((event) => event.type === 'gap').length, 0)
    },
  )

  scene('CU6: what one connection left off another goes on with', async ({ node, open }) => {
    const first = open()
    await first.follow({ a: { from: '-1' } })
    await first.hears('subscribed', 'a')
    await publishAll(node, 'a', numbers(1, 3))
    await first.data('a', 3)
    await first.close()
    await publishAll(node, 'a', numbers(4, 6))
    const { epoch, offset } = first.publications('a').at(-1) as unknown as { epoch: string; offset: number }
    const second = open()
    await second.follow({ a: { from: `${epoch}_${String(offset).padStart(16, '0')}` } })
    assert.deepEqual(await second.data('a', 3), [4, 5, 6])
  })

  scene(
    'CU7: a cursor below the floor meets one gap, trimmed, and the stream goes on',
    async ({ node, open }) => {
      const cursor = await publishAll(node, 'short/a', [1])
      await publishAll(node, 'short/a', numbers(2, 9))
      const follower = open()
      await follower.follow({ 'short/a': { from: cursor } })
      assert.deepEqual(await follower.data('short/a', 3), [7, 8, 9])
      await publishAll(node, 'short/a', [10])
      await follower.data('short/a', 4)
      const gaps = follower.events.filter((event) => event.type === 'gap')
      const { type: _type, ...gap } = gaps.at(0)!
      const after = cursor.replace(/1$/, '6')
      assert.deepEqual(gap, {
        channel: 'short/a',
        from: cursor,
        floor: 7,
        top: 9,
        cursor: after,
        why: 'trimmed',
      })
      assert.equal(gaps.length, 1)
      const types = kinds(follower.events)
      assert.ok(types.indexOf('gap') < types.indexOf('publication'))
    },
  )

  scene(
    'CU7: a cursor of another life, or of another channel, meets a gap: epoch',
    async ({ node, open }) => {
      await publishAll(node, 'a', numbers(1, 2))
      const other = await publishAll(node, 'b', numbers(1, 9))
      const follower = open()
      await follower.follow({ a: { from: other } })
      assert.equal((await follower.hears('gap', 'a'))['why'], 'epoch')
      assert.deepEqual(await follower.data('a', 2), [1, 2])
    },
  )

  scene('CU7: a cursor beyond the top meets a gap: ahead', async ({ node, open }) => {
    const cursor = await publishAll(node, 'a', numbers(1, 2))
    const follower = open()
    await follower.follow({ a: { from: cursor.replace(/2$/, '7') } })
    assert.equal((await follower.hears('gap', 'a'))['why'], 'ahead')
    assert.deepEqual(await follower.data('a', 2), [1, 2])
  })

  scene(
    'CH7: a trim in mid-stream leaves what was not read yet as one gap',
    async ({ node, broker, open }) => {
      const cursor = await publishAll(node, 'a', numbers(1, 5))
      await broker.trim('a', 4)
      const follower = open()
      await follower.follow({ a: { from: cursor.replace(/5$/, '1') } })
      assert.equal((await follower.hears('gap', 'a'))['floor'], 4)
      assert.deepEqual(await follower.data('a', 2), [4, 5])
    },
  )

  scene('CU3: many channels, each in its own order', async ({ node, open }) => {
    const follower = open()
    const channels = numbers(1, 20).map((number) => `many/${number}`)
    await follower.follow(Object.fromEntries(channels.map((channel) => [channel, { from: '-1' }])))
    for (const value of numbers(1, 10)) {
      await Promise.all(channels.map((channel) => node.server.publish(channel, value)))
    }
    for (const channel of channels) assert.deepEqual(await follower.data(channel, 10), numbers(1, 10))
  })
}

const ends = (scene: Scene): void => {
  scene('CH8: a closed channel is served to its end, then says closed', async ({ node, broker, open }) => {
    const cursor = await publishAll(node, 'a', numbers(1, 3))
    const follower = open()
    await follower.follow({ a: { from: '-1' } })
    await follower.data('a', 3)
    await broker.close('a')
    assert.deepEqual(await follower.hears('closed', 'a'), { type: 'closed', channel: 'a', cursor })
    const late = open()
    await late.follow({ a: { from: '-1' } })
    await late.hears('closed', 'a')
    assert.deepEqual(kinds(late.events), [
      'subscribed',
      'publication',
      'publication',
      'publication',
      'closed',
    ])
  })

  scene(
    'CH9: a deletion ends subscriptions, and a cursor meets the marker',
    async ({ node, broker, open }) => {
      const cursor = await publishAll(node, 'a', numbers(1, 3))
      const follower = open()
      await follower.follow({ a: {} })
      await follower.hears('subscribed', 'a')
      await broker.delete('a')
      await follower.hears('deleted', 'a')
      const late = open()
      await late.follow({ a: { from: cursor } })
      await late.hears('deleted', 'a')
      const again = open()
      await again.follow({ a: { from: 'now' } })
      const { cursor: fresh } = await again.hears('subscribed', 'a')
      assert.notEqual(String(fresh).slice(0, 13), cursor.slice(0, 13))
    },
  )

  scene('EV5: what is not followed any more is not told', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ a: { from: '-1' }, b: { from: '-1' } })
    await publishAll(node, 'a', [1])
    await publishAll(node, 'b', [1])
    await Promise.all([follower.data('a', 1), follower.data('b', 1)])
    await follower.follow({ a: {} })
    await publishAll(node, 'b', [2])
    await publishAll(node, 'a', [2])
    assert.deepEqual(await follower.data('a', 2), [1, 2])
    assert.equal(follower.publications('b').length, 1)
  })

  scene('CH4: a channel that a subscriber may not make is not_found', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ 'closed-shop/a': {}, a: {} })
    const refused = await follower.hears('unsubscribed', 'closed-shop/a')
    assert.equal(codeOf(refused), 'not_found')
    await follower.hears('subscribed', 'a')
    await publishAll(node, 'a', [1])
    await follower.data('a', 1)
  })
}

const kindsOfChannel = (scene: Scene): void => {
  scene('CH2: bytes arrive as they were published', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ 'bytes/a': { from: '-1' } })
    const all = [Buffer.from([0, 255, 10, 13, 0]), Buffer.alloc(0), Buffer.alloc(40_000, 7)]
    for (const bytes of all) await node.server.publish('bytes/a', bytes)
    assert.deepEqual(
      await follower.data('bytes/a', 3),
      all.map((bytes) => bytes.toString('base64')),
    )
  })

  scene('CH2: text of every plane, and what would break a line, arrives whole', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ 'å/\u{1f600} "\\': { from: '-1' } })
    const text = 'data: x\n\nevent: y\r\n\u0000\u2028\u2029\ud800 \u{1f600}'
    await node.server.publish('å/\u{1f600} "\\', text)
    assert.deepEqual(await follower.data('å/\u{1f600} "\\', 1), [text])
  })

  scene(
    'CF2: a conflating cursor is given the latest of each key, whose ranges join',
    async ({ node, open }) => {
      for (const round of numbers(1, 3)) {
        for (const key of ['x', 'y']) await node.server.publish('keyed/a', round, { key })
      }
      const follower = open()
      await follower.follow({ 'keyed/a': { from: '-1', conflate: true } })
      await follower.data('keyed/a', 2)
      await node.server.publish('keyed/a', 'more', { key: 'x' })
      await follower.data('keyed/a', 3)
      let at = 0
      for (const event of follower.publications('keyed/a')) {
        const offset = event['offset'] as number
        assert.equal(event['from'] ?? offset - 1, at)
        at = offset
      }
      assert.deepEqual(
        follower.publications('keyed/a').map((event) => [event['key'], event['data']]),
        [
          ['x', 3],
          ['y', 3],
          ['x', 'more'],
        ],
      )
    },
  )

  scene('CF5: a conflating reader that slept below the floor meets no gap', async ({ node, open }) => {
    const cursor = await node.server.publish('keyed/a', 'old', { key: 'still' })
    for (const round of numbers(1, 20)) await node.server.publish('keyed/a', round, { key: 'busy' })
    const follower = open()
    await follower.follow({ 'keyed/a': { from: cursor, conflate: true } })
    assert.deepEqual(await follower.data('keyed/a', 1), [20])
    assert.ok(!kinds(follower.events).includes('gap'))
  })

  scene('CF4: removals are told, and a new reader is not shown what is gone', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ 'keyed/a': { from: '-1', conflate: true } })
    await follower.hears('subscribed', 'keyed/a')
    await node.server.publish('keyed/a', 1, { key: 'x' })
    await follower.data('keyed/a', 1)
    const [reply] = await follower.send({ type: 'remove', id: 7, channel: 'keyed/a', key: 'x' })
    okOf(reply)
    await follower.data('keyed/a', 2)
    assert.equal(follower.publications('keyed/a')[1]?.['removed'], true)
  })

  scene('CH6: on an ephemeral channel what is gone is an advance, not a gap', async ({ node, open }) => {
    const cursor = await publishAll(node, 'ephemeral/a', [1])
    await publishAll(node, 'ephemeral/a', numbers(2, 9))
    const follower = open()
    await follower.follow({ 'ephemeral/a': { from: cursor } })
    assert.deepEqual(await follower.data('ephemeral/a', 3), [7, 8, 9])
    const advance = await follower.hears('advance', 'ephemeral/a')
    assert.deepEqual([advance['from'], advance['cursor']], [1, cursor.replace(/1$/, '6')])
    assert.ok(!kinds(follower.events).includes('gap'))
  })

  scene('PR1: members are a keyed channel that every transport follows', async ({ node, open }) => {
    const follower = open()
    await follower.follow({ '$presence/room': { from: '-1', conflate: true } })
    await follower.hears('subscribed', '$presence/room')
    const { session, member } = await node.hello()
    await node.post({
      session,
      commands: [{ type: 'presence', id: 1, channel: 'room', data: { name: 'Ada' } }],
    })
    assert.deepEqual(await follower.data('$presence/room', 1), [{ name: 'Ada' }])
    await node.post({ session, commands: [{ type: 'presence', id: 2, channel: 'room' }] })
    await follower.data('$presence/room', 2)
    assert.deepEqual(
      follower.publications('$presence/room').map((event) => [event['key'], event['removed']]),
      [
        [member, undefined],
        [member, true],
      ],
    )
  })

  scene('PR2: whoever subscribes with presence is there', async ({ node, open }) => {
    const { session, member } = await node.hello()
    const watcher = open()
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    const follower = open({ session })
    await follower.follow({ room: { presence: { at: 'desk' } } })
    assert.deepEqual(await watcher.data('$presence/room', 1), [{ at: 'desk' }])
    assert.equal(watcher.publications('$presence/room')[0]?.['key'], member)
  })
}

const commands = (scene: Scene): void => {
  scene('CM3: the replies of a batch come in its order, a bad command among them', async ({ node, open }) => {
    node.server.handle('double', (params) => (params as number) * 2)
    const follower = open()
    const replies = await follower.send(
      { type: 'publish', id: 1, channel: 'a', data: 'one' },
      { type: 'call', id: 2, method: 'double', params: 21 },
      { type: 'publish', id: 3, channel: '', data: 'no name' },
      { type: 'publish', id: 4, channel: 'a', data: 'two' },
      { type: 'nonsense', id: 5 },
      { type: 'history', id: 6, channel: 'a' },
    )
    const byId = new Map(replies.map((reply) => [reply['id'], reply]))
    assert.equal(okOf(byId.get(2)), 42)
    assert.equal(codeOf(byId.get(3)), 'bad_channel_name')
    assert.equal(codeOf(byId.get(5)), 'malformed')
    const history = okOf(byId.get(6)) as { publications: WireEvent[] }
    assert.deepEqual(
      history.publications.map((event) => event['data']),
      ['one', 'two'],
    )
  })

  scene('PU3: a publication sent again is answered with its first result', async ({ broker, open }) => {
    const follower = open()
    const publish = { type: 'publish', channel: 'a', data: 1, producer: { id: 'p', epoch: 0, seq: 0 } }
    const [first] = await follower.send({ ...publish, id: 1 })
    const [again] = await follower.send({ ...publish, id: 2, producer: { ...publish.producer, again: true } })
    const { cursor } = okOf(first) as { cursor: string }
    assert.deepEqual(okOf(again), { cursor, duplicate: true })
    assert.equal((await broker.describe('a'))?.top, 1)
  })

  scene('CM10: a fresh token is taken by auth', async ({ open }) => {
    const [reply] = await open().send({ type: 'auth', id: 1, token: 'fresh' })
    assert.deepEqual(reply, { type: 'reply', id: 1, ok: {} })
  })
}

const slow = (): Promise<void> => delay(5)

const hooks = (scene: Scene): void => {
  const ANSWERS: Record<string, (allowed: boolean) => boolean | Promise<boolean>> = {
    'at once': (allowed) => allowed,
    later: async (allowed) => slow().then(() => allowed),
  }
  for (const [when, answer] of Object.entries(ANSWERS)) {
    scene(
      `CM9: authorize answers ${when}: what it allows is done, the rest is forbidden`,
      async ({ node, open }) => {
        const follower = open()
        await follower.follow({ mine: { from: '-1' }, theirs: {} })
        const refused = await follower.hears('unsubscribed', 'theirs')
        assert.equal(codeOf(refused), 'forbidden')
        const [no] = await follower.send({ type: 'publish', id: 1, channel: 'theirs', data: 1 })
        const [ok] = await follower.send({ type: 'publish', id: 2, channel: 'mine', data: 1 })
        assert.equal(codeOf(no), 'forbidden')
        okOf(ok)
        await follower.data('mine', 1)
        assert.equal((await node.server.describe('theirs'))?.top, undefined)
      },
      { authorize: ({ channel }) => answer(channel !== 'theirs') },
    )
  }

  const faults: unknown[] = []
  const FAILURES: Record<string, () => boolean | Promise<boolean>> = {
    throws: () => {
      throw new Error('from the hook')
    },
    rejects: () => Promise.reject(new Error('from the hook')),
    'rejects later': async () => slow().then(() => Promise.reject(new Error('from the hook'))),
  }
  for (const [how, fail] of Object.entries(FAILURES)) {
    scene(
      `CM9: an authorize that ${how} forbids, and the node hears of it`,
      async ({ open }) => {
        faults.length = 0
        const follower = open()
        await follower.follow({ a: { presence: 1 } })
        assert.equal(codeOf(await follower.hears('unsubscribed', 'a')), 'forbidden')
        const replies = await follower.send(
          { type: 'publish', id: 1, channel: 'a', data: 1 },
          { type: 'presence', id: 2, channel: 'a', data: 1 },
          { type: 'call', id: 3, method: 'x' },
        )
        for (const reply of replies) assert.equal(codeOf(reply), 'forbidden')
        assert.equal(replies.length, 3)
        assert.ok(faults.length >= 4)
      },
      { authorize: fail, onError: (fault) => faults.push(fault) },
    )
  }

  scene(
    'CM3: an authorize that takes longer for some does not reorder publications',
    async ({ open }) => {
      const follower = open()
      await follower.follow({ a: { from: '-1' } })
      const all = numbers(1, 30).map((id) => ({ type: 'publish', id, channel: 'a', data: id }))
      await follower.send(...all)
      assert.deepEqual(await follower.data('a', 30), numbers(1, 30))
    },
    {
      authorize: ({ action }) => {
        if (action !== 'publish') return true
        return Math.random() < 0.5 ? true : delay(Math.random() * 3).then(() => true)
      },
    },
  )

  const AUTHENTICATES: Record<string, (token: string | undefined) => Promise<{ user: string } | null>> = {
    'says null': async () => null,
    rejects: () => Promise.reject(new Error('no key server')),
    throws: () => {
      throw new Error('no key server')
    },
  }
  for (const [how, authenticate] of Object.entries(AUTHENTICATES)) {
    scene(
      `ID4, RF13: an authenticate that ${how} admits nobody`,
      async ({ open }) => {
        const follower = open({ token: 'any' })
        await follower.follow({ a: {} })
        assert.equal((await follower.said())['code'], how === 'says null' ? 'unauthenticated' : 'internal')
      },
      { authenticate: ({ token }) => authenticate(token), onError: () => undefined },
    )
  }

  scene(
    'ID4: authenticate is given the token and the address, whether it answers at once or later',
    async ({ open }) => {
      for (const token of ['at once', 'later']) {
        const follower = open({ token })
        await follower.follow({ [token]: {} })
        await follower.hears('subscribed', token)
      }
    },
    {
      authenticate: ({ token, address }) => {
        assert.equal(address, '127.0.0.1')
        const who = token === undefined ? null : { user: token }
        return token === 'later' ? slow().then(() => who) : who
      },
      authorize: ({ identity, channel }) => identity.user === channel,
    },
  )
}

const troubles = (scene: Scene, surroundings: Surroundings): void => {
  scene('ID2: a session id that no node has signed is replaced, not believed', async ({ node, open }) => {
    const forged = 'AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'
    assert.notEqual((await node.hello({ session: forged })).session, forged)
    const watcher = open()
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    const follower = open({ session: forged })
    await follower.follow({ room: { presence: 1 } })
    await watcher.data('$presence/room', 1)
    assert.notEqual(watcher.publications('$presence/room')[0]?.['key'], 'AAAAAAAAAAAAAAAA')
  })

  const broken = new MemoryBroker()
  const rejecting = new Set<keyof Broker>()
  const breakable = new Proxy(surroundings.wrap(broken), {
    get(target, name: keyof Broker) {
      if (rejecting.has(name)) return () => Promise.reject(new Error(`${name} is out of order`))
      return (target[name] as (...given: unknown[]) => unknown).bind(target)
    },
  })
  const faults: unknown[] = []
  for (const method of ['read', 'watch'] as const) {
    scene(
      `RF12: a broker whose ${method} rejects is broker_unavailable to who subscribes, and works again later`,
      async ({ open }) => {
        rejecting.add(method)
        const follower = open()
        const channel = `broken-${method}`
        await follower.follow({ [channel]: { from: '-1' } })
        const { error } = (await follower.hears('unsubscribed', channel)) as unknown as { error: WireEvent }
        assert.deepEqual([error['code'], error['retry']], ['broker_unavailable', 'backoff'])
        rejecting.delete(method)
        assert.ok(faults.length > 0)
        const again = open()
        await again.follow({ [channel]: { from: '-1' } })
        await again.hears('subscribed', channel)
      },
      { broker: breakable, onError: (fault) => faults.push(fault) },
    )
  }
  scene(
    'RF12: a broker whose append, fence, trim, lease or release rejects is broker_unavailable to who asked',
    async ({ open }) => {
      for (const name of ['append', 'fence', 'describe', 'lease', 'release'] as const) rejecting.add(name)
      const follower = open()
      const cursor = `${'0'.repeat(13)}_${'0'.repeat(16)}`
      const replies = await follower.send(
        { type: 'publish', id: 1, channel: 'a', data: 1 },
        { type: 'fence', id: 2, channel: 'a', producer: { id: 'p', epoch: 0 } },
        { type: 'trim', id: 3, channel: 'a', upTo: cursor },
        { type: 'presence', id: 4, channel: 'a', data: 1 },
        { type: 'presence', id: 5, channel: 'a' },
      )
      rejecting.clear()
      assert.deepEqual(
        replies.map((reply) => codeOf(reply)),
        numbers(1, 5).map(() => 'broker_unavailable'),
      )
    },
    { broker: breakable, onError: (fault) => faults.push(fault) },
  )
}
