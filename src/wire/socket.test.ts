import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { accept } from './accept.ts'
import { dial } from './dial.ts'
import { encodeMessage } from './message.ts'
import { frame, HANDSHAKE, host, RawClient, Recorder } from './peers.test.ts'
import type { SocketConnection } from './socket.ts'

test('messages of every size and kind, both ways', async (context) => {
  const echo = new Recorder()
  echo.message = (socket, data) => socket.send(data)
  const server = await host(context, { handler: echo })
  const heard = new Recorder()
  const client = await dial(server.url, { handler: heard })
  const texts = ['', 'a', 'é', 'x'.repeat(125), 'é'.repeat(63), 'y'.repeat(126), '\u{1F600}'.repeat(2000)]
  texts.push('z'.repeat(5461), 'z'.repeat(5462), 'w'.repeat(70_000), 'é'.repeat(400_000))
  const binaries = [0, 1, 125, 126, 16_384, 16_385, 65_535, 65_536, 300_000].map((size) =>
    Buffer.alloc(size, size),
  )
  for (const data of [...texts, ...binaries]) client.send(data)
  await heard.until('message', texts.length + binaries.length)
  const expected = [...texts, ...binaries.map((data) => data.toString('hex'))]
  const messages = heard.notes.filter(([what]) => what === 'message').map(([, data]) => data)
  assert(messages.every((data, index) => data === expected[index]))
  assert.equal(client.messagesSent, expected.length)
  assert.equal(client.messagesReceived, expected.length)
})

test('one write per turn: what a turn sends arrives as one chunk, in order', async (context) => {
  const server = await host(context, { handler: new Recorder() })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  await client.frames(0)
  let chunks = 0
  client.socket.on('data', () => chunks++)
  connection.send('a')
  connection.sendEncoded(encodeMessage('b'))
  connection.send('c')
  connection.ping()
  assert.equal(await client.frames(11), '810161' + '810162' + '810163' + '8900')
  assert.equal(chunks, 1)
})

test('a connection that cannot begin keeps no other from reading', () => {
  const script = `
    import { duplexPair } from 'node:stream'
    import { resolveSettings } from ${JSON.stringify(import.meta.resolve('./settings.ts'))}
    import { SocketConnection } from ${JSON.stringify(import.meta.resolve('./socket.ts'))}
    const begin = (handler) => {
      const [carrier, peer] = duplexPair()
      new SocketConnection(carrier, { settings: resolveSettings({}, 'server'), protocol: '', handler }).start('', [])
      return peer
    }
    process.on('uncaughtException', ({ message }) => console.log(message))
    const first = begin({ get stream() { throw new Error('cannot begin') } })
    begin({ message: (_, data) => console.log(data) }).write(Buffer.from('${frame(0x81, 'read').toString('hex')}', 'hex'))`
  const { stdout } = spawnSync(
    process.execPath,
    ['--conditions', 'holdfast-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8', timeout: 20_000 },
  )
  assert.equal(stdout, 'cannot begin\nread\n')
})

test('what is sent in the turn of the handshake stands behind the answer', async (context) => {
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    const connection = accept(request, socket, head, { handler: new Recorder() })
    connection.send('a')
    connection.sendEncoded(encodeMessage('b'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new RawClient((server.address() as AddressInfo).port).write(HANDSHAKE)
  context.after(() => {
    client.socket.destroy()
    server.close()
  })
  assert.equal(await client.frames(6), '810161' + '810162')
})

test('sockets that take turns in one turn keep their bytes apart', async (context) => {
  const server = await host(context, { handler: new Recorder() })
  const clients = Array.from({ length: 5 }, () => new RawClient(server.port).write(HANDSHAKE))
  const connections = await Promise.all(clients.map(() => server.next()))
  const shared = encodeMessage('shared')
  for (let round = 0; round < 40; round++) {
    for (const [index, connection] of connections.entries()) {
      connection.send(String(index).repeat(1000))
      connection.sendEncoded(shared, 1)
    }
  }
  const length = 40 * (1004 + 8)
  const streams = await Promise.all(clients.map((client) => client.frames(length)))
  const seen = streams.map((stream) => {
    assert.equal(stream.length, 2 * length)
    const digit = Buffer.from(stream, 'hex').toString('latin1', 4, 5)
    const round = Buffer.concat([encodeMessage(digit.repeat(1000)), shared]).toString('hex')
    assert.equal(stream, round.repeat(40))
    return digit
  })
  assert.deepEqual(seen.sort(), ['0', '1', '2', '3', '4'])
})

test('a message that is sent in pieces and held back is not disturbed by what follows in the slab', async (context) => {
  const server = await host(context, { handler: new Recorder(), stallTimeoutMs: 60_000 })
  const slow = new RawClient(server.port).write(HANDSHAKE)
  const slowConnection = await server.next()
  const fast = new RawClient(server.port).write(HANDSHAKE)
  const fastConnection = await server.next()
  slow.socket.pause()
  const expected: Buffer[] = []
  for (let n = 0; slowConnection.writable || n < 20_000; n++) {
    const message = `${n} `.repeat(200)
    expected.push(encodeMessage(message))
    slowConnection.send(message)
    fastConnection.send(`${n}`)
    if (n % 50 === 0) await new Promise(setImmediate)
  }
  slow.socket.resume()
  const whole = Buffer.concat(expected)
  const received = await slow.frames(whole.length)
  assert(received === whole.toString('hex'), 'the slow client received other bytes')
  assert((await fast.frames(10)).startsWith('810130810131'))
})

test('above the high-water mark it is not writable, and drain comes once when it is below', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, highWaterMarkBytes: 1000 })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  connection.send('x'.repeat(500))
  assert.equal(connection.writable, true)
  connection.send('x'.repeat(500))
  assert.equal(connection.writable, false)
  assert(connection.bufferedBytes > 1000)
  await heard.until('drain')
  assert.equal(connection.writable, true)
  await client.frames(1008)
  assert.deepEqual(heard.notes, [['drain', true]])
})

test('a peer that does not read is paused, and drains when it reads', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  client.socket.pause()
  const shared = encodeMessage(Buffer.alloc(1_000_000))
  for (let n = 0; n < 20; n++) connection.sendEncoded(shared)
  await new Promise(setImmediate)
  assert(connection.bufferedBytes > 1_000_000)
  assert.equal(connection.writable, false)
  assert.deepEqual(heard.notes, [])
  client.socket.resume()
  await heard.until('drain')
  assert.equal((await client.frames(20 * shared.length)).length, 40 * shared.length)
})

test('a peer that reads nothing for too long is a slow consumer: 4008', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, stallTimeoutMs: 100 })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  client.socket.pause()
  for (let n = 0; n < 20; n++) connection.send(Buffer.alloc(1_000_000))
  assert.deepEqual(await heard.until('close'), ['close', 4008, 'slow consumer'])
  assert.equal(connection.state, 'closed')
  connection.send('ignored')
  assert.equal(connection.messagesSent, 20)
})

test('a silent peer is pinged and then gone; any frame proves life', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, pingIntervalMs: 100, pongTimeoutMs: 100 })
  const silent = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  const answer = await silent.frames(2)
  assert.equal(answer, '8900')
  silent.write(frame(0x81, 'alive'))
  await silent.frames(4)
  assert.deepEqual(heard.notes, [['message', 'alive']])
  assert.deepEqual(await heard.until('close'), ['close', 1006, ''])
})

test('our client answers pings', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, pingIntervalMs: 0 })
  const client = new Recorder()
  await dial(server.url, { handler: client })
  const connection = await server.next()
  connection.ping(Buffer.from('01', 'hex'))
  assert.deepEqual(await heard.until('pong'), ['pong', '01'])
  assert.deepEqual(client.notes, [['ping', '01']])
})

test('the closing handshake, from either side', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const clientHeard = new Recorder()
  const client = await dial(server.url, { handler: clientHeard })
  const connection = await server.next()
  connection.send('last')
  connection.close(4001, 'because')
  assert.equal(connection.state, 'closing')
  assert.deepEqual(await clientHeard.until('close'), ['close', 4001, 'because'])
  assert.deepEqual(clientHeard.notes[0], ['message', 'last'])
  assert.deepEqual(await heard.until('close'), ['close', 4001, 'because'])
  assert.equal(client.state, 'closed')

  const again = await dial(server.url, { handler: clientHeard })
  again.close()
  assert.deepEqual(await heard.until('close', 2), ['close', 1005, ''])
  assert.deepEqual(await clientHeard.until('close', 2), ['close', 1005, ''])
})

test('after close no message is delivered, and an absent answer ends in 1006', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, closeTimeoutMs: 100 })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  connection.close(1000)
  client.write(frame(0x81, 'too late'))
  assert.equal(await client.frames(), '880203e8')
  assert.deepEqual(await heard.until('close'), ['close', 1006, ''])
  assert.equal(heard.notes.length, 1)
})

test('a peer that closes but keeps its side open is cut off', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard, closeTimeoutMs: 100 })
  const client = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  const [serverSide] = server.sockets
  const cutOff = once(serverSide!, 'close')
  client.write(frame(0x88, Buffer.of(0x03, 0xe8)))
  assert.deepEqual(await heard.until('close'), ['close', 1000, ''])
  assert.equal(await client.frames(), '880203e8')
  client.write(frame(0x81, 'data after close'))
  await cutOff
  assert.equal(heard.notes.length, 1)
})

test('a peer that ends or resets its side without a Close frame: 1006', async (context) => {
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const heard = new Recorder()
    const server = await host(context, { handler: heard })
    const client = new RawClient(server.port).write(HANDSHAKE)
    await server.next()
    await client.frames(0)
    client.socket[leave]()
    assert.deepEqual(await heard.until('close'), ['close', 1006, ''])
    assert.deepEqual(
      heard.notes.map(([what]) => what),
      leave === 'end' ? ['close'] : ['error', 'close'],
    )
  }
})

test('destroy: the handler hears it once, in a later turn', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const clientHeard = new Recorder()
  await dial(server.url, { handler: clientHeard })
  const connection = await server.next()
  connection.destroy()
  connection.destroy()
  assert.equal(connection.state, 'closed')
  assert.deepEqual(heard.notes, [])
  connection.close(1000)
  connection.ping()
  assert.deepEqual(await heard.until('close'), ['close', 1006, ''])
  assert.equal((await clientHeard.until('close'))[1], 1006)
  assert.equal(heard.notes.length, 1)
})

/** Pauses with every message; of a binary one it tells whether it is all sevens. */
const pausing = (heard: Recorder): Recorder => {
  const handler = new Recorder()
  handler.message = (socket, data) => {
    heard.note('message', typeof data === 'string' ? data : data.every((byte) => byte === 7))
    socket.pause()
  }
  return handler
}

test('paused, it delivers nothing more, not even what it has read; resumed, all of it', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  connection.handler = pausing(heard)
  client.write(Buffer.concat([frame(0x81, 'one'), frame(0x81, 'two'), frame(0x81, 'three')]))
  for (const [index, expected] of ['one', 'two', 'three'].entries()) {
    assert.deepEqual(await heard.until('message', index + 1), ['message', expected])
    await new Promise(setImmediate)
    assert.equal(heard.notes.length, index + 1)
    connection.resume()
  }
  client.write(frame(0x81, 'four'))
  assert.deepEqual(await heard.until('message', 4), ['message', 'four'])
})

test('what a paused connection has read stays as it came while others read', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  connection.handler = pausing(heard)
  const other = new RawClient(server.port).write(HANDSHAKE)
  const loud = new Recorder()
  const second = await server.next()
  second.handler = loud
  client.write(
    Buffer.concat([frame(0x81, 'one'), frame(0x82, Buffer.alloc(20_000, 7)), frame(0x81, 'three')]),
  )
  await heard.until('message')
  for (const count of [2, 3]) {
    other.write(frame(0x82, Buffer.alloc(60_000, 9)))
    await loud.until('message', count - 1)
    connection.resume()
    assert.deepEqual(await heard.until('message', count), ['message', count === 2 ? true : 'three'])
  }
})

test('what is heard of a binary message, a ping and a pong may be kept', async (context) => {
  const kept: Uint8Array[] = []
  const keeping = new Recorder()
  const keep = (_: unknown, data: string | Uint8Array): void => void kept.push(data as Uint8Array)
  Object.assign(keeping, { ping: keep, pong: keep })
  keeping.message = (socket, data) => {
    keep(socket, data)
    keeping.note('message', '')
  }
  const server = await host(context, { handler: keeping })
  const client = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  const sizes = [40_000, 20, 30, 5]
  for (const [index, size] of sizes.entries()) {
    const opcode = [0x82, 0x89, 0x8a, 0x82][index] as number
    client.write(frame(opcode, Buffer.alloc(size, index + 1)))
  }
  await keeping.until('message', 2)
  client.write(frame(0x82, Buffer.alloc(60_000, 9)))
  await keeping.until('message', 3)
  assert.deepEqual(
    kept.slice(0, 4).map((data) => Buffer.from(data)),
    sizes.map((size, index) => Buffer.alloc(size, index + 1)),
  )
})

test('what arrives while it is paused waits for its turn', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  connection.handler = pausing(heard)
  client.write(Buffer.concat([frame(0x81, '1'), frame(0x81, '2'), frame(0x81, '3')]))
  await heard.until('message')
  await new Promise<void>((resolve) => client.socket.write(frame(0x81, '4'), () => resolve()))
  for (const count of [2, 3, 4]) {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    connection.resume()
    assert.deepEqual(await heard.until('message', count), ['message', String(count)])
  }
})

test('closing while paused reads on, so that the answer is seen', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  await dial(server.url, { handler: new Recorder() })
  const connection = await server.next()
  connection.pause()
  connection.close(1000)
  assert.deepEqual(await heard.until('close'), ['close', 1000, ''])
})

test('closing behind a backlog loses none of it', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  client.socket.pause()
  const shared = encodeMessage(Buffer.alloc(1_000_000))
  for (let n = 0; n < 20; n++) connection.sendEncoded(shared)
  client.write(frame(0x88, Buffer.of(0x03, 0xe8)))
  assert.deepEqual(await heard.until('close'), ['close', 1000, ''])
  client.socket.resume()
  const received = await client.frames()
  assert.equal(received.length / 2, 20 * shared.length + 4)
  assert(received.endsWith('880203e8'))
})

test('a reset after the closing handshake is no error', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  const [serverSide] = server.sockets
  const gone = once(serverSide!, 'close').catch(() => {})
  client.write(frame(0x88, ''))
  await heard.until('close')
  client.socket.resetAndDestroy()
  await gone
  assert.deepEqual(heard.notes, [['close', 1005, '']])
})

test('binary messages outlive the turn and do not keep a large read buffer', async (context) => {
  const heard = new Recorder()
  const kept: Uint8Array[] = []
  heard.message = (_socket, data) => {
    kept.push(data as Uint8Array)
    heard.note('message')
  }
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  client.write(
    Buffer.concat([frame(0x82, Buffer.of(1)), frame(0x82, Buffer.alloc(30_000, 2)), frame(0x82, '3')]),
  )
  await heard.until('message', 3)
  assert.deepEqual(
    kept.map((data) => [data.length, data[0]]),
    [
      [1, 1],
      [30_000, 2],
      [1, 0x33],
    ],
  )
  assert(kept[0]!.buffer.byteLength <= Buffer.poolSize)
})

test('a burst of pings is answered; pings of a peer that does not read end in 1008', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  client.write(Buffer.concat(Array.from({ length: 1000 }, () => frame(0x89, ''))))
  assert.equal(await client.frames(2000), '8a00'.repeat(1000))

  const deaf = new RawClient(server.port).write(HANDSHAKE)
  await server.next()
  deaf.socket.pause()
  const flood = Buffer.concat(Array.from({ length: 500 }, () => frame(0x89, Buffer.alloc(125))))
  const pour = (): void => {
    while (!deaf.socket.destroyed && deaf.socket.write(flood));
  }
  deaf.socket.on('drain', pour)
  pour()
  assert.deepEqual((await heard.until('close'))[1], 1008)
  assert.deepEqual(await heard.until('error'), ['error', 'too-many-pings'])
})

test('a handler that throws ends its connection and no other', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const client = new RawClient(server.port).write(HANDSHAKE)
  const connection = await server.next()
  const failing = new Recorder()
  failing.message = () => {
    throw new Error('from the handler')
  }
  connection.handler = failing
  // The listener belongs to the socket, where the runtime would report what it throws.
  assert.throws(() => (connection as SocketConnection).receive(frame(0x81, 'a')), /from the handler/)
  assert.deepEqual(await failing.until('close'), ['close', 1006, ''])
  assert.equal(await client.frames(), '')
})

test('only a server sends what is already encoded', async (context) => {
  const server = await host(context, { handler: new Recorder() })
  const client = await dial(server.url, { handler: new Recorder() })
  assert.throws(() => client.sendEncoded(encodeMessage('a')), TypeError)
  client.destroy()
})

test('limits that are no whole numbers are refused', async () => {
  for (const maxPayloadBytes of [-1, NaN, 1.5, Infinity]) {
    await assert.rejects(dial('ws://127.0.0.1:1/', { handler: new Recorder(), maxPayloadBytes }), RangeError)
  }
})
