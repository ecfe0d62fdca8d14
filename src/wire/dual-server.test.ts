import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect as connectHttp2, type ServerHttp2Session } from 'node:http2'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createDualServer, type DualServerOptions } from './dual-server.ts'

async function serve(context: TestContext, options: DualServerOptions = {}) {
  const server = createDualServer(options)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    if (request.httpVersion === '2.0') request.resume()
    response.end(`${request.method} ${request.url} over ${request.httpVersion}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { server, sockets, port, origin: `http://127.0.0.1:${port}` }
}

/** Everything that a server says to these bytes, until it hangs up. */
async function exchange(port: number, chunks: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
  for (const chunk of chunks) {
    await new Promise((resolve) => socket.write(chunk, 'latin1', resolve))
    await new Promise(setImmediate)
  }
  await once(socket, 'close').catch(() => {})
  return received
}

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

test('both versions on one port', async (context) => {
  const { port, origin } = await serve(context)
  assert.match(await exchange(port, [GET]), /^HTTP\/1\.1 200 .*GET \/a over 1\.1$/s)
  const session = connectHttp2(origin)
  const stream = session.request({ ':path': '/b' }).setEncoding('utf8')
  let body = ''
  for await (const chunk of stream) body += chunk
  assert.equal(body, 'GET /b over 2.0')
  session.destroy()
})

test('requests that begin like the preface, whole and byte by byte, are requests', async (context) => {
  const { port } = await serve(context)
  for (const request of [
    GET,
    GET.replace('GET', 'POST'),
    GET.replace('GET', 'PUT'),
    GET.replace('GET', 'PROPFIND'),
  ]) {
    const method = request.slice(0, request.indexOf(' '))
    for (const chunks of [[request], [...request]]) {
      assert.match(await exchange(port, chunks), new RegExp(`200 .*${method} /a over 1\\.1$`, 's'))
    }
  }
})

test('a preface that goes wrong is answered as HTTP/1.1 answers it', async (context) => {
  const { port } = await serve(context)
  for (const bytes of [
    'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n',
    'PRI * HTTP/3.0\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
  ]) {
    assert.match(await exchange(port, [bytes]), /^HTTP\/1\.1 400 /)
  }
})

test('whoever does not say which version is told 408, and whoever hangs up leaves nothing', async (context) => {
  const { port, sockets } = await serve(context, { http1: { headersTimeout: 100 } })
  for (const chunks of [[], ['PRI']]) assert.match(await exchange(port, chunks), /^HTTP\/1\.1 408 /)
  for (const half of ['', 'PR']) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.end(half)
    await once(socket.resume(), 'close')
  }
  const agent = new Agent()
  const [answer] = await once(get(`http://127.0.0.1:${port}/`, { agent }), 'response')
  answer.resume()
  await once(answer, 'end')
  agent.destroy()
  while (sockets.size > 0) await new Promise(setImmediate)
})

test('HTTP/1.1 keeps its timeout for headers', async (context) => {
  const { port } = await serve(context, {
    http1: { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 },
  })
  assert.match(await exchange(port, ['GET / HTTP/1.1\r\nHost: a\r\n']), /^HTTP\/1\.1 408 /)
})

test('a session without a stream is told to go, and cut off if it does not', async (context) => {
  const { server, port, sockets } = await serve(context, { http2: { idleTimeoutMs: 100 } })
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume()
  client.on('error', () => {})
  client.write(
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('000000040000000000', 'hex'),
    ]),
  )
  const [session] = (await once(server, 'session')) as [ServerHttp2Session]
  assert.equal(session.destroyed, false)
  await once(client, 'end')
  // The client does not hang up: only its own end is missing.
  const [socket] = sockets
  await once(socket!, 'close')
  client.destroy()
})

test('a session with a stream stays, and goes some time after the last', async (context) => {
  const { server, origin } = await serve(context, { http2: { idleTimeoutMs: 100 } })
  const session = connectHttp2(origin)
  server.on('stream', (stream, headers) => {
    if (headers[':method'] === 'CONNECT') stream.resume().respond({ ':status': 200 })
  })
  await once(session, 'remoteSettings')
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'x', ':path': '/' },
    { endStream: false },
  )
  await once(stream.resume(), 'response')
  let goneAway = false
  session.once('goaway', () => (goneAway = true))
  const [other] = await once(session.request({ ':path': '/c' }).resume(), 'response')
  assert.equal(other[':status'], 200)
  // Twice the idle time and more, told by the clock of the server's deadlines.
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal(goneAway, false)
  stream.close()
  await once(session, 'close')
  assert.equal(goneAway, true)
})

test('a CONNECT that nobody listens for is refused: 501 with a protocol, 405 without', async (context) => {
  const { origin } = await serve(context)
  const session = connectHttp2(origin)
  await once(session, 'remoteSettings')
  const extended = session.request(
    { ':method': 'CONNECT', ':protocol': 'x', ':path': '/' },
    { endStream: false },
  )
  assert.equal((await once(extended, 'response'))[0][':status'], 501)
  const plain = session.request({ ':method': 'CONNECT', ':authority': 'a:80' }, { endStream: false })
  assert.equal((await once(plain, 'response'))[0][':status'], 405)
  session.destroy()
})

test('Expect: 100-continue is answered as HTTP/1.1 answers it', async (context) => {
  const { server, origin } = await serve(context)
  const session = connectHttp2(origin)
  const post = () => session.request({ ':method': 'POST', ':path': '/d', expect: '100-continue' })
  const continued = post()
  await once(continued, 'continue')
  continued.end()
  assert.equal((await once(continued, 'response'))[0][':status'], 200)
  server.on('checkContinue', (_request, response) => response.writeHead(417).end())
  assert.equal((await once(post(), 'response'))[0][':status'], 417)
  session.destroy()
})

test('closing the server tells its sessions to go and waits for them', async (context) => {
  const { server, origin } = await serve(context)
  const session = connectHttp2(origin)
  await once(session, 'remoteSettings')
  const closed = new Promise((resolve) => server.close(resolve))
  await once(session, 'goaway')
  assert.equal(await closed, undefined)
})
