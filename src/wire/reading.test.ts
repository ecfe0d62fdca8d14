// Reading without a handler, by iteration, and messages that are read while they arrive.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WebSocketConnection } from './connection.ts'
import { dial } from './dial.ts'
import type { MessageStream } from './message-stream.ts'
import { frame, HANDSHAKE, host, RawClient } from './peers.test.ts'

const close = (code?: number): Buffer =>
  frame(0x88, code === undefined ? '' : Buffer.of(code >>> 8, code & 0xff))

test('a connection without a handler is read by iteration, and the loop ends with an orderly close', async (context) => {
  const server = await host(context, {})
  for (const code of [1000, 1001, undefined]) {
    const client = new RawClient(server.port).write(HANDSHAKE)
    const connection = await server.next()
    client.write(
      Buffer.concat([frame(0x81, 'a'), frame(0x82, Buffer.of(1, 2)), frame(0x81, ''), close(code)]),
    )
    const heard: (string | Uint8Array)[] = []
    for await (const message of connection) heard.push(message)
    assert.deepEqual(
      heard.map((message) => (typeof message === 'string' ? message : Array.from(message))),
      ['a', [1, 2], ''],
    )
    assert.deepEqual(await connection.closed, { code: code ?? 1005, reason: '' })
  }
})

test('a loop that is left goes on later, and one on a connection that breaks throws', async (context) => {
  const server = await host(context, {})
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  client.write(Buffer.concat(['a', 'b', 'c'].map((text) => frame(0x81, text))))
  for await (const message of connection) {
    assert.equal(message, 'a')
    break
  }
  const heard: unknown[] = []
  const rest = async (): Promise<void> => {
    for await (const message of connection) {
      heard.push(message)
      if (message === 'c') client.socket.destroy()
    }
  }
  await assert.rejects(rest(), { name: 'CloseError', code: 'closed', closeCode: 1006 })
  assert.deepEqual(heard, ['b', 'c'])
  assert.equal((await connection.closed).code, 1006)
})

test('a connection with a handler is not iterated', async (context) => {
  const server = await host(context, { handler: {} })
  new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  assert.throws(() => connection[Symbol.asyncIterator](), /go to its handler/)
})

test('what nobody iterates is not read: a peer that sends is held back, and then nothing is missing', async (context) => {
  const server = await host(context, {})
  const client = await dial(server.url, {})
  const connection = await server.next()
  const count = 4000
  for (let n = 0; n < count; n++) {
    if (!client.send(`${n} ${'x'.repeat(10_000)}`)) await new Promise(setImmediate)
  }
  assert.ok(connection.isPaused && connection.messagesReceived < 200)
  let next = 0
  for await (const message of connection) {
    assert.equal((message as string).split(' ', 1)[0], String(next++))
    if (next === count) client.close(1000)
  }
  assert.equal(next, count)
})

/** A server that hands out streams. */
async function streams(context: Parameters<typeof host>[0], highWaterMarkBytes = 65_536) {
  const waiting: MessageStream[] = []
  let wake = (): void => {}
  const server = await host(context, {
    maxPayloadBytes: 1 << 30,
    highWaterMarkBytes,
    handler: {
      stream(_connection: WebSocketConnection, message: MessageStream) {
        waiting.push(message)
        wake()
      },
    },
  })
  const next = async (): Promise<MessageStream> => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return waiting.shift()!
  }
  return { server, next }
}

test('a message is read while it arrives, its characters whole', async (context) => {
  const { server, next } = await streams(context)
  const client = new RawClient(server.port).write(HANDSHAKE)
  client.write(frame(0x01, Buffer.from('61e2', 'hex')))
  const message = await next()
  assert.equal(message.type, 'text')
  const pieces = message[Symbol.asyncIterator]()
  assert.equal((await pieces.next()).value, 'a')
  client.write(Buffer.concat([frame(0x00, Buffer.of(0x82)), frame(0x80, Buffer.from('ac62', 'hex'))]))
  assert.equal((await pieces.next()).value, '€b')
  assert.equal((await pieces.next()).done, true)
  client.write(Buffer.concat([frame(0x81, 'whole'), frame(0x82, Buffer.of(7)), frame(0x81, '')]))
  assert.equal(await (await next()).text(), 'whole')
  const bytes = await next()
  await assert.rejects(bytes.text(), TypeError)
  assert.deepEqual([...(await bytes.bytes())], [7])
  assert.equal(await (await next()).text(), '')
})

test('a message of two hundred megabytes passes through a bounded memory', async (context) => {
  const { server, next } = await streams(context)
  const client = await dial(server.url, {})
  const size = 200 << 20
  const block = Buffer.alloc(1 << 20, 1)
  function* blocks(): Generator<Uint8Array> {
    for (let sent = 0; sent < size; sent += block.length) yield block
  }
  const before = process.memoryUsage().arrayBuffers
  const sending = client.sendFrom(blocks(), 'binary')
  const message = await next()
  let received = 0
  let most = 0
  for await (const piece of message) {
    received += piece.length
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  await sending
  assert.equal(received, size)
  assert.ok(most < 80 << 20, `${most >> 20} MiB`)
})

test('a reader that stops early or does not want the message lets the next one come', async (context) => {
  const { server, next } = await streams(context, 1000)
  const client = await dial(server.url, {})
  client.send('x'.repeat(200_000))
  for await (const piece of await next()) {
    assert.ok(piece.length > 0)
    break
  }
  client.send('y'.repeat(200_000))
  ;(await next()).ignore()
  client.send('z')
  assert.equal(await (await next()).text(), 'z')
})

test('a message that is cut off throws where it is read', async (context) => {
  const { server, next } = await streams(context)
  const client = new RawClient(server.port).write(HANDSHAKE)
  client.write(frame(0x02, Buffer.of(1)))
  const message = await next()
  client.write(Buffer.concat([frame(0x00, Buffer.of(2)), close(1000)]))
  await assert.rejects(message.bytes(), { code: 'closed', closeCode: 1000 })
})
