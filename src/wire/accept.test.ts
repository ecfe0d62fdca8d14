import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Duplex, PassThrough } from 'node:stream'
import { test } from 'node:test'
import { accept, isStrippedHandshake } from './accept.ts'
import { encodeMessage } from './message.ts'
import { frame, HANDSHAKE, host, RawClient, Recorder } from './peers.test.ts'
import { refuse } from './refuse.ts'

test('RFC 6455 §1.3: the answer, with the subprotocol and headers that were asked for', async (context) => {
  const options = { handler: new Recorder(), protocols: ['b', 'a'], headers: { 'Set-Cookie': 'x=1' } }
  const server = await host(context, options)
  const request = HANDSHAKE.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: c, a, b\r\n\r\n')
  const client = new RawClient(server.port).write(request)
  const connection = await server.next()
  assert.equal(connection.protocol, 'a')
  assert.equal(connection.remoteAddress, '127.0.0.1')
  connection.destroy()
  client.socket.end()
  const answered = new RawClient(server.port).write(request).write(frame(0x88, ''))
  assert.deepEqual((await answered.answer()).split('\r\n'), [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'Sec-WebSocket-Protocol: a',
    'Set-Cookie: x=1',
    '',
    '\x88\x00',
  ])
})

test('messages in the same packet as the handshake reach the handler after accept has returned', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const packet = Buffer.concat([
    Buffer.from(HANDSHAKE),
    frame(0x81, 'early'),
    frame(0x82, 'x').subarray(0, 4),
  ])
  const client = new RawClient(server.port).write(packet)
  await server.next()
  assert.deepEqual(heard.notes, [])
  assert.deepEqual(await heard.until('message'), ['message', 'early'])
  client.write(frame(0x82, 'x').subarray(4))
  assert.deepEqual(await heard.until('message', 2), ['message', '78'])
})

test('a refusal is one complete answer, and what follows the request is not looked at', async (context) => {
  const heard = new Recorder()
  const server = await host(context, { handler: heard })
  const request = HANDSHAKE.replace('Version: 13', 'Version: 8')
  const smuggled = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'
  const client = new RawClient(server.port).write(request + smuggled).write(Buffer.alloc(200_000, smuggled))
  assert.deepEqual((await client.answer()).split('\r\n'), [
    'HTTP/1.1 426 Upgrade Required',
    'Content-Type: text/plain; charset=utf-8',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Connection: close',
    'Content-Length: 11',
    '',
    'bad-version',
  ])
  assert.deepEqual(heard.notes, [])
})

test('a refused client that does not hang up is cut off', async (context) => {
  const server = createServer().on('upgrade', (_request, socket) => refuse(socket, 599, { body: 'no' }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const accepted = once(server, 'connection')
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  client.on('error', () => {}).resume()
  client.write(HANDSHAKE)
  const [serverSide] = await accepted
  await once(serverSide, 'close')
  client.destroy()
})

test('a header that would not stay in its line is the caller’s mistake', () => {
  const headers = { Location: 'a\r\nSet-Cookie: b' }
  assert.throws(() => refuse(new PassThrough(), 302, { headers }), { code: 'invalid-header' })
})

test('a plain request that was meant as a WebSocket is recognised', () => {
  const request = (rawHeaders: string[]) => ({ rawHeaders }) as IncomingMessage
  assert.equal(isStrippedHandshake(request(['Sec-WebSocket-Key', 'x'])), true)
  assert.equal(isStrippedHandshake(request(['Host', 'x'])), false)
})

test('any duplex stream can carry a connection, even one that keeps the memory it is given', async () => {
  const written: Buffer[] = []
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk)
      done()
    },
  })
  const lines = HANDSHAKE.split('\r\n').slice(1, -2)
  const rawHeaders = lines.flatMap((line) => line.split(': '))
  const request = { method: 'GET', httpVersion: '1.1', rawHeaders } as IncomingMessage
  const connection = accept(request, stream, Buffer.alloc(0), { handler: new Recorder() })
  assert.equal(connection.remoteAddress, undefined)
  const shared = encodeMessage('shared')
  for (const text of ['one', 'two', 'three']) {
    await new Promise(setImmediate)
    connection.send(text)
  }
  await new Promise(setImmediate)
  connection.sendEncoded(shared)
  await new Promise(setImmediate)
  assert.deepEqual(
    written.slice(1).map((chunk) => chunk.toString('latin1')),
    ['\x81\x03one', '\x81\x03two', '\x81\x05three', '\x81\x06shared'],
  )
  assert.equal(written.at(-1)!.buffer, shared.buffer, 'shared bytes were copied')
  connection.destroy()
})

test('an encoded message is one unmasked frame', () => {
  assert.equal(encodeMessage('é').toString('hex'), '8102c3a9')
  assert.equal(encodeMessage(Buffer.of(1)).toString('hex'), '820101')
  assert.equal(encodeMessage('x'.repeat(126)).toString('hex'), '817e007e' + '78'.repeat(126))
})
