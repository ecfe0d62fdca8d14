/** A node that drains: nobody new, a moment for each, and clients that move to another node without losing anything. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect as dial, createServer as listen, type Server } from 'node:net'
import { test } from 'node:test'
import { connect, type TransportName } from 'holdfast'
import { MemoryBroker } from 'holdfast/server'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { eventually, type NodeUnderTest, startNode } from './node-under-test.ts'

/** What stands in front of two nodes: new connections go to the first that is not draining. */
const balance = async (
  nodes: readonly NodeUnderTest[],
  draining: () => boolean,
): Promise<{ server: Server; url: string }> => {
  const server = listen((client) => {
    const upstream = dial((draining() ? nodes[1] : nodes[0])!.port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => (client.destroy(), upstream.destroy()))
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

for (const transport of ['websocket', 'sse', 'long-polling', 'polling'] satisfies TransportName[]) {
  test(`EV6, RF62: clients of a node that drains go on at another one; nothing is lost, nothing comes twice (${transport})`, async () => {
    const broker = new MemoryBroker()
    const nodes = [await startNode({ broker, secret: 's' }), await startNode({ broker, secret: 's' })]
    let draining = false
    const front = await balance(nodes, () => draining)
    const clients = Array.from({ length: 5 }, () =>
      connect(front.url, { transport, pollIntervalMs: 10, backoff: { minMs: 1, maxMs: 20 } }),
    )
    try {
      const got = await Promise.all(
        clients.map(async (client) => {
          const numbers: unknown[] = []
          await client.channel('c').subscribe(({ data }) => numbers.push(data)).ready
          return numbers
        }),
      )
      let published = 0
      const publish = (): Promise<unknown> => clients[0]!.channel('c').publish(++published)
      for (let n = 0; n < 5; n++) await publish()
      draining = true
      const drained = nodes[0]!.server.drain({ overMs: 200 })
      let left = false
      void drained.then(() => (left = true))
      while (!left) await publish()
      assert.equal(nodes[0]!.server.stats().carriers, 0)
      await publish()
      const wanted = Array.from({ length: published }, (_, index) => index + 1)
      for (const [index, numbers] of got.entries()) {
        await eventually(() => numbers.length >= published, `client ${index} has all ${published}`)
        assert.deepEqual(numbers, wanted)
        const { lost, duplicated, gaps } = clients[index]!.state.counts
        assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
      }
    } finally {
      for (const client of clients) client.close()
      front.server.close()
      for (const node of nodes) await node.stop()
      await broker.dispose()
    }
  })
}

test('EV6: each client is given a moment of its own, spread over the time', async () => {
  const node = await startNode()
  const moments: number[] = []
  const sockets: WebSocket[] = []
  try {
    for (let n = 0; n < 20; n++) {
      const socket = node.openWebSocket() as WebSocket
      sockets.push(socket)
      socket.addEventListener('open', () => socket.send('{"type":"hello","id":0,"version":1}'))
      await once(socket, 'message')
      socket.addEventListener('message', ({ data }) => {
        const event = JSON.parse(String(data)) as { type: string; afterMs: number }
        if (event.type === 'drain') moments.push(event.afterMs)
      })
    }
    void node.server.drain({ overMs: 60_000 })
    await eventually(() => moments.length === sockets.length, 'all of them are told')
    moments.sort((a, b) => a - b)
    for (const [index, moment] of moments.entries())
      assert.ok(moment >= index * 3_000 && moment < (index + 1) * 3_000, `${moment} is in slot ${index}`)
  } finally {
    for (const socket of sockets) socket.close()
    await node.stop()
  }
})

test('EV6: a node that is closed while it drains leaves no timer behind, however long it would have taken', async () => {
  const node = await startNode()
  const { session } = await node.hello()
  await node.server.publish('c', 1)
  const { cursor } = await node.server.history('c')
  const before = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
  const held = Array.from({ length: 3 }, () =>
    node.post({ session, subscribe: { c: { from: cursor } }, live: 'long-poll' }),
  )
  await eventually(() => node.server.stats().held === 3, 'they are held')
  const drained = node.server.drain({ overMs: 3_600_000 })
  await node.stop()
  await Promise.all(held)
  await drained
  const after = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
  assert.ok(after <= before, `${after} timers, ${before} before`)
})

test('RF62: while it drains nobody new is served, on any route; who is there may publish, and health says so', async () => {
  const node = await startNode()
  const { session } = await node.hello()
  const socket = new WebSocketFollower(node)
  await socket.follow({ c: { from: 'now' } })
  void node.server.drain({ overMs: 60_000 })
  try {
    for (const body of [
      { subscribe: { c: { from: 'now' } } },
      { subscribe: { c: { from: 'now' } }, live: 'long-poll' },
      { subscribe: {}, live: 'sse' },
      { commands: [{ type: 'hello', id: 1, version: 1 }] },
    ]) {
      const refused = await node.post({ session, ...body })
      assert.deepEqual([refused.status, refused.body.error?.code], [503, 'draining'], JSON.stringify(body))
    }
    const upgrade = await node.exchange(
      'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: holdfast.v1.json\r\n\r\n',
    )
    assert.equal(upgrade.status, 503)
    assert.equal((await node.fetch('/healthz')).status, 503)
    assert.equal((await node.fetch('/v1/stream/c')).status, 503)
    const { status, body } = await node.post({
      session,
      commands: [{ type: 'publish', id: 1, channel: 'c', data: 1 }],
    })
    assert.equal(status, 200)
    assert.ok(body.replies?.[0]?.['ok'])
    await socket.until(() => socket.events.some(({ type }) => type === 'publication'), 'it is delivered')
  } finally {
    await socket.close()
    await node.stop()
  }
})
