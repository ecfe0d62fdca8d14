// Sending: backpressure that can be awaited, messages in fragments, one message to many.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WebSocketConnection } from './connection.ts'
import { dial } from './dial.ts'
import { broadcast, encodeMessage, PreparedMessage } from './message.ts'
import { frame, HANDSHAKE, host, KEY, RawClient, Recorder } from './peers.test.ts'

test('send says whether more may follow, and drained when', async (context) => {
  const server = await host(context, { highWaterMarkBytes: 100_000 })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  client.socket.pause()
  assert.equal(connection.send('a'), true)
  await connection.drained()
  let sent = 1
  while (connection.send('x'.repeat(1000))) {
    sent++
    if (sent % 50 === 0) await new Promise(setImmediate)
  }
  const drained = connection.drained()
  assert.equal(connection.drained(), drained)
  client.socket.resume()
  await drained
  assert.ok(connection.writable && connection.bufferedBytes < 100_000)
})

test('who waits for a connection to drain is told when it closes', async (context) => {
  const server = await host(context, { highWaterMarkBytes: 1 })
  for (const end of ['destroy', 'close'] as const) {
    const client = new RawClient(server.port).write(HANDSHAKE)
    const connection = await server.next()
    client.socket.pause()
    connection.send(Buffer.alloc(30 << 20))
    const drained = connection.drained()
    connection[end]()
    await assert.rejects(drained, { name: 'CloseError', code: 'closed' })
    await assert.rejects(connection.drained(), { name: 'CloseError' })
    assert.equal(connection.send('late'), false)
    client.socket.destroy()
    assert.equal((await connection.closed).code, 1006)
  }
})

test('a message in fragments: others wait for its end, pings do not', async (context) => {
  const server = await host(context, {})
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  const message = connection.startMessage('text')
  message.write('a\ud83d')
  connection.send('b')
  connection.sendEncoded(encodeMessage('c'))
  assert.throws(() => connection.startMessage('binary'), { code: 'message-under-way' })
  connection.ping()
  message.write('\ude00')
  assert.throws(() => message.write(Buffer.of(1)), { code: 'wrong-type' })
  message.end()
  assert.throws(() => message.end(), { code: 'message-ended' })
  assert.equal(await client.frames(19), '010161' + '8900' + '0004f09f9880' + '8000' + '810162' + '810163')
  const bytes = connection.startMessage('binary')
  bytes.end(Buffer.of(7))
  assert.equal(connection.messagesSent, 4)
})

test('what waits behind a message counts: above the mark the connection is not writable', async (context) => {
  const server = await host(context, { highWaterMarkBytes: 1000 })
  new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  const message = connection.startMessage('binary')
  assert.equal(connection.send('x'.repeat(1000)), false)
  assert.ok(connection.bufferedBytes >= 1000)
  const drained = connection.drained()
  message.end()
  await drained
})

test('sendFrom sends a source as one message, no faster than it is read', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, maxPayloadBytes: 1 << 24 })
  const client = await dial(server.url, {})
  async function* lines(): AsyncGenerator<string> {
    for (let n = 0; n < 500; n++) {
      await Promise.resolve()
      yield `${n}\n`
    }
  }
  await client.sendFrom(lines(), 'text')
  await client.sendFrom([], 'binary')
  await client.sendFrom([Buffer.of(1), Buffer.of(2)], 'binary')
  await heard.until('message', 3)
  const expected = Array.from({ length: 500 }, (_, n) => `${n}\n`).join('')
  assert.deepEqual(heard.notes, [
    ['message', expected],
    ['message', ''],
    ['message', '0102'],
  ])
})

test('what waits behind a message does not keep the message itself waiting', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, maxPayloadBytes: 1 << 24 })
  const client = await dial(server.url, { highWaterMarkBytes: 1000 })
  function* blocks(): Generator<Uint8Array> {
    for (let n = 0; n < 100; n++) {
      client.send('behind it '.repeat(200))
      yield Buffer.alloc(10_000)
    }
  }
  await client.sendFrom(blocks(), 'binary')
  const message = client.startMessage('text')
  if (!message.write('x'.repeat(2000))) await message.drained()
  message.end()
  await heard.until('message', 102)
  assert.equal((heard.notes[0]![1] as string).length, 2_000_000)
})

test('a source that fails closes the connection, since a message cannot be taken back', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = await dial(server.url, {})
  function* failing(): Generator<string> {
    yield 'a'
    throw new Error('the source failed')
  }
  await assert.rejects(client.sendFrom(failing(), 'text'), /the source failed/)
  assert.deepEqual(await heard.until('close'), ['close', 1011, ''])
})

/** An opening handshake that offers permessage-deflate with these parameters. */
const offering = (parameters: string): string =>
  HANDSHAKE.replace(KEY, `${KEY}\r\nSec-WebSocket-Extensions: permessage-deflate${parameters}`)

test('a message for many is encoded once, and compressed once for all who agreed on the same', async (context) => {
  const server = await host(context, { deflate: { thresholdBytes: 10, contextTakeover: true } })
  const offers = ['', '; server_no_context_takeover; client_no_context_takeover']
  const clients = [
    new RawClient(server.port).write(HANDSHAKE),
    ...[offers[1]!, offers[1]!, offers[0]!].map((offer) => new RawClient(server.port).write(offering(offer))),
  ]
  const connections: WebSocketConnection[] = []
  for (let n = 0; n < clients.length; n++) connections.push(await server.next())
  const message = new PreparedMessage('holdfast '.repeat(100))
  broadcast(connections, message)
  broadcast(connections, 'short')
  const received = await Promise.all(clients.map((client) => client.frames(10)))
  assert.equal(received.filter((bytes) => bytes.startsWith('817e0384')).length, 1)
  assert.equal(received.filter((bytes) => bytes.startsWith('c1')).length, 3)
  const groups = connections.filter(({ deflate }) => deflate?.shared === true)
  assert.equal(groups.length, 2)
  assert.equal(message.frame(groups[0]!.deflate), message.frame(groups[1]!.deflate))
  assert.equal(message.frame(), message.frame())
})

test('a client can broadcast too: each connection masks for itself', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const clients = [await dial(server.url, {}), await dial(server.url, {})]
  broadcast(clients, 'to all')
  await heard.until('message', 2)
  assert.deepEqual(heard.notes, [
    ['message', 'to all'],
    ['message', 'to all'],
  ])
})

test('compression both ways, between ours, with contexts and without, whole and in fragments', async (context) => {
  const text = 'all work and no play makes a dull boy. '.repeat(200)
  for (const contextTakeover of [false, true]) {
    const deflate = { contextTakeover, peerContextTakeover: contextTakeover, thresholdBytes: 0 }
    const echo = new Recorder()
    echo.message = (socket, data) => void socket.send(data)
    const server = await host(context, { deflate, handler: echo })
    const client = await dial(server.url, { deflate })
    assert.equal(client.deflate?.shared, !contextTakeover)
    for (let n = 0; n < 5; n++) client.send(text + n)
    client.send(Buffer.from(text))
    let n = 0
    for await (const message of client) {
      assert.equal(String(message), n < 5 ? text + n : Buffer.from(text).toString())
      if (++n === 6) client.close(1000)
    }
    assert.equal(n, 6)
  }
})

test('an uncompressed message is allowed after compression was agreed, also in fragments around compressed ones', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, deflate: true })
  const client = new RawClient(server.port).write(offering(''))
  client.write(
    Buffer.concat([
      frame(0x01, 'pla'),
      frame(0x80, 'in'),
      frame(0x41, Buffer.from('f248cd', 'hex')),
      frame(0x89, ''),
      frame(0x80, Buffer.from('c9c90700', 'hex')),
    ]),
  )
  await heard.until('message', 2)
  assert.deepEqual(heard.notes, [
    ['message', 'plain'],
    ['ping', ''],
    ['message', 'Hello'],
  ])
})
