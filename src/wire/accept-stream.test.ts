import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, constants, createServer, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { accept, acceptStream, isStrippedHandshake } from './accept.ts'
import { Recorder } from './peers.test.ts'
import { refuse } from './refuse.ts'
import type { IncomingMessage } from 'node:http'

const CONNECT = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':path': '/',
  'sec-websocket-version': '13',
} as const

/** A client's session with a server that does this with every stream. */
async function serving(
  context: TestContext,
  serve: (stream: ServerHttp2Stream, rawHeaders: string[]) => void,
): Promise<ClientHttp2Session> {
  const server = createServer({ settings: { enableConnectProtocol: true } })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('stream', (stream, _headers, _flags, rawHeaders: string[]) => {
    serve(
      stream.on('error', () => {}),
      rawHeaders,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  session.on('error', () => {})
  context.after(() => {
    session.destroy()
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await once(session, 'remoteSettings')
  return session
}

test('RFC 8441 §5.1: the answer, with the subprotocol and headers that were asked for', async (context) => {
  const options = { handler: new Recorder(), protocols: ['b', 'a'], headers: { 'Set-Cookie': 'x=1' } }
  const session = await serving(context, (stream, rawHeaders) => {
    acceptStream(stream, rawHeaders, options).close()
  })
  const stream = session.request({ ...CONNECT, 'sec-websocket-protocol': 'c, a, b' }, { endStream: false })
  const [{ date, ...headers }] = await once(stream, 'response')
  assert(date !== undefined)
  assert.deepEqual(Object.entries(headers), [
    [':status', 200],
    ['sec-websocket-protocol', 'a'],
    ['set-cookie', ['x=1']],
  ])
  const [chunk] = await once(stream, 'data')
  assert.equal(chunk.toString('hex'), '8800')
})

test('a header that would not stay in its line is the caller’s mistake, and nothing is answered', async (context) => {
  const errors: unknown[] = []
  const session = await serving(context, (stream, rawHeaders) => {
    for (const headers of [{ Location: 'a\r\nSet-Cookie: b' }, { 'a b': 'c' }, { x: '\u00e9' }]) {
      const codes = [
        () => acceptStream(stream, rawHeaders, { handler: new Recorder(), headers }),
        () => refuse(stream, 302, { headers }),
      ]
      for (const attempt of codes) {
        try {
          attempt()
        } catch (error) {
          errors.push((error as { code: string }).code)
        }
      }
    }
    assert.equal(stream.headersSent, false)
    refuse(stream, 418)
  })
  const stream = session.request(CONNECT, { endStream: false })
  assert.equal((await once(stream, 'response'))[0][':status'], 418)
  assert.deepEqual(errors, Array(6).fill('invalid-header'))
})

test('a refusal is one complete answer, and the client need not send the rest', async (context) => {
  const session = await serving(context, (stream) => {
    refuse(stream, 503, {
      headers: { 'Retry-After': '7', Connection: 'close', Upgrade: 'websocket' },
      code: 'busy',
    })
  })
  const stream = session.request(CONNECT, { endStream: false })
  stream.write(Buffer.alloc(10_000))
  const [headers] = await once(stream, 'response')
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += chunk
  assert.equal(body, 'busy')
  assert.deepEqual(
    [
      headers[':status'],
      headers['retry-after'],
      headers['content-length'],
      headers.connection,
      headers.upgrade,
    ],
    [503, '7', '4', undefined, undefined],
  )
  assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR)
})

test('HTTP/2 knows no upgrade: what would be a 426 is a 400', async (context) => {
  const session = await serving(context, (stream) => refuse(stream, 426))
  const stream = session.request(CONNECT, { endStream: false })
  assert.equal((await once(stream, 'response'))[0][':status'], 400)
  const request = { httpVersion: '2.0', rawHeaders: ['sec-websocket-key', 'x'] } as unknown as IncomingMessage
  assert.equal(isStrippedHandshake(request), false)
})

test('a client that has gone, or has an answer, is refused without a word', async (context) => {
  const served: Promise<void>[] = []
  const session = await serving(context, (stream) => {
    served.push(
      once(stream, 'close').then(() => {
        refuse(stream, 404)
        refuse(stream, 404)
      }),
    )
    if (served.length === 2) {
      stream.respond({ ':status': 200 })
      refuse(stream, 404)
      assert.equal(stream.destroyed, true)
    }
  })
  const gone = session.request(CONNECT, { endStream: false })
  await new Promise((resolve) => session.ping(resolve))
  gone.close(constants.NGHTTP2_CANCEL)
  await once(gone, 'close')
  const answered = session.request(CONNECT, { endStream: false }).resume()
  await once(answered, 'close')
  assert.equal(answered.rstCode, constants.NGHTTP2_CANCEL)
  await Promise.all(served)
})

test('a refused client that lets nothing through is cut off', async (context) => {
  const session = await serving(context, (stream) => refuse(stream, 400, { body: 'x'.repeat(100_000) }))
  const stream = session.request(CONNECT, { endStream: false })
  stream.pause()
  await once(stream, 'close')
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL)
})

test('a stream is no socket: it cannot be accepted as an upgrade', async (context) => {
  const codes: unknown[] = []
  const session = await serving(context, (stream, rawHeaders) => {
    const request = { method: 'GET', httpVersion: '2.0', rawHeaders } as unknown as IncomingMessage
    try {
      accept(request, stream, Buffer.alloc(0), { handler: new Recorder() })
    } catch (error) {
      codes.push((error as { code: string }).code)
      refuse(stream, 400)
    }
  })
  await once(session.request(CONNECT, { endStream: false }), 'response')
  assert.deepEqual(codes, ['bad-http-version'])
})
