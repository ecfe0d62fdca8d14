/** What an SSE answer does over time: it begins at once, it pings, and it waits for no reader for ever. */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { SseFollower } from '../transports/sse-follower.ts'
import { hostile } from './hostile.ts'
import { eventually, type NodeUnderTest } from './node-under-test.ts'
import type { RawConnection } from './raw-connection.ts'

const request = (body: object): string => {
  const text = JSON.stringify(body)
  return `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`
}

const stream = async (node: NodeUnderTest, body: object): Promise<RawConnection> => {
  const connection = await node.connect()
  return connection.send(request({ live: 'sse', ...body }))
}

hostile('SS1: an SSE answer begins at once, whatever its commands wait for', async (node) => {
  let answer: (value: string) => void = () => undefined
  node.server.handle('slow', () => new Promise((resolve) => (answer = resolve)))
  const commands = [
    { type: 'hello', id: 1, version: 1 },
    { type: 'call', id: 2, method: 'slow' },
    { type: 'ping', id: 3 },
  ]
  const connection = await stream(node, { subscribe: { a: {} }, commands })
  const head = await connection.sees('"subscribed"')
  assert.match(head, /^HTTP\/1\.1 200 /)
  assert.match(head, /^content-type: text\/event-stream; charset=utf-8\r$/im)
  assert.match(head, /^cache-control: no-store, no-transform\r$/im)
  assert.match(head, /^x-accel-buffering: no\r$/im)
  assert.ok(
    head.indexOf(': open') < head.indexOf('"id":1') && head.indexOf('"id":1') < head.indexOf('subscribed'),
  )
  assert.ok(!head.includes('"id":3'))
  await node.server.publish('a', 'meanwhile')
  await connection.sees('"meanwhile"')
  answer('done')
  const all = await connection.sees('"id":3')
  assert.ok(all.indexOf('"id":2') < all.indexOf('"id":3'))
  connection.destroy()
})

hostile(
  'SS4: an SSE answer that has nothing to say pings by a comment',
  async (node) => {
    const connection = await stream(node, { subscribe: { a: {} } })
    await connection.sees(': ping\n\n')
    connection.destroy()
  },
  { limits: { ssePingIntervalMs: 200 } },
)

hostile(
  'SS5: an SSE answer goes on when it has room, however low its high-water mark is',
  async (node) => {
    for (let count = 1; count <= 30; count++) await node.server.publish('long', `number ${count}`)
    const connection = await stream(node, { subscribe: { long: { from: '-1' } } })
    // Nothing else is published: only the answer itself can know that it has room again.
    await connection.sees('"number 30"')
    connection.destroy()
  },
  { limits: { highWaterBytes: 300, pagePublications: 3 } },
)

hostile(
  'RF68: an SSE reader that does not read is let go of after its time, and has buffered no more than its bound',
  async (node) => {
    const connection = await stream(node, { subscribe: { big: {} } })
    await connection.sees('subscribed')
    connection.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const payload = 'x'.repeat(60_000)
    for (let count = 0; count < 1_500; count++) {
      await node.server.publish('big', payload)
      await turn()
    }
    const grown = process.memoryUsage().arrayBuffers - before
    assert.ok(grown < 20 * 1024 * 1024, `90 MB published, ${grown} bytes held`)
    await eventually(() => node.server.stats().carriers === 1, 'it is let go of', 10_000)
    connection.destroy()
  },
  { limits: { stallMs: 1_000 } },
)

hostile(
  'RF68: a poll’s answer that nobody reads is given up after its time',
  async (node) => {
    await node.server.publish('big', 'x'.repeat(15_000_000))
    const connection = await node.connect()
    connection.socket.pause()
    connection.send(request({ subscribe: { big: { from: '-1' } } }))
    await eventually(() => node.server.stats().carriers === 2, 'it is being answered')
    await eventually(() => node.server.stats().carriers === 1, 'it is let go of', 10_000)
    connection.destroy()
  },
  { limits: { stallMs: 1_000 } },
)

hostile(
  'SS5: what is pushed to an SSE reader that pauses arrives whole and in order when it goes on',
  async (node) => {
    const connection = await stream(node, { subscribe: { big: {} } })
    await connection.sees('subscribed')
    connection.socket.pause()
    const payload = 'x'.repeat(20_000)
    for (let count = 1; count <= 300; count++) await node.server.publish('big', payload)
    connection.socket.resume()
    const all = await connection.sees('"offset":300,')
    const offsets = Array.from(all.matchAll(/"offset":(\d+),/g), (match) => Number(match[1]))
    assert.deepEqual(
      offsets,
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
    connection.destroy()
  },
)

hostile('SS2: what would end a line or a field of an event stands in it escaped', async (node) => {
  const follower = new SseFollower(node, {})
  const channel = 'a data: id: event:'
  await follower.follow({ [channel]: { from: '-1' } })
  await follower.hears('subscribed', channel)
  const text = '\r\n\r\ndata: forged\n\n\u0000\u2028\u2029id: 1'
  await node.server.publish(channel, text)
  assert.deepEqual(await follower.data(channel, 1), [text])
  await follower.close()
})

hostile('SS3: an SSE request that is aborted at any moment leaves nothing', async (node) => {
  for (let moment = 0; moment < 20; moment++) {
    const connection = await stream(node, { subscribe: { a: { presence: moment } } })
    for (let turns = 0; turns < moment; turns++) await new Promise(setImmediate)
    if (moment % 2 === 0) connection.reset()
    else connection.destroy()
    await node.server.publish('a', moment)
  }
})
