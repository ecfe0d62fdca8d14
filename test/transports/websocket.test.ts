/** WebSocket: the shared suite, plain and compressed, and what only it does. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket as Ws } from 'ws'
import { startNode, SUBPROTOCOL } from '../server/node-under-test.ts'
import { transportSuite } from './suite.ts'
import { WebSocketFollower } from './websocket-follower.ts'

const COMPRESSED = { deflate: { thresholdBytes: 0 } }

transportSuite({ name: 'WebSocket', open: (node, options) => new WebSocketFollower(node, options) })
transportSuite({
  name: 'WebSocket, compressed',
  open: (node, options) => new WebSocketFollower(node, options),
  options: COMPRESSED,
})

test('a publication is compressed for those who asked for it, and the same bytes go to all of them', async () => {
  const node = await startNode(COMPRESSED, 'tcp')
  const clients: { socket: Ws; raw: Buffer[]; heard: string[] }[] = []
  for (const perMessageDeflate of [true, true, false]) {
    const socket = new Ws(node.websocketUrl, SUBPROTOCOL, { perMessageDeflate })
    const [raw, heard]: [Buffer[], string[]] = [[], []]
    clients.push({ socket, raw, heard })
    socket.on('upgrade', (answer) =>
      answer.socket.on('data', (chunk: Buffer) => raw.push(Buffer.from(chunk))),
    )
    socket.on('message', (data) => heard.push((data as Buffer).toString()))
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'hello', id: 0, version: 1 }))
    await once(socket, 'message')
    socket.send(JSON.stringify({ type: 'subscribe', channel: 'a' }))
    await once(socket, 'message')
    raw.length = heard.length = 0
  }
  const arrived = Promise.all(clients.map(({ socket }) => once(socket, 'message')))
  const text = 'the same words again, the same words again, the same words again'
  await node.server.publish('a', text)
  await arrived
  const [first, second, plain] = clients.map(({ raw }) => Buffer.concat(raw))
  assert.deepEqual(first, second)
  assert.equal(first![0], 0xc1)
  assert.equal(plain![0], 0x81)
  assert.ok(first!.length < plain!.length)
  assert.equal(new Set(clients.map(({ heard }) => heard.join())).size, 1)
  assert.match(clients[0]!.heard.join(), /the same words again/)
  for (const { socket } of clients) socket.terminate()
  await node.stop()
})
