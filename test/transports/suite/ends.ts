/** How a subscription ends: closed, deleted, refused, unsubscribed. */
import assert from 'node:assert/strict'
import { codeOf } from '../../server/node-under-test.ts'
import { numbers, publishAll, kinds, type Scene } from './stage.ts'

export const ends = (scene: Scene): void => {
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
