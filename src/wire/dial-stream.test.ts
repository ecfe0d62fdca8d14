import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import {
  connect,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { dial } from './dial.ts'
import type { DialOptions } from './dialling.ts'
import { DialError } from './errors.ts'
import { frame, Recorder } from './peers.test.ts'

/** Listens for the test's duration; returns the URL to dial. */
async function listening(context: TestContext, server: Server | Http2Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Node's server, which answers every stream as `answer` does. */
function answering(context: TestContext, answer: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server = createHttp2Server({ settings: { enableConnectProtocol: true } })
  server.on('stream', (stream) => answer(stream.on('error', () => {})))
  return listening(context, server)
}

async function fails(url: string, options: DialOptions = {}): Promise<DialError> {
  const error: unknown = await dial(url, { http2: true, handler: new Recorder(), ...options }).then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert(error instanceof DialError)
  return error
}

test('RFC 8441 §5.1: the request', async (context) => {
  let asked: unknown
  const url = await answering(context, (stream) => stream.close())
  const server = createHttp2Server({ settings: { enableConnectProtocol: true } })
  server.on('stream', (stream, headers) => {
    asked = Object.fromEntries(Object.entries(headers))
    stream.respond({ ':status': 403 }, { endStream: true })
  })
  const refusing = await listening(context, server)
  await fails(`${refusing}a/b?c=d`, { protocols: ['x', 'y'], headers: { Cookie: 'z=1' } })
  assert.deepEqual(asked, {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':authority': new URL(refusing).host,
    ':path': '/a/b?c=d',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'x, y',
    cookie: 'z=1',
  })
  assert.equal((await fails(url)).code, 'network')
})

test('messages right behind the answer reach the handler, after the awaiter of dial has run', async (context) => {
  const url = await answering(context, (stream) => {
    stream.respond({ ':status': 200 })
    stream.write(Buffer.from('810161', 'hex'))
  })
  const connection = await dial(url, { http2: true, handler: new Recorder() })
  const heard = new Recorder()
  connection.handler = heard
  assert.deepEqual(await heard.until('message'), ['message', 'a'])
  connection.destroy()
})

test('refused: with the status and the headers of the answer', async (context) => {
  const url = await answering(context, (stream) => {
    stream.respond({ ':status': 503, 'retry-after': '7' })
    stream.end('busy')
  })
  const error = await fails(url)
  assert.deepEqual([error.code, error.status, error.headers['retry-after']], ['refused', 503, '7'])
  assert.equal(':status' in error.headers, false)
})

test('bad-handshake: an answer that chooses what was not asked for', async (context) => {
  for (const [header, cause] of [
    ['sec-websocket-protocol', 'bad-protocol'],
    ['sec-websocket-extensions', 'bad-extension'],
  ] as const) {
    const reset: Promise<unknown>[] = []
    const url = await answering(context, (stream) => {
      reset.push(once(stream, 'close'))
      stream.respond({ ':status': 200, [header]: 'x' })
    })
    const error = await fails(url)
    assert.equal(error.code, 'bad-handshake')
    assert.equal((error.cause as { code?: string }).code, cause)
    await reset[0]
  }
})

test('no-extended-connect: a server that does not offer it is not asked', async (context) => {
  let streams = 0
  const server = createHttp2Server().on('stream', () => streams++)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  const url = await listening(context, server)
  assert.equal((await fails(url)).code, 'no-extended-connect')
  const shared = connect(url.replace('ws', 'http'))
  for (let time = 0; time < 2; time++) {
    assert.equal((await fails(url, { http2: shared })).code, 'no-extended-connect')
  }
  assert.equal(shared.destroyed, false)
  const closed = [...sessions].map((session) => once(session, 'close'))
  shared.close()
  await Promise.all(closed)
  assert.equal(streams, 0)
})

test('network: no HTTP/2, hanging up before and after the SETTINGS, nobody there', async (context) => {
  const http1 = await listening(
    context,
    createHttpServer((_request, response) => response.end()),
  )
  assert.equal((await fails(http1)).code, 'network')
  const hangsUp = await listening(
    context,
    createTcpServer((socket) => socket.destroy()),
  )
  assert.equal((await fails(hangsUp)).code, 'network')
  const garbage = await listening(
    context,
    createTcpServer((socket) => socket.end('\0\0\0\0garbage'.repeat(10))),
  )
  assert.equal((await fails(garbage)).code, 'network')
  const server = createHttp2Server({ settings: { enableConnectProtocol: true } })
  server.on('stream', (stream: ServerHttp2Stream) => stream.on('error', () => {}).session!.destroy())
  assert.equal((await fails(await listening(context, server))).code, 'network')
  const closed = createTcpServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  const error = await fails(`ws://127.0.0.1:${port}/`)
  assert.deepEqual([error.code, (error.cause as NodeJS.ErrnoException).code], ['network', 'ECONNREFUSED'])
})

test('timeout and abort, while the SETTINGS or the answer are awaited', async (context) => {
  const mute = await listening(
    context,
    createTcpServer(() => {}),
  )
  const silent = await answering(context, () => {})
  for (const url of [mute, silent]) {
    assert.equal((await fails(url, { handshakeTimeoutMs: 50 })).code, 'timeout')
    const controller = new AbortController()
    const during = fails(url, { signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    assert.equal((await during).code, 'aborted')
  }
})

test('a dial that is given up on a shared session cancels its stream and leaves the session', async (context) => {
  const reset = new Promise<number>((resolve) => {
    void answering(context, (stream) => stream.once('close', () => resolve(stream.rstCode ?? -1))).then(
      async (url) => {
        const session = connect(url.replace('ws', 'http'))
        context.after(() => session.destroy())
        await fails(url, { http2: session, handshakeTimeoutMs: 50 })
        assert.equal(session.destroyed, false)
      },
    )
  })
  assert.equal(await reset, 8)
})

test('a client fails a server that masks, and cancels nothing before the Close frame is out', async (context) => {
  const received: Buffer[] = []
  let ended: Promise<unknown> | undefined
  const url = await answering(context, (stream) => {
    stream.respond({ ':status': 200 })
    stream.on('data', (chunk: Buffer) => received.push(chunk))
    ended = once(stream, 'end')
    stream.write(frame(0x81, 'a'))
  })
  const heard = new Recorder()
  await dial(url, { http2: true, handler: heard })
  assert.deepEqual((await heard.until('close'))[1], 1002)
  await ended
  assert.equal(Buffer.concat(received)[0], 0x88)
})

test('a shared session is left with the listeners that it had', async (context) => {
  const url = await answering(context, (stream) => {
    stream.respond({ ':status': 200 })
    stream.end()
  })
  const session = connect(url.replace('ws', 'http'))
  context.after(() => session.destroy())
  const count = (): number[] =>
    ['error', 'close', 'remoteSettings', 'connect'].map((event) => session.listenerCount(event))
  const before = count()
  const heard = new Recorder()
  await dial(url, { http2: session, handler: heard })
  assert.deepEqual(await heard.until('close'), ['close', 1006, ''])
  assert.deepEqual(count().slice(0, 3), before.slice(0, 3))
})
