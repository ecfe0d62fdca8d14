/** Limits that no other suite crosses: pages, rates that fill up again, leases, and what a node announces. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { DEFAULT_LIMITS } from 'holdfast/server'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { hostile } from './hostile.ts'
import { codeOf, type PollBody } from './node-under-test.ts'

const offsetsOf = (body: PollBody): unknown[] =>
  body.events.filter((event) => event.type === 'publication').map((event) => event['offset'])

hostile('LI2: hello announces the limits that a client can keep to', async (node) => {
  const { limits } = await node.hello()
  const { publicationBytes, channelsPerPoll, commandsPerSecond, commandBurst, holdMs } = DEFAULT_LIMITS
  assert.deepEqual(limits, {
    ...{ publicationBytes, commandsPerSecond, commandBurst, holdMs },
    channelsPerSession: channelsPerPoll,
  })
})

hostile(
  'LI3: an answer holds 300 publications at most, and ends with the one that reaches 64 KiB',
  async (node) => {
    for (let value = 0; value < 301; value++) await node.server.publish('many', value)
    const many = await node.post({ subscribe: { many: { from: '-1' } }, limit: 1_000_000 })
    assert.deepEqual([offsetsOf(many.body).length, many.body.next], [300, 0])
    for (let value = 0; value < 5; value++) await node.server.publish('large', 'x'.repeat(30_000))
    const large = await node.post({ subscribe: { large: { from: '-1' } } })
    assert.deepEqual([offsetsOf(large.body), large.body.next], [[1, 2, 3], 0])
    for (let value = 0; value < 2; value++) await node.server.publish('huge', 'x'.repeat(500_000))
    const huge = await node.post({ subscribe: { huge: { from: '-1' } } })
    assert.deepEqual([offsetsOf(huge.body), huge.body.next], [[1], 0])
    const next = await node.post({ subscribe: { huge: { from: huge.body.cursors['huge'] } } })
    assert.deepEqual(offsetsOf(next.body), [2])
  },
)

hostile(
  'LI3: the bounds of a page are configured',
  async (node) => {
    for (let value = 0; value < 5; value++) await node.server.publish('a', value)
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: { from: '-1' } })
    assert.deepEqual(await socket.data('a', 5), [0, 1, 2, 3, 4])
    assert.equal(offsetsOf((await node.post({ subscribe: { a: { from: '-1' } } })).body).length, 2)
    await socket.close()
  },
  { limits: { pagePublications: 2, pageBytes: 1_000 } },
)

hostile(
  'RF90: a rate fills up again',
  async (node) => {
    const codes = async (): Promise<(string | undefined)[]> => {
      const { body } = await node.post({ commands: [1, 2, 3].map((id) => ({ type: 'ping', id })) })
      return (body.replies ?? []).map(codeOf)
    }
    assert.deepEqual(await codes(), [undefined, undefined, 'rate_limited'])
    await delay(250)
    assert.deepEqual(await codes(), [undefined, undefined, 'rate_limited'])
  },
  { limits: { commandsPerSecond: 10, commandBurst: 2 } },
)

hostile(
  'PR3: a lease that nobody renews runs out',
  async (node) => {
    const watcher = new WebSocketFollower(node)
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    await node.post({ subscribe: { room: { presence: 'a poll' } } })
    await watcher.data('$presence/room', 2)
    assert.deepEqual(
      watcher.publications('$presence/room').map((event) => event['removed']),
      [undefined, true],
    )
    await watcher.close()
  },
  { limits: { presenceLeaseMs: 300 } },
)

hostile(
  'PR3: a connection that lives keeps its lease, however short leases are',
  async (node) => {
    const watcher = new WebSocketFollower(node)
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    const member = new WebSocketFollower(node)
    await member.follow({ room: { presence: 1 } })
    await watcher.data('$presence/room', 1)
    await delay(3_500)
    assert.equal(watcher.publications('$presence/room').length, 1)
    await member.close()
    await watcher.close()
  },
  { schemes: ['tcp'], limits: { presenceLeaseMs: 2_000 } },
)

hostile(
  'PR6: within the grace after a close a member still counts as there',
  async (node) => {
    const { session } = await node.hello()
    const watcher = new WebSocketFollower(node)
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    const first = new WebSocketFollower(node, { session })
    await first.follow({ room: { presence: 1 } })
    await watcher.data('$presence/room', 1)
    await first.close()
    const second = new WebSocketFollower(node, { session })
    await second.follow({ room: { presence: 2 } })
    await watcher.data('$presence/room', 2)
    await second.close()
    await watcher.data('$presence/room', 3)
    assert.deepEqual(
      watcher.publications('$presence/room').map((event) => event['removed']),
      [undefined, undefined, true],
    )
    await watcher.close()
  },
  { limits: { presenceGraceMs: 400 } },
)
