/** Regular polling: the shared suite, and what only it does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServerOptions } from 'holdfast/server'
import { type NodeUnderTest, type PollBody, SCHEMES, startNode } from '../server/node-under-test.ts'
import { PollFollower } from './poll-follower.ts'
import { transportSuite } from './suite.ts'

transportSuite({ name: 'polling', open: (node, options) => new PollFollower(node, false, options ?? {}) })

const dataOf = (body: PollBody): unknown[] => body.events.map((event) => event['data'])

for (const scheme of SCHEMES) {
  const scene = (
    name: string,
    act: (node: NodeUnderTest) => Promise<void>,
    options: ServerOptions = {},
  ): void => {
    test(`${name} (${scheme})`, { timeout: 15_000 }, async () => {
      const node = await startNode(options, scheme)
      try {
        await act(node)
        await node.unharmed()
      } finally {
        await node.stop()
      }
    })
  }

  scene('PO1: a regular poll is answered at once, with the cursors and when to come again', async (node) => {
    const cursor = await node.server.publish('a', 1)
    const quiet = await node.post({ subscribe: { a: { from: cursor } } })
    assert.deepEqual(quiet.body, { events: [], cursors: { a: cursor }, next: 5_000 })
    const next = await node.server.publish('a', 2)
    const busy = await node.post({ subscribe: { a: { from: cursor } } })
    assert.deepEqual([dataOf(busy.body), busy.body.cursors, busy.body.next], [[2], { a: next }, 500])
  })

  scene('PO2: the same poll twice on an unmoved log has the same answer', async (node) => {
    const cursor = await node.server.publish('a', 1)
    await node.server.publish('a', 2)
    await node.server.publish('b', 1)
    for (const request of [
      { subscribe: { a: { from: '-1' }, b: { from: 'last:1' }, c: { from: 'now' } } },
      { subscribe: { a: { from: cursor }, b: { from: cursor }, c: { from: 'now' } } },
      { subscribe: { a: { from: cursor }, b: { from: '-1' } }, limit: 1 },
    ]) {
      const { body: first } = await node.post(request)
      const { body: second } = await node.post(request)
      assert.deepEqual(second, first)
      assert.ok(first.events.length > 0)
    }
  })

  scene(
    'PO3: limit bounds the publications of an answer, and next is 0 while there is more',
    async (node) => {
      for (let value = 1; value <= 10; value++) await node.server.publish('a', value)
      let from = '-1'
      const seen: unknown[] = []
      for (let answers = 1; answers <= 4; answers++) {
        const { body } = await node.post({ subscribe: { a: { from } }, limit: 3 })
        const publications = body.events.filter((event) => event.type === 'publication')
        assert.equal(publications.length, answers < 4 ? 3 : 1)
        assert.equal(body.next, answers < 4 ? 0 : 500)
        seen.push(...publications.map((event) => event['data']))
        from = body.cursors['a'] as string
      }
      assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    },
  )

  scene(
    'PO3: limit holds for all channels of a request together, whichever of them are cold',
    async (node) => {
      for (const hot of [0, 1, 2, 3]) {
        const channels = ['a', 'b', 'c', 'd'].map((name) => `${name}${hot}`)
        const from: Record<string, { from: string }> = {}
        for (const channel of channels) {
          from[channel] = { from: await node.server.publish(channel, 0) }
          for (let value = 1; value <= 10; value++) await node.server.publish(channel, value)
        }
        // One of them is known to the hub already, the others need a page, which is under way while it is pulled.
        await node.post({ subscribe: { [channels[hot]!]: { from: 'now' } } })
        const { body } = await node.post({ subscribe: from, limit: 10 })
        assert.equal(body.events.length, 10)
        assert.equal(body.next, 0)
      }
    },
  )

  scene('PO4: a busy channel does not keep the others of a request from being served', async (node) => {
    const cursors: Record<string, string> = {}
    for (const channel of ['a', 'b', 'c']) cursors[channel] = await node.server.publish(channel, 0)
    for (const channel of ['a', 'b', 'c']) {
      for (let value = 1; value <= 200; value++) await node.server.publish(channel, value)
    }
    const served = new Set<unknown>()
    for (let polls = 0; polls < 60 && served.size < 3; polls++) {
      const subscribe = Object.fromEntries(
        Object.entries(cursors).map(([channel, from]) => [channel, { from }]),
      )
      const { body } = await node.post({ subscribe, limit: 1 })
      for (const event of body.events) served.add(event['channel'])
      Object.assign(cursors, body.cursors)
    }
    assert.equal(served.size, 3)
  })

  scene('HT4: a batch alone is answered with its replies, in its order, and no channels', async (node) => {
    const { body } = await node.post({
      commands: [
        { type: 'history', id: 3, channel: 'nothing' },
        { type: 'ping', id: 1 },
        { type: 'publish', id: 2, channel: 'a', data: 1 },
        { type: 'publish', id: 4 },
        { type: 'ping' },
      ],
    })
    assert.deepEqual(
      body.replies?.map((reply) => reply['id']),
      [3, 1, 2, 4],
    )
    assert.deepEqual([body.events, body.cursors, body.next], [[], {}, undefined])
  })

  scene('HT9: consecutive polls of one session need no memory of each other', async (node) => {
    const { session } = await node.hello()
    assert.equal((await node.hello({ session })).session, session)
  })

  scene(
    'PR4: a regular poll keeps its lease for the full lease, though its request is over',
    async (node) => {
      const { session } = await node.hello()
      const first = await node.post({ session, subscribe: { room: { from: 'now', presence: 1 } } })
      // The second one is answered in the turn in which it comes: the lease is taken behind the answer.
      const from = first.body.cursors['room']
      await node.post({ session, subscribe: { room: { from, presence: 1 } } })
      const members = await node.post({ subscribe: { '$presence/room': { from: '-1', conflate: true } } })
      // With a grace of nothing a lease that was let go of would be gone by now.
      assert.deepEqual(
        members.body.events.filter((event) => event.type === 'publication').map((event) => event['data']),
        [1],
      )
    },
    { limits: { presenceGraceMs: 0 } },
  )

  scene('PR5: what is asked of presence happens in that order', async (node) => {
    await node.post({
      commands: [
        { type: 'presence', id: 1, channel: 'room', data: 'here' },
        { type: 'presence', id: 2, channel: 'room' },
      ],
    })
    const { body } = await node.post({ subscribe: { '$presence/room': { from: '-1' } } })
    assert.deepEqual(
      body.events.slice(1).map((event) => event['removed']),
      [undefined, true],
    )
  })
}
