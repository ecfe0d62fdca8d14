/** Where a subscription starts, and what a resume is given. */
import assert from 'node:assert/strict'
import { numbers, publishAll, kinds, type Scene } from './stage.ts'

/** Another place in the life of a cursor; without a stamp, which is that of one place. */
const at = (cursor: string, offset: number): string =>
  `${cursor.split('_')[0]}_${String(offset).padStart(16, '0')}`

export const positions = (scene: Scene): void => {
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
    assert.match(
      String((await follower.hears('subscribed', 'empty'))['cursor']),
      /^[0-9a-z]{13}_0{16}(_[0-9a-f]{8})?$/,
    )
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
      assert.deepEqual(
        { ...gap, cursor: at(String(gap['cursor']), 6) },
        {
          channel: 'short/a',
          from: cursor,
          floor: 7,
          top: 9,
          cursor: at(cursor, 6),
          why: 'trimmed',
        },
      )
      assert.match(String(gap['cursor']), /_0{15}6(_[0-9a-f]{8})?$/)
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
    await follower.follow({ a: { from: at(cursor, 7) } })
    assert.equal((await follower.hears('gap', 'a'))['why'], 'ahead')
    assert.deepEqual(await follower.data('a', 2), [1, 2])
  })

  scene(
    'CH7: a trim in mid-stream leaves what was not read yet as one gap',
    async ({ node, broker, open }) => {
      const cursor = await publishAll(node, 'a', numbers(1, 5))
      await broker.trim('a', 4)
      const follower = open()
      await follower.follow({ a: { from: at(cursor, 1) } })
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
