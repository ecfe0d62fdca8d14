/** A node over HTTP/2, with TLS and without: the same routes, the same refusals, and streams that count. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type ClientHttp2Session, createSecureServer, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { createServer } from 'holdfast/server'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { certificate } from './certificate.ts'
import { hostile } from './hostile.ts'
import { openSession } from './http2-client.ts'
import { eventually, NodeUnderTest, startNode, STREAM_SCHEMES } from './node-under-test.ts'

const JSON_BODY = { 'content-type': 'application/json' }
const WEBSOCKET = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':path': '/ws',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'holdfast.v1.json',
}

/** The status of an answer, and its code where it is a refusal; fields may be pseudo-headers. */
const answer = async (
  session: ClientHttp2Session,
  fields: Readonly<Record<string, string | readonly string[]>>,
  body?: string,
): Promise<string> => {
  const stream = session.request(fields as never, { endStream: body === undefined })
  stream.on('error', () => undefined)
  const closed = once(stream, 'close').then(() => [{ ':status': `reset ${stream.rstCode}` }])
  if (body !== undefined) stream.end(body)
  const [headers] = (await Promise.race([once(stream, 'response'), closed])) as [{ ':status'?: unknown }]
  let text = ''
  if (!stream.destroyed) for await (const chunk of stream.setEncoding('utf8')) text += chunk
  const code = /"code":"(\w+)"/.exec(text)?.[1]
  return code === undefined ? String(headers[':status']) : `${String(headers[':status'])} ${code}`
}

const routes = (name: string, act: (node: NodeUnderTest) => Promise<void>, options = {}): void =>
  hostile(name, act, { schemes: STREAM_SCHEMES, ...options })

routes(
  'HT8: every route and every refusal is the same over HTTP/2',
  async (node) => {
    const { session } = node
    assert.ok(session)
    const post = { ':method': 'POST', ':path': '/session' }
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, '1']))
    const cases: [string, Readonly<Record<string, string | readonly string[]>>, string?][] = [
      ['200', { ':path': '/healthz' }],
      ['200', { ':path': '/healthz?x', ':method': 'HEAD' }],
      ['405 malformed', { ':path': '/healthz', ':method': 'DELETE' }],
      ['404 not_found', { ':path': '/nothing' }],
      ['200', { ...post, ...JSON_BODY }, '{}'],
      ['200', { ...post, ...JSON_BODY, expect: '100-continue' }, '{}'],
      ['400 malformed', { ...post, ...JSON_BODY }, '{'],
      ['415 content_type', { ...post, 'content-type': 'text/plain' }, '{}'],
      ['413 too_large', { ...post, ...JSON_BODY }, 'x'.repeat(200_000)],
      ['405 malformed', { ':path': '/session' }],
      ['204', { ':path': '/session', ':method': 'OPTIONS', origin: 'https://app.example' }],
      ['403 forbidden', { ':path': '/healthz', origin: 'https://evil.example' }],
      ['200', { ':path': '/healthz', origin: node.url }],
      ['421 forbidden', { ':path': '/healthz', ':authority': 'rebound.example' }],
      ['200', { ':path': '/healthz', host: `127.0.0.1:${node.port}` }],
      ['421 forbidden', { ':path': '/healthz', host: 'other.example' }],
      ['400 malformed', { ':path': '/healthz', ':authority': '127.0.0.1', host: 'other.example' }],
      ['431 malformed', { ':path': '/healthz', ...many }],
      // HTTP/2 upgrades nothing.
      ['405 malformed', { ':path': '/ws' }],
      ['405', { ':method': 'CONNECT', ':authority': 'elsewhere:443' }],
      ['400', { ...WEBSOCKET, 'sec-websocket-version': '8' }],
      ['501', { ...WEBSOCKET, ':protocol': 'webtransport' }],
      ['404', { ...WEBSOCKET, ':path': '/session' }],
      ['501', { ...WEBSOCKET, ':path': '/nothing', ':protocol': 'x' }],
      ['403', { ...WEBSOCKET, origin: 'https://evil.example' }],
    ]
    for (const [expected, fields, body] of cases) {
      const extended = fields[':protocol'] !== undefined
      const full = extended ? { ':scheme': node.tls ? 'https' : 'http', ...fields } : fields
      assert.equal(await answer(session, full, body), expected, JSON.stringify(fields).slice(0, 200))
    }
    assert.equal(node.server.stats().connections, 2)
    await eventually(() => node.server.stats().streams === 0, 'every stream is counted off')
  },
  { origins: ['https://app.example'] },
)

routes(
  'HT8: a preflight says over HTTP/2 what it says over HTTP/1.1',
  async (node) => {
    const request = { method: 'OPTIONS', headers: { origin: 'https://app.example' } }
    const { status, headers } = await node.fetch('/session', request)
    assert.deepEqual([status, headers.get('access-control-allow-methods')], [204, 'POST'])
    assert.equal(headers.get('access-control-allow-origin'), 'https://app.example')
  },
  { origins: ['https://app.example'] },
)

routes(
  'LP1: polls that are held over HTTP/2 hold one connection together; those that are reset leave nothing',
  async (node) => {
    const cursor = await node.server.publish('a', 0)
    const poll = { subscribe: { a: { from: cursor } }, live: 'long-poll' }
    const abort = new AbortController()
    const held = Array.from({ length: 90 }, async (_, index) => {
      const { session } = await node.hello()
      const signal = index < 45 ? abort.signal : new AbortController().signal
      return node.post({ ...poll, session }, { signal }).then(
        ({ body }) => body.events.length,
        () => 'reset',
      )
    })
    await eventually(() => node.server.stats().held === 90, 'all are held')
    assert.deepEqual([node.server.stats().connections, node.server.stats().streams], [2, 90])
    abort.abort()
    await eventually(() => node.server.stats().held === 45, 'half of them are gone')
    await node.server.publish('a', 1)
    assert.deepEqual(
      await Promise.all(held),
      held.map((_, index) => (index < 45 ? 'reset' : 1)),
    )
  },
)

routes(
  'RF60: streams count for their address as connections do, WebSockets among them',
  async (node) => {
    const sockets = [new WebSocketFollower(node), new WebSocketFollower(node)]
    for (const socket of sockets) await socket.follow({ a: {} })
    // The bystander, the session below, two WebSockets: one more is the last.
    assert.equal(await answer(node.session!, { ':path': '/healthz' }), '200')
    const third = new WebSocketFollower(node)
    await third.follow({ a: {} })
    assert.equal(await answer(node.session!, { ':path': '/healthz' }), '503 too_many_connections')
    const fourth = { ...WEBSOCKET, ':scheme': node.tls ? 'https' : 'http' }
    assert.equal(await answer(node.session!, fourth), '503')
    for (const socket of [...sockets, third]) await socket.close()
    await eventually(() => node.server.stats().streams === 0, 'they are counted off')
    assert.equal(await answer(node.session!, { ':path': '/healthz' }), '200')
  },
  { limits: { connectionsPerAddress: 5 } },
)

routes(
  'RF48: a request that does not come to its end is 408, and its stream is over',
  async (node) => {
    const stream = node.session!.request({ ':method': 'POST', ':path': '/session', ...JSON_BODY })
    stream.write('{"subscribe":')
    const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }]
    assert.equal(headers[':status'], 408)
    await once(stream.resume(), 'close')
  },
  { limits: { headerTimeoutMs: 100 } },
)

routes(
  'RF8: closing, a node tells its sessions to end, and lets what is under way be answered',
  async (node) => {
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: {} })
    await socket.hears('subscribed', 'a')
    const cursor = await node.server.publish('a', 0)
    const held = node.post({ subscribe: { a: { from: cursor } }, live: 'long-poll' })
    await eventually(() => node.server.stats().held === 1, 'a poll is held')
    const goaway = once(node.session!, 'goaway')
    const began = performance.now()
    const closing = node.server.close()
    assert.equal((await socket.said())['code'], 'draining')
    assert.equal((await held).status, 200)
    assert.equal((await goaway)[0], 0)
    await closing
    assert.ok(performance.now() - began < 900, 'nobody had to be cut')
    const counts = (): number[] => Object.values(node.server.stats())
    await eventually(() => counts().every((count) => count === 0), 'all of it is counted off')
  },
  { bystander: false },
)

for (const tls of [true, false]) {
  test(`HT8: attached to a node:http2 server, beside what it serves (${tls ? 'tls' : 'tcp'})`, async () => {
    const settings = { settings: { enableConnectProtocol: true } }
    const server = tls
      ? createSecureServer({ ...certificate(), ...settings, allowHTTP1: true })
      : createHttp2Server(settings)
    server.on('request', (request, response) => response.end(`app${request.url}`))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = `http${tls ? 's' : ''}://127.0.0.1:${port}`
    const holdfast = createServer()
    const detach = holdfast.attach(server)
    const node = new NodeUnderTest(holdfast, { url, port, tls, session: await openSession(url) }, [])
    assert.equal(await (await node.fetch('/')).text(), 'app/')
    assert.equal(await (await node.fetch('/healthz')).text(), '{"status":"ok"}')
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: {} })
    await socket.hears('subscribed', 'a')
    await holdfast.publish('a', 1)
    assert.deepEqual(await socket.data('a', 1), [1])
    await socket.close()
    if (tls) {
      // The same server takes those who do not speak HTTP/2.
      const older = new NodeUnderTest(holdfast, { url, port, tls }, [])
      const old = new WebSocketFollower(older)
      await old.follow({ a: { from: '-1' } })
      assert.deepEqual(await old.data('a', 1), [1])
      await old.close()
    }
    detach()
    assert.equal(await (await node.fetch('/healthz')).text(), 'app/healthz')
    node.session?.close()
    await holdfast.close()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
}

test('HTTP/2 can be switched off', async () => {
  const server = createServer()
  const { port } = await server.listen({ tls: certificate(), http2: false })
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    ca: certificate().cert,
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await once(socket, 'secureConnect')
  assert.notEqual(socket.alpnProtocol, 'h2')
  socket.destroy()
  await server.close()
})

for (const [scheme, flag, version] of [
  ['tls', '--http2', '2'],
  ['tls', '--http1.1', '1.1'],
  ['tcp', '--http2-prior-knowledge', '2'],
  // An upgrade to h2c is offered, and not taken.
  ['tcp', '--http2', '1.1'],
] as const) {
  test(`curl ${flag} is answered over HTTP/${version} (${scheme})`, async () => {
    const node = await startNode({}, scheme)
    const post = ['-X', 'POST', '-H', 'content-type: application/json', '-d', '{}']
    const { stdout } = await promisify(execFile)('curl', [
      ...['-sk', '--noproxy', '*', flag, ...post, '-w', ' %{http_version} %{http_code}'],
      `${node.url}/session`,
    ])
    assert.equal(stdout, `{"events":[],"cursors":{}} ${version} 200`)
    await node.stop()
  })
}
