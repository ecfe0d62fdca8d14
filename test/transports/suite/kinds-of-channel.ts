/** What kinds of channel there are, as each transport shows them: bytes, keys, presence, ephemeral. */
import assert from 'node:assert/strict'
import { okOf } from '../../server/node-under-test.ts'
import { numbers, publishAll, kinds, type Scene } from './stage.ts'

export const kindsOfChannel = (scene: Scene): void => {
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
