/** What goes wrong on the node, as a client is told it. */
import assert from 'node:assert/strict'
import { MemoryBroker, type Broker } from 'holdfast/server'
import { codeOf, type WireEvent } from '../../server/node-under-test.ts'
import { numbers, type Scene, type Surroundings } from './stage.ts'

export const troubles = (scene: Scene, surroundings: Surroundings): void => {
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
      const value: unknown = target[name]
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
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
