/** Two nodes over one broker: any of them answers any request, since everything it needs stands in the request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryBroker, type Broker } from 'holdfast/server'
import { eventually, type NodeUnderTest, SCHEMES, type Scheme, startNode } from '../server/node-under-test.ts'
import { distant } from './distant-broker.ts'
import { PollFollower } from './poll-follower.ts'
import { QUICK } from './suite.ts'
import { WebSocketFollower } from './websocket-follower.ts'

const BROKERS: Record<string, () => Broker> = { near: () => new MemoryBroker(), distant: () => distant() }

const onTwoNodes = async (
  scheme: Scheme,
  broker: Broker,
  act: (a: NodeUnderTest, b: NodeUnderTest) => Promise<void>,
): Promise<void> => {
  const options = { broker, secret: 'that both of them know', limits: QUICK }
  const [a, b] = [await startNode(options, scheme), await startNode(options, scheme)]
  try {
    await act(a, b)
    await a.unharmed()
    await b.unharmed()
  } finally {
    await a.stop()
    await b.stop()
  }
}

for (const scheme of SCHEMES) {
  for (const [where, make] of Object.entries(BROKERS)) {
    for (const live of [false, 'long-poll'] as const) {
      test(`HT9: polls of one client, live ${live}, answered by two nodes in turn (${scheme}, ${where})`, async () => {
        await onTwoNodes(scheme, make(), async (a, b) => {
          const follower = new PollFollower([a, b], live)
          await follower.follow({ x: { from: '-1' }, y: { from: '-1' } })
          await follower.until(() => follower.answers.length > 0, 'an answer')
          for (let value = 1; value <= 50; value++) {
            await (value % 3 === 0 ? b : a).server.publish(value % 2 === 0 ? 'x' : 'y', value)
            if (value % 10 === 0) await follower.data('x', value / 2)
          }
          const [x, y] = [await follower.data('x', 25), await follower.data('y', 25)]
          assert.deepEqual(
            x,
            Array.from({ length: 25 }, (_, index) => 2 * index + 2),
          )
          assert.deepEqual(
            y,
            Array.from({ length: 25 }, (_, index) => 2 * index + 1),
          )
          assert.ok(follower.answers.length > 2)
          await follower.close()
        })
      })
    }

    test(`LP1: a publication on one node wakes a poll that is held on the other (${scheme}, ${where})`, async () => {
      await onTwoNodes(scheme, make(), async (a, b) => {
        const cursor = await a.server.publish('x', 1)
        const answer = b.post({ subscribe: { x: { from: cursor } }, live: 'long-poll' })
        await eventually(() => b.server.stats().held === 1, 'it is held')
        await a.server.publish('x', 2)
        const { body } = await answer
        assert.equal(body.events[0]?.['data'], 2)
      })
    })

    test(`ID1: a session that one node signed is known to the other (${scheme}, ${where})`, async () => {
      await onTwoNodes(scheme, make(), async (a, b) => {
        const first = await a.hello()
        const second = await b.hello({ session: first.session })
        assert.deepEqual([second.session, second.member], [first.session, first.member])
      })
    })

    test(`PR4: a close on one node does not take the lease that another has taken since (${scheme}, ${where})`, async () => {
      await onTwoNodes(scheme, make(), async (a, b) => {
        const { session } = await a.hello()
        const watcher = new WebSocketFollower(b)
        await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
        const first = new WebSocketFollower(a, { session })
        await first.follow({ room: { presence: 'first' } })
        await watcher.data('$presence/room', 1)
        const second = new WebSocketFollower(b, { session })
        await second.follow({ room: { presence: 'second' } })
        await watcher.data('$presence/room', 2)
        await first.close()
        await second.send({ type: 'presence', id: 1, channel: 'room', data: 'third' })
        assert.deepEqual(await watcher.data('$presence/room', 3), ['first', 'second', 'third'])
        assert.ok(watcher.events.every((event) => event['removed'] !== true))
        await second.close()
        await watcher.close()
      })
    })
  }
}
