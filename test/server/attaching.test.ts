/** A node on an HTTP server that somebody else has, beside what lives there already or comes later. */
import assert from 'node:assert/strict'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { certificate } from './certificate.ts'
import { NodeUnderTest, SCHEMES, type Scheme } from './node-under-test.ts'
import type { RawAnswer } from './raw-connection.ts'

interface Guest {
  readonly server: Server
  readonly node: NodeUnderTest
  readonly holdfast: HoldfastServer
  readonly get: (path: string, fields?: string) => Promise<RawAnswer>
}

const UPGRADE =
  'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** Like the function that a framework makes: answers everything it is called for. */
const framework =
  (name: string) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('content-length', Buffer.byteLength(name + request.url))
    response.end(name + request.url)
  }

const withGuest = async (
  scheme: Scheme,
  act: (guest: Guest) => Promise<void>,
  app?: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<void> => {
  const tls = scheme === 'tls'
  const server = tls ? createHttpsServer(certificate(), app) : createHttpServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const holdfast = createServer()
  const node = new NodeUnderTest(
    holdfast,
    { url: `http${tls ? 's' : ''}://127.0.0.1:${port}`, port, tls },
    [],
  )
  const get = (path: string, fields = ''): Promise<RawAnswer> =>
    node.exchange(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${fields}\r\n`)
  try {
    await act({ server, node, holdfast, get })
    await node.unharmed()
  } finally {
    await node.stop()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
}

for (const scheme of SCHEMES) {
  test(`HT8: attached, the node answers its routes and leaves all others to who came before (${scheme})`, async () => {
    await withGuest(
      scheme,
      async ({ server, node, holdfast, get }) => {
        holdfast.attach(server)
        await node.bystander()
        assert.equal((await get('/')).body, 'app/')
        assert.equal((await get('/healthz')).body, '{"status":"ok"}')
        assert.equal((await node.post({})).status, 200)
      },
      framework('app'),
    )
  })

  test(`HT8: a request handler that comes after the node is not called for the node’s routes (${scheme})`, async () => {
    await withGuest(scheme, async ({ server, holdfast, get }) => {
      holdfast.attach(server)
      const called: (string | undefined)[] = []
      server.on('request', (request, response) => {
        called.push(request.url)
        framework('late')(request, response)
      })
      assert.equal((await get('/healthz')).body, '{"status":"ok"}')
      assert.equal((await get('/x')).body, 'late/x')
      assert.deepEqual(called, ['/x'])
    })
  })

  for (const order of ['before', 'after']) {
    test(`HT8: an upgrade handler that came ${order} the node has its own upgrades, and none of the node’s (${scheme})`, async () => {
      await withGuest(scheme, async ({ server, node, holdfast, get }) => {
        const upgrades: (string | undefined)[] = []
        // As others do: whatever is not theirs is hung up on.
        const other = (request: IncomingMessage, socket: Duplex): void => {
          upgrades.push(request.url)
          socket.end(`HTTP/1.1 ${request.url === '/other' ? 299 : 400} Other\r\ncontent-length: 0\r\n\r\n`)
        }
        if (order === 'before') server.on('upgrade', other)
        holdfast.attach(server)
        if (order === 'after') server.on('upgrade', other)
        const socket = new WebSocketFollower(node)
        await socket.follow({ a: {} })
        await socket.hears('subscribed', 'a')
        assert.equal((await get('/other', UPGRADE)).status, 299)
        assert.equal((await get('/nobody', UPGRADE)).status, 400)
        assert.deepEqual(upgrades, ['/other', '/nobody'])
        await socket.close()
      })
    })
  }

  test(`RF50: where nobody else takes upgrades, one that is not the node’s is 404 (${scheme})`, async () => {
    await withGuest(
      scheme,
      async ({ server, node, holdfast, get }) => {
        holdfast.attach(server)
        const other = createServer({ path: '/second' })
        other.attach(server)
        const connection = await node.connect()
        connection.send(`GET /elsewhere HTTP/1.1\r\nhost: 127.0.0.1\r\n${UPGRADE}\r\n`)
        assert.equal((await connection.answer()).status, 404)
        await connection.end()
        assert.equal(connection.received.length, 0)
        assert.equal((await get('/ws', UPGRADE)).status, 101)
        assert.equal((await get('/second/ws', UPGRADE)).status, 101)
        await other.close()
      },
      framework('app'),
    )
  })

  test(`HT8: detached, in whichever order, the server is as it was (${scheme})`, async () => {
    const app = framework('app')
    await withGuest(
      scheme,
      async ({ server, holdfast, get }) => {
        const second = createServer({ path: '/second' })
        const before = { request: server.listeners('request'), upgrade: server.listeners('upgrade') }
        const [detach, detachSecond] = [holdfast.attach(server), second.attach(server)]
        detach()
        assert.equal((await get('/healthz')).body, 'app/healthz')
        assert.equal((await get('/second/healthz')).body, '{"status":"ok"}')
        detachSecond()
        detachSecond()
        assert.equal((await get('/second/healthz')).body, 'app/second/healthz')
        assert.deepEqual(
          { request: server.listeners('request'), upgrade: server.listeners('upgrade') },
          before,
        )
        // An upgrade that nobody takes is an ordinary request again.
        assert.equal((await get('/ws', UPGRADE)).body, 'app/ws')
        server.off('request', app)
        await second.close()
      },
      app,
    )
  })

  test(`HT8: expectations of the node’s requests are the node’s, also where an app has a say (${scheme})`, async () => {
    await withGuest(scheme, async ({ server, node, holdfast }) => {
      holdfast.attach(server)
      server.on('checkContinue', (_request, response) => {
        response.writeHead(417, { 'content-length': 0 })
        response.end()
      })
      const connection = await node.connect()
      connection.send(
        'POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n',
      )
      assert.equal((await connection.answer()).status, 100)
      assert.equal((await connection.send('{}').answer()).status, 200)
    })
  })

  test(`RF60: connections of a server that the node is attached to count as they come and go (${scheme})`, async () => {
    await withGuest(
      scheme,
      async ({ server, node, holdfast, get }) => {
        const early = await node.connect()
        holdfast.attach(server)
        const late = await node.connect()
        assert.equal((await get('/healthz')).status, 200)
        assert.equal(holdfast.stats().connections >= 1, true)
        early.destroy()
        late.destroy()
        while (holdfast.stats().connections > 0) await new Promise(setImmediate)
      },
      framework('app'),
    )
  })
}
