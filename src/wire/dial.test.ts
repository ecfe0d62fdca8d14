import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { dial } from './dial.ts'
import type { DialOptions } from './dialling.ts'
import { DialError } from './errors.ts'
import { frame, host, Recorder } from './peers.test.ts'

/** A server that answers the first bytes of each connection with what `answer` makes of the key. */
async function answering(context: TestContext, answer: (accept: string, socket: Socket) => string | Buffer) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', (request) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(String(request))![1]!
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const reply = answer(accept, socket)
      if (reply.length > 0) socket.write(reply)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const switching = (accept: string, more = ''): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`

async function fails(url: string, options: Partial<DialOptions> = {}): Promise<DialError> {
  const error: unknown = await dial(url, { handler: new Recorder(), ...options }).then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert(error instanceof DialError)
  return error
}

test('messages in the same packet as the 101 reach the handler, after the awaiter of dial has run', async (context) => {
  const url = await answering(context, (accept) =>
    Buffer.concat([Buffer.from(switching(accept)), Buffer.from('810161', 'hex')]),
  )
  const connection = await dial(url, { handler: new Recorder() })
  const heard = new Recorder()
  connection.handler = heard
  assert.deepEqual(await heard.until('message'), ['message', 'a'])
  connection.destroy()
})

test('the request carries the path, the headers, the user and the subprotocols', async (context) => {
  let request: unknown[] = []
  const server = createHttpServer().on('upgrade', ({ url, headers }, socket) => {
    request = [url, headers['x-a'], headers.authorization, headers['sec-websocket-protocol']]
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const url = `ws://me:p%40ss@127.0.0.1:${port}/a/b?c=d`
  await fails(url, { headers: { 'X-A': '1' }, protocols: ['a', 'b'] })
  assert.deepEqual(request, ['/a/b?c=d', '1', `Basic ${Buffer.from('me:p@ss').toString('base64')}`, 'a, b'])
})

test('the subprotocol that the server chose', async (context) => {
  const url = await answering(context, (accept) => switching(accept, 'Sec-WebSocket-Protocol: b\r\n'))
  const connection = await dial(url, { handler: new Recorder(), protocols: ['a', 'b'] })
  assert.equal(connection.protocol, 'b')
  connection.destroy()
})

test('refused: with the status and the headers of the answer', async (context) => {
  const url = await answering(context, () => 'HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n')
  const error = await fails(url)
  assert.deepEqual([error.code, error.status, error.headers['retry-after']], ['refused', 503, '7'])
  const redirect = await answering(
    context,
    () => 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n',
  )
  assert.equal((await fails(redirect)).status, 302)
})

test('bad-handshake: an answer that proves nothing, chooses what was not asked for, or is no upgrade', async (context) => {
  const answers: [answer: (accept: string) => string, cause: string | undefined][] = [
    [() => switching('x'), 'bad-accept'],
    [(accept) => switching(accept, 'Sec-WebSocket-Protocol: x\r\n'), 'bad-protocol'],
    [(accept) => switching(accept, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'), 'bad-extension'],
    [(accept) => switching(accept).replace('Upgrade: websocket', 'Upgrade: h2c'), 'bad-upgrade'],
    [(accept) => switching(accept).replace('Upgrade: websocket\r\n', ''), undefined],
  ]
  for (const [answer, cause] of answers) {
    const error = await fails(await answering(context, answer))
    assert.equal(error.code, 'bad-handshake')
    assert.equal((error.cause as { code?: string } | undefined)?.code, cause)
  }
})

test('network: nobody listens, the server hangs up, or speaks no HTTP', async (context) => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  const error = await fails(`ws://127.0.0.1:${port}/`)
  assert.deepEqual([error.code, (error.cause as NodeJS.ErrnoException).code], ['network', 'ECONNREFUSED'])
  const hangsUp = await answering(context, (_accept, socket) => (socket.destroy(), ''))
  assert.equal((await fails(hangsUp)).code, 'network')
  assert.equal((await fails(await answering(context, () => 'nonsense\r\n\r\n'))).code, 'network')
})

test('timeout and abort, before and during the handshake', async (context) => {
  const silent = await answering(context, () => '')
  assert.equal((await fails(silent, { handshakeTimeoutMs: 20 })).code, 'timeout')
  const reason = new Error('enough')
  const before = await fails(silent, { signal: AbortSignal.abort(reason) })
  assert.deepEqual([before.code, before.cause], ['aborted', reason])
  const controller = new AbortController()
  const during = fails(silent, { signal: controller.signal })
  controller.abort(reason)
  assert.equal((await during).code, 'aborted')
})

test('a signal has no effect on an open connection', async (context) => {
  const server = await host(context, { handler: new Recorder() })
  const controller = new AbortController()
  const connection = await dial(server.url, { handler: new Recorder(), signal: controller.signal })
  controller.abort()
  assert.equal(connection.state, 'open')
  connection.destroy()
})

test('URLs that make no sense are the caller’s mistake', async () => {
  const handler = new Recorder()
  for (const url of ['http://a/', 'ftp://a/', 'ws://a/#b']) {
    await assert.rejects(dial(url, { handler }), { name: 'CallerError', code: 'invalid-url' })
  }
  await assert.rejects(dial('nonsense', { handler }), { code: 'ERR_INVALID_URL' })
  await assert.rejects(dial('ws://127.0.0.1:1/', { handler, protocols: ['a b'] }), {
    code: 'invalid-protocol',
  })
})

test('a client fails a server that masks', async (context) => {
  const url = await answering(context, (accept) =>
    Buffer.concat([Buffer.from(switching(accept)), frame(0x81, 'a')]),
  )
  const heard = new Recorder()
  await dial(url, { handler: heard })
  assert.deepEqual((await heard.until('close'))[1], 1002)
  assert.deepEqual(heard.notes[0], ['error', 'mask-forbidden'])
})
