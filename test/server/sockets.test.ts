/** What is thrown at a session on a WebSocket once it is open: order, floods, and peers that do not read. */
import assert from 'node:assert/strict'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { clientFrame, openSocket, readFrames } from './frames.ts'
import { hostile } from './hostile.ts'
import { codeOf, eventually, okOf } from './node-under-test.ts'

const HELLO = JSON.stringify({ type: 'hello', id: 0, version: 1 })
const text = (value: string | object): Buffer =>
  clientFrame(0x81, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))

hostile('RF3: a first command that is not hello closes with 4502', async (node) => {
  for (const command of [
    { type: 'ping', id: 1 },
    { type: 'subscribe', channel: 'a' },
  ]) {
    const connection = await openSocket(node)
    connection.send(text(command))
    const { events, close } = await readFrames(connection)
    assert.deepEqual([events[0]?.['code'], events[0]?.['retry'], close], ['hello_expected', 'never', 4502])
  }
})

hostile('RF2: a hello of another version closes with 4501', async (node) => {
  for (const version of [0, 2, '1', null]) {
    const connection = await openSocket(node)
    connection.send(text({ type: 'hello', id: 0, version }))
    const { events, close } = await readFrames(connection)
    assert.deepEqual([events[0]?.['code'], close], ['unsupported_version', 4501])
  }
})

hostile(
  'RF4, RF65: a hello that does not come in time closes with 4002',
  async (node) => {
    const connection = await openSocket(node)
    const { events, close } = await readFrames(connection)
    assert.deepEqual([events[0]?.['code'], events[0]?.['retry'], close], ['hello_timeout', 'backoff', 4002])
  },
  { limits: { helloTimeoutMs: 200 } },
)

hostile(
  'WS3: what stands behind a hello that takes its time waits, in the same chunk or in later ones, in its order',
  async (node) => {
    const connection = await openSocket(node)
    const commands = Array.from({ length: 90 }, (_, id) =>
      text({ type: 'publish', id: id + 1, channel: 'a', data: id }),
    )
    connection.send(Buffer.concat([text(HELLO), ...commands.slice(0, 45)]))
    await delay(5)
    connection.send(Buffer.concat(commands.slice(45)))
    const { events } = await readFrames(connection, (all) => all.length === 91)
    assert.deepEqual(
      events.map((event) => event['id']),
      Array.from({ length: 91 }, (_, id) => id),
    )
    const history = await node.post({ token: 'x', commands: [{ type: 'history', id: 1, channel: 'a' }] })
    const { publications } = okOf(history.body.replies?.[0]) as { publications: { data: number }[] }
    assert.deepEqual(
      publications.map(({ data }) => data),
      Array.from({ length: 90 }, (_, id) => id),
    )
    connection.destroy()
  },
  { authenticate: () => delay(40).then(() => ({ user: 'ada' })) },
)

hostile(
  'RF66: a command that cannot be read and has no id ends the connection with its code, and lets go of everything',
  async (node) => {
    const cases: [Buffer, string, number][] = [
      [text('garbage'), 'malformed', 4500],
      [text('[]'), 'malformed', 4500],
      [text({ type: 'nonsense' }), 'malformed', 4500],
      [text({ type: 'subscribe', channel: 'a', from: 'x' }), 'bad_cursor', 4505],
      [text({ type: 'subscribe', channel: '' }), 'bad_channel_name', 4506],
      [clientFrame(0x82, Buffer.from([0, 0])), 'malformed', 4500],
      [clientFrame(0x82, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7b])), 'malformed', 4500],
      [clientFrame(0x82, Buffer.from([0, 0, 0, 1, 0xff])), 'malformed', 4500],
      [clientFrame(0x82, Buffer.from([0, 0, 0, 1, 0x7b])), 'malformed', 4500],
    ]
    for (const [bytes, code, closeCode] of cases) {
      const connection = await openSocket(node)
      connection.send(
        Buffer.concat([text(HELLO), text({ type: 'subscribe', channel: 'a', presence: 1 }), bytes]),
      )
      const { events, close } = await readFrames(connection)
      assert.deepEqual([events.at(-1)?.['code'], close], [code, closeCode])
      await eventually(() => node.server.stats().waiters === 1, 'only the bystander waits')
    }
  },
)

hostile(
  'RF67: a command that cannot be read and has an id is answered, and the connection goes on',
  async (node) => {
    const socket = new WebSocketFollower(node)
    const [bad] = await socket.send({ type: 'publish', id: 1, channel: '' })
    assert.equal(codeOf(bad), 'bad_channel_name')
    const [again] = await socket.send({ type: 'hello', id: 2, version: 1 })
    assert.equal(codeOf(again), 'malformed')
    okOf((await socket.send({ type: 'ping', id: 3 }))[0])
    await socket.close()
  },
)

hostile(
  'RF11, RF90: commands over their rate are rate_limited one by one, auth among them, whichever session they name',
  async (node) => {
    const socket = new WebSocketFollower(node)
    const replies = await socket.send(
      ...Array.from({ length: 10 }, (_, index) => ({
        type: index % 2 === 0 ? 'ping' : 'auth',
        id: index + 1,
        token: 'x',
      })),
    )
    const codes = new Map(replies.map((reply) => [reply['id'], codeOf(reply)]))
    assert.deepEqual(
      Array.from({ length: 10 }, (_, index) => codes.get(index + 1)),
      Array.from({ length: 10 }, (_, index) => (index < 5 ? undefined : 'rate_limited')),
    )
    // Another connection, and a poll with a fresh session, draw from the same bucket: it is the address's.
    const other = new WebSocketFollower(node)
    assert.equal(codeOf((await other.send({ type: 'ping', id: 1 }))[0]), 'rate_limited')
    const { body } = await node.post({ commands: [{ type: 'ping', id: 1 }] })
    assert.equal(codeOf(body.replies?.[0]), 'rate_limited')
    await socket.close()
    await other.close()
  },
  { limits: { commandsPerSecond: 0.001, commandBurst: 5 } },
)

hostile(
  'RF89: subscribes over their rate are refused with rate_limited',
  async (node) => {
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: {}, b: {}, c: {}, d: {} })
    assert.equal(codeOf(await socket.hears('unsubscribed', 'd')), 'rate_limited')
    await node.server.publish('c', 1)
    await socket.data('c', 1)
    await socket.close()
  },
  { limits: { subscribesPerSecond: 0.001, subscribeBurst: 3 } },
)

hostile(
  'RF91: unsubscribes over their rate close with 4011',
  async (node) => {
    const connection = await openSocket(node)
    connection.send(text(HELLO))
    const flood = text({ type: 'unsubscribe', channel: 'a' })
    for (let count = 0; count < 50; count++) connection.send(flood)
    const { events, close } = await readFrames(connection)
    assert.deepEqual(
      [events.at(-1)?.['code'], events.at(-1)?.['retry'], close],
      ['rate_limited', 'backoff', 4011],
    )
  },
  { limits: { subscribesPerSecond: 0.001, subscribeBurst: 20 } },
)

hostile(
  'RF92: channels over the limit of a socket are refused, and the others stand',
  async (node) => {
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: {}, b: {}, c: {} })
    assert.equal(codeOf(await socket.hears('unsubscribed', 'c')), 'too_many_subscriptions')
    await node.server.publish('b', 1)
    await socket.data('b', 1)
    await socket.close()
  },
  { limits: { channelsPerSocket: 2 } },
)

const asked = { count: 0 }
hostile(
  'WS6: a client that asks without reading the replies is not read from, and is served when it reads',
  async (node) => {
    await node.server.publish('big', 'x'.repeat(60_000))
    asked.count = 0
    const connection = await openSocket(node)
    connection.socket.pause()
    const commands = Array.from({ length: 600 }, (_, id) =>
      text({ type: 'history', id: id + 1, channel: 'big' }),
    )
    connection.send(Buffer.concat([text(HELLO), ...commands]))
    let before = -1
    while (asked.count !== before) {
      before = asked.count
      await delay(100)
    }
    // The rest is 36 MB of replies; what the network takes of them is a few.
    assert.ok(asked.count >= 100 && asked.count < 450, `${asked.count} of 600 were looked at`)
    connection.socket.resume()
    const { events } = await readFrames(connection, (all) => all.length === 601)
    assert.equal(events.length, 601)
    connection.destroy()
  },
  {
    limits: { commandsPerSecond: 1e9, commandBurst: 1e9 },
    authorize: ({ action }) => {
      if (action === 'history') asked.count++
      return true
    },
  },
)

hostile(
  'WS6: a client with too many commands under way is not read from until one is answered',
  async (node) => {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    let calls = 0
    node.server.handle('slow', async () => {
      calls++
      await released
    })
    const socket = new WebSocketFollower(node)
    const replies = socket.send(
      ...Array.from({ length: 20 }, (_, id) => ({ type: 'call', id: id + 1, method: 'slow' })),
    )
    await eventually(() => calls === 5, 'five are under way')
    await delay(30)
    assert.equal(calls, 5)
    release()
    for (const reply of await replies) okOf(reply)
    assert.equal(calls, 20)
    await socket.close()
  },
  { limits: { commandsUnderWay: 5 } },
)

hostile(
  'RF9, RF69: a WebSocket that does not read is let go of after its time, and has buffered no more than its bound',
  async (node) => {
    const connection = await openSocket(node)
    connection.send(Buffer.concat([text(HELLO), text({ type: 'subscribe', channel: 'big' })]))
    await connection.sees('subscribed')
    connection.socket.pause()
    const before = process.memoryUsage()
    const payload = 'x'.repeat(60_000)
    for (let count = 0; count < 1_500; count++) {
      await node.server.publish('big', payload)
      await turn()
    }
    const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers
    assert.ok(grown < 20 * 1024 * 1024, `90 MB published, ${grown} bytes held`)
    await eventually(() => node.server.stats().carriers === 1, 'it is let go of', 10_000)
    connection.destroy()
  },
  { limits: { stallMs: 500 } },
)

hostile(
  'RF94: a WebSocket that does not answer a ping is gone; any frame proves life',
  async (node) => {
    const silent = await openSocket(node)
    const alive = await openSocket(node)
    silent.send(text(HELLO))
    alive.send(text(HELLO))
    const signs = setInterval(() => alive.send(clientFrame(0x8a, Buffer.alloc(0))), 50)
    await silent.end()
    assert.equal(alive.ended, false)
    clearInterval(signs)
    alive.destroy()
  },
  { limits: { pingIntervalMs: 300, pongTimeoutMs: 300 } },
)

hostile(
  'WS5: what is pushed to a reader that pauses arrives whole and in order when it goes on',
  async (node) => {
    const connection = await openSocket(node)
    connection.send(Buffer.concat([text(HELLO), text({ type: 'subscribe', channel: 'big' })]))
    await connection.sees('subscribed')
    connection.socket.pause()
    const payload = 'x'.repeat(20_000)
    for (let count = 1; count <= 500; count++) await node.server.publish('big', payload)
    connection.socket.resume()
    const { events } = await readFrames(connection, (all) => all.at(-1)?.['offset'] === 500)
    assert.deepEqual(
      events.filter((event) => event.type === 'publication').map((event) => event['offset']),
      Array.from({ length: 500 }, (_, index) => index + 1),
    )
    connection.destroy()
  },
)

hostile(
  'PR6: a close gives up its lease after the grace, also when the node ended the connection',
  async (node) => {
    const watcher = new WebSocketFollower(node)
    await watcher.follow({ '$presence/room': { from: '-1', conflate: true } })
    for (const [count, end] of [
      [2, undefined],
      [4, text('garbage')],
    ] as const) {
      const connection = await openSocket(node)
      connection.send(Buffer.concat([text(HELLO), text({ type: 'subscribe', channel: 'room', presence: 1 })]))
      await watcher.data('$presence/room', count - 1)
      if (end === undefined) connection.destroy()
      else await readFrames(connection.send(end))
      await watcher.data('$presence/room', count)
      assert.equal(watcher.publications('$presence/room').at(-1)?.['removed'], true)
    }
    await watcher.close()
  },
  { limits: { presenceGraceMs: 0 } },
)
