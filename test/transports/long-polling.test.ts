/** Long polling: the shared suite, and what only it does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Broker, MemoryBroker } from 'holdfast/server'
import {
  eventually,
  type NodeUnderTest,
  type PollBody,
  SCHEMES,
  startNode,
} from '../server/node-under-test.ts'
import { distant } from './distant-broker.ts'
import { PollFollower } from './poll-follower.ts'
import { QUICK, transportSuite } from './suite.ts'

transportSuite({
  name: 'long polling',
  open: (node, options) => new PollFollower(node, 'long-poll', options ?? {}),
})

type Answer = Promise<{ status: number; body: PollBody }>

const hold = (node: NodeUnderTest, subscribe: object, rest: object = {}): Answer =>
  node.post({ subscribe, live: 'long-poll', ...rest })

const held = (node: NodeUnderTest, count: number): Promise<void> =>
  eventually(() => node.server.stats().held === count, `${count} held`)

for (const scheme of SCHEMES) {
  const scene = (name: string, act: (node: NodeUnderTest) => Promise<void>, options: object = {}): void => {
    test(`${name} (${scheme})`, { timeout: 15_000 }, async () => {
      const node = await startNode(
        { ...options, limits: { ...QUICK, ...(options as { limits?: object }).limits } },
        scheme,
      )
      try {
        await act(node)
        await node.unharmed()
      } finally {
        await node.stop()
      }
    })
  }

  scene('LP1: a poll that stands at the tail is held, and woken by the next publication', async (node) => {
    const cursor = await node.server.publish('a', 1)
    const answer = hold(node, { a: { from: cursor } })
    await held(node, 1)
    const next = await node.server.publish('a', 2)
    const { body } = await answer
    assert.deepEqual(
      body.events.map((event) => event['data']),
      [2],
    )
    assert.deepEqual(body.cursors, { a: next })
    assert.equal(body.next, undefined)
  })

  scene('LP2: a sentinel is resolved at once, never held', async (node) => {
    for (const from of ['now', 'last:3', '-1']) {
      const { body } = await hold(node, { a: { from } })
      assert.deepEqual(body.events, [{ type: 'subscribed', channel: 'a', cursor: body.cursors['a'] }])
    }
    const cursor = await node.server.publish('a', 1)
    const { body } = await hold(node, { a: { from: cursor }, b: { from: 'now' } })
    assert.deepEqual(Object.keys(body.cursors), ['a', 'b'])
  })

  scene(
    'LP3: a hold that nothing ends is a normal answer, with the cursors, after the time that was asked for',
    async (node) => {
      const cursor = await node.server.publish('a', 1)
      const began = performance.now()
      const { status, body } = await hold(node, { a: { from: cursor } }, { holdMs: 60 })
      assert.deepEqual([status, body], [200, { events: [], cursors: { a: cursor } }])
      const took = performance.now() - began
      assert.ok(took >= 50 && took < 2_000, `held for ${took} ms`)
      const configured = await hold(node, { a: { from: cursor } }, { holdMs: 60_000 })
      assert.deepEqual(configured.body.events, [])
    },
    { limits: { holdMs: 100 } },
  )

  scene(
    'LP4: a fifth held request of a session displaces its oldest, which is answered at once',
    async (node) => {
      const cursor = await node.server.publish('a', 1)
      const { session } = await node.hello()
      const answers: Answer[] = []
      for (let count = 1; count <= 4; count++) {
        answers.push(hold(node, { a: { from: cursor } }, { session }))
        await held(node, count)
      }
      answers.push(hold(node, { a: { from: cursor } }, { session }))
      const oldest = await Promise.race(
        answers.map(async (answer, index) => ({ index, body: (await answer).body })),
      )
      assert.deepEqual(oldest, { index: 0, body: { events: [], cursors: { a: cursor } } })
      assert.equal(node.server.stats().held, 4)
      await node.server.publish('a', 2)
      for (const { body } of await Promise.all(answers.slice(1))) assert.equal(body.events.length, 1)
    },
  )

  scene('LP5: an aborted request leaves no waiter, before, while and after it is held', async (node) => {
    const cursor = await node.server.publish('a', 1)
    const before = AbortSignal.abort()
    await assert.rejects(
      node.post({ subscribe: { a: { from: cursor } }, live: 'long-poll' }, { signal: before }),
    )
    const during = new AbortController()
    const aborted = node.post(
      { subscribe: { a: { from: cursor } }, live: 'long-poll' },
      { signal: during.signal },
    )
    await held(node, 1)
    during.abort()
    await assert.rejects(aborted)
    await held(node, 0)
    const connection = await node.connect()
    const body = JSON.stringify({ subscribe: { a: { from: cursor } }, live: 'long-poll' })
    connection.send(
      `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await held(node, 1)
    await node.server.publish('a', 2)
    connection.reset()
  })

  scene('LP6: one publication wakes everyone who is held on its channel', async (node) => {
    const cursor = await node.server.publish('a', 1)
    const answers = Array.from({ length: 100 }, () => hold(node, { a: { from: cursor } }))
    await held(node, 100)
    await node.server.publish('a', 2)
    for (const { body } of await Promise.all(answers)) assert.equal(body.events[0]?.['data'], 2)
  })

  scene('LP1: everything that moved in the same turn is in one answer', async (node) => {
    const [a, b] = [await node.server.publish('a', 1), await node.server.publish('b', 1)]
    const answer = hold(node, { a: { from: a }, b: { from: b } })
    await held(node, 1)
    await Promise.all([node.server.publish('a', 2), node.server.publish('b', 2), node.server.publish('a', 3)])
    const { body } = await answer
    const told = body.events.map((event) => `${String(event['channel'])} ${String(event['data'])}`)
    assert.deepEqual(new Set(told), new Set(['a 2', 'a 3', 'b 2']))
    assert.equal(told.length, 3)
  })

  scene('LP7: a request with commands is answered when their replies are there, not held', async (node) => {
    const cursor = await node.server.publish('a', 1)
    const { body } = await hold(node, { a: { from: cursor } }, { commands: [{ type: 'ping', id: 9 }] })
    assert.equal(body.replies?.[0]?.['id'], 9)
  })

  scene(
    'LP8: a token that runs out ends the hold; the next request is refused',
    async (node) => {
      const token = String(Date.now() + 250)
      const first = await hold(node, { a: { from: 'now' } }, { token })
      const { status, body } = await hold(node, { a: { from: first.body.cursors['a'] } }, { token })
      assert.deepEqual([status, body.events], [200, []])
      const refused = await hold(node, { a: { from: 'now' } }, { token })
      assert.deepEqual([refused.status, refused.body.error?.code], [401, 'unauthenticated'])
    },
    { authenticate: ({ token }: { token: string }) => ({ user: 'ada', expiresAt: Number(token) }) },
  )
}

/** The moments between the arrival of a poll and its hold, and a publication in each of them. */
const MOMENTS = [
  'authorize at once',
  'authorize later',
  'watch',
  'before the read',
  'after the read',
] as const
for (const far of [false, true]) {
  for (const moment of MOMENTS) {
    test(`LP9: a publication ${moment} is not slept through (${far ? 'distant' : 'near'} broker)`, async () => {
      const memory = new MemoryBroker()
      let armed = false
      const publish = async (): Promise<void> => {
        if (!armed) return
        armed = false
        await node.server.publish('a', 'at that moment')
      }
      const inner = far ? distant(memory) : memory
      const broker: Broker = new Proxy(inner, {
        get(target, name: keyof Broker) {
          const value: unknown = (target as Broker)[name]
          if (typeof value !== 'function') return value
          const method = value.bind(target) as (...given: unknown[]) => Promise<unknown>
          if (name === 'watch' && moment === 'watch')
            return async (...given: unknown[]) => publish().then(() => method(...given))
          if (name !== 'read' || !moment.endsWith('the read')) return method
          return async (...given: unknown[]) => {
            if (moment === 'before the read') await publish()
            const pages = await method(...given)
            await publish()
            return pages
          }
        },
      })
      const node: NodeUnderTest = await startNode({
        broker,
        limits: QUICK,
        authorize: ({ action }) => {
          if (action !== 'subscribe') return true
          if (moment === 'authorize at once') void publish()
          return moment === 'authorize later' ? publish().then(() => true) : true
        },
      })
      try {
        // Fresh channel, fresh hub: the poll meets every moment there is.
        const cursor = await node.server.publish('a', 1)
        armed = true
        const { body } = await node.post({
          subscribe: { a: { from: cursor } },
          live: 'long-poll',
          holdMs: 20_000,
        })
        assert.deepEqual(
          body.events.map((event) => event['data']),
          ['at that moment'],
        )
        await node.unharmed()
      } finally {
        await node.stop()
      }
    })
  }
}

for (const far of [false, true]) {
  test(`LP9: publications at any turn around the hold wake it (${far ? 'distant' : 'near'} broker)`, async () => {
    const memory = new MemoryBroker()
    const node = await startNode({ broker: far ? distant(memory) : memory, limits: QUICK })
    try {
      let cursor = await node.server.publish('a', 0)
      for (let turns = 0; turns < 60; turns++) {
        const answer = hold(node, { a: { from: cursor } }, { holdMs: 20_000 })
        for (let each = 0; each < turns % 30; each++) await turn()
        await node.server.publish('a', turns)
        const { body } = await answer
        assert.deepEqual(
          body.events.map((event) => event['data']),
          [turns],
        )
        cursor = body.cursors['a'] as string
      }
      await node.unharmed()
    } finally {
      await node.stop()
    }
  })
}
