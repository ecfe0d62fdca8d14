// WebSockets on streams of HTTP/2, our client with our server, in cleartext and over TLS: that many share a session
// without standing in each other's way, and what becomes of them when a stream or the session below ends.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type ClientHttp2Session } from 'node:http2'
import { after, before, describe, test } from 'node:test'
import {
  acceptStream,
  createDualServer,
  dial,
  DialError,
  encodeMessage,
  type AcceptOptions,
  type DialOptions,
  type SocketHandler,
  type WebSocketConnection,
} from 'holdfast/websocket'
import type { Server } from 'node:http'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { makeCertificate } from './servers.ts'

/** Remembers what it hears, in order, and hands it out one after the other. */
class Listener implements SocketHandler {
  private readonly heard: unknown[] = []
  private wake: () => void = () => {}

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    this.note(data)
  }

  close(_socket: WebSocketConnection, code: number): void {
    this.note(code)
  }

  drain(): void {
    this.note('drained')
  }

  private note(what: unknown): void {
    this.heard.push(what)
    this.wake()
  }

  async next(): Promise<unknown> {
    while (this.heard.length === 0) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.heard.shift()
  }
}

interface Host {
  readonly url: string
  readonly server: Server
  readonly sessions: Set<ServerHttp2Session>
  readonly sockets: Set<Socket>
  /** The server's side of the next connection. */
  next(): Promise<WebSocketConnection>
  stop(): Promise<void>
}

const certificate = makeCertificate()
after(() => certificate.remove())

async function host(secure: boolean, options: AcceptOptions): Promise<Host> {
  const server = createDualServer(secure ? { tls: certificate } : {})
  const [sessions, sockets] = [new Set<ServerHttp2Session>(), new Set<Socket>()]
  const accepted: WebSocketConnection[] = []
  let wake = (): void => {}
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders: string[]) => {
    if (headers[':method'] !== 'CONNECT') return
    accepted.push(acceptStream(stream, rawHeaders, options))
    wake()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`,
    server,
    sessions,
    sockets,
    async next() {
      while (accepted.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return accepted.shift()!
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

const ECHO: SocketHandler = { message: (socket, data) => void socket.send(data), close: () => {} }

for (const secure of [false, true]) {
  describe(`WebSockets over HTTP/2 ${secure ? 'over TLS' : 'in cleartext'}`, () => {
    const tls = { ca: certificate.cert }
    let echo: Host
    before(async () => (echo = await host(secure, { handler: ECHO, maxPayloadBytes: 16 * 1_048_576 })))
    after(() => echo.stop())

    const share = (url: string): ClientHttp2Session => connect(url.replace(/^ws/, 'http'), tls)
    const dialled = async (url: string, options: Omit<DialOptions, 'handler'> = {}) => {
      const listener = new Listener()
      const connection = await dial(url, { http2: true, tls, handler: listener, ...options })
      return { connection, listener }
    }
    const fails = async (url: string, options: DialOptions = {}): Promise<DialError> => {
      const error: unknown = await dial(url, { http2: true, tls, ...options }).then(
        () => assert.fail('it was accepted'),
        (reason: unknown) => reason,
      )
      assert(error instanceof DialError)
      return error
    }

    test('messages of 16 MiB, both ways', async () => {
      const { connection, listener } = await dialled(echo.url, { maxPayloadBytes: 16 * 1_048_576 })
      const bytes = Buffer.alloc(16 * 1_048_576, 'holdfast')
      connection.send(bytes)
      const text = 'é'.repeat(8 * 1_048_576)
      connection.send(text)
      assert(bytes.equals((await listener.next()) as Uint8Array))
      let heard = await listener.next()
      if (heard === 'drained') heard = await listener.next()
      assert(heard === text)
      connection.destroy()
    })

    test('a session of its own ends with its connection, on both sides', async (context) => {
      const server = await host(secure, { handler: ECHO })
      context.after(() => server.stop())
      const { connection, listener } = await dialled(server.url)
      assert.equal((await server.next()).remoteAddress, '127.0.0.1')
      assert.equal(connection.remoteAddress, '127.0.0.1')
      const [session] = server.sessions
      const gone = once(session!, 'close')
      connection.close(4000, 'done')
      assert.equal(await listener.next(), 4000)
      await gone
    })

    test('a hundred connections share a session; one more waits for its turn', async (context) => {
      const session = share(echo.url)
      context.after(() => session.destroy())
      const all = await Promise.all(Array.from({ length: 100 }, () => dialled(echo.url, { http2: session })))
      for (const [n, { connection }] of all.entries()) connection.send(`from ${n}`)
      for (const [n, { listener }] of all.entries()) assert.equal(await listener.next(), `from ${n}`)
      assert.equal((await fails(echo.url, { http2: session, handshakeTimeoutMs: 100 })).code, 'timeout')
      all[0]!.connection.close(1000)
      assert.equal(await all[0]!.listener.next(), 1000)
      // Node's server forgets a stream a turn after it ended; two round trips are two turns.
      for (let trip = 0; trip < 2; trip++) await new Promise((resolve) => session.ping(resolve))
      const { connection, listener } = await dialled(echo.url, { http2: session })
      connection.send('the next one')
      assert.equal(await listener.next(), 'the next one')
      all[1]!.connection.send('still here')
      assert.equal(await all[1]!.listener.next(), 'still here')
    })

    test('what one stream does not read stays with it, and the others do not wait', async (context) => {
      const listener = new Listener()
      const server = await host(secure, { handler: listener, stallTimeoutMs: 400 })
      const session = share(server.url)
      context.after(async () => {
        session.destroy()
        await server.stop()
      })
      const slow = await dialled(server.url, { http2: session })
      const ofSlow = await server.next()
      const quick = await dialled(server.url, { http2: session })
      const ofQuick = await server.next()
      slow.connection.pause()
      const shared = encodeMessage(Buffer.alloc(1_000_000))
      for (let n = 0; n < 8; n++) ofSlow.sendEncoded(shared)
      assert.equal(ofSlow.writable, false)
      for (let n = 0; n < 50; n++) {
        ofQuick.send(`message ${n}`)
        assert.equal(await quick.listener.next(), `message ${n}`)
        assert(ofSlow.bufferedBytes > 7_000_000, 'it was read, or is held elsewhere')
      }
      // Whoever reads nothing while more than the high-water mark waits is let go, and it alone.
      assert.equal(await listener.next(), 4008)
      ofQuick.send('still here')
      assert.equal(await quick.listener.next(), 'still here')
    })

    test('a peer that reads slowly gets it all, and the drain is told', async (context) => {
      const listener = new Listener()
      const server = await host(secure, { handler: listener })
      context.after(() => server.stop())
      const { connection, listener: reader } = await dialled(server.url)
      const ours = await server.next()
      connection.pause()
      for (let n = 0; n < 4; n++) ours.send(Buffer.alloc(1_000_000, n))
      assert.equal(ours.writable, false)
      connection.resume()
      for (let n = 0; n < 4; n++) assert.equal(((await reader.next()) as Uint8Array)[999_999], n)
      assert.equal(await listener.next(), 'drained')
      assert.equal(ours.writable, true)
      assert.equal(ours.bufferedBytes, 0)
    })

    test('a stream that is cut off takes no other with it', async (context) => {
      const session = share(echo.url)
      context.after(() => session.destroy())
      const [one, two, three] = await Promise.all([0, 1, 2].map(() => dialled(echo.url, { http2: session })))
      one!.connection.destroy()
      assert.equal(await one!.listener.next(), 1006)
      two!.connection.send('still here')
      assert.equal(await two!.listener.next(), 'still here')
      assert.equal(session.destroyed, false)
      three!.connection.close(1000)
      assert.equal(await three!.listener.next(), 1000)
    })

    test('whichever side cuts a stream off, the other hears 1006', async (context) => {
      const listener = new Listener()
      const server = await host(secure, { handler: listener })
      context.after(() => server.stop())
      const first = await dialled(server.url)
      const ofFirst = await server.next()
      ofFirst.destroy()
      assert.equal(await first.listener.next(), 1006)
      assert.equal(await listener.next(), 1006)
      const second = await dialled(server.url)
      await server.next()
      second.connection.destroy()
      assert.equal(await listener.next(), 1006)
      assert.equal(await second.listener.next(), 1006)
    })

    test('a session that is lost ends all its connections, on both sides', async (context) => {
      const listener = new Listener()
      const server = await host(secure, { handler: listener })
      context.after(() => server.stop())
      const session = share(server.url)
      session.on('error', () => {})
      const all = await Promise.all([0, 1, 2].map(() => dialled(server.url, { http2: session })))
      for (const socket of server.sockets) socket.resetAndDestroy()
      for (const { listener: theirs } of all) assert.equal(await theirs.next(), 1006)
      for (const _ of all) assert.equal(await listener.next(), 1006)
      assert.equal((await fails(server.url, { http2: session })).code, 'network')
    })

    test('a server that closes lets its connections finish and takes no more of them', async (context) => {
      const server = await host(secure, { handler: ECHO })
      const session = share(server.url)
      context.after(async () => {
        session.destroy()
        await server.stop()
      })
      const { connection, listener } = await dialled(server.url, { http2: session })
      const goaway = once(session, 'goaway')
      const closed = once(server.server, 'close')
      server.server.close()
      await goaway
      connection.send('still here')
      assert.equal(await listener.next(), 'still here')
      assert.equal((await fails(server.url, { http2: session })).code, 'network')
      connection.close(1001)
      assert.equal(await listener.next(), 1001)
      await closed
    })

    test('subprotocol, headers, user and compression, as over HTTP/1.1', async (context) => {
      const server = await host(secure, {
        handler: ECHO,
        protocols: ['b'],
        headers: { 'X-Served-By': 'us' },
        deflate: true,
      })
      context.after(() => server.stop())
      let asked: unknown[] = []
      server.server.on('stream', (_stream, headers) => {
        asked = [headers[':path'], headers['authorization'], headers['x-a']]
      })
      const url = new URL('/path?query', server.url.replace('//', '//me:p%40ss@'))
      const { connection, listener } = await dialled(url.href, {
        protocols: ['a', 'b'],
        headers: { 'X-A': '1' },
        deflate: true,
      })
      assert.deepEqual(asked, ['/path?query', `Basic ${Buffer.from('me:p@ss').toString('base64')}`, '1'])
      assert.equal(connection.protocol, 'b')
      assert(connection.deflate !== undefined)
      const text = 'compress me '.repeat(1000)
      connection.send(text)
      assert.equal(await listener.next(), text)
      connection.destroy()
    })

    test('a stream that was reset before it was accepted makes a connection that is over', async (context) => {
      const listener = new Listener()
      const server = createDualServer(secure ? { tls: certificate } : {})
      server.on('stream', (stream: ServerHttp2Stream, _headers, _flags, rawHeaders: string[]) => {
        stream.once('close', () => acceptStream(stream, rawHeaders, { handler: listener }))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const session = share(`${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`)
      context.after(() => {
        session.destroy()
        server.close()
      })
      const error = fails(`${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`, {
        http2: session,
        handshakeTimeoutMs: 100,
      })
      assert.equal((await error).code, 'timeout')
      assert.equal(await listener.next(), 1006)
    })
  })
}

test('a server that speaks TLS but not HTTP/2 is told from one that is not there', async (context) => {
  for (const ALPNProtocols of [['http/1.1'], []]) {
    const server = createTlsServer({ ...certificate, ALPNProtocols }).on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await assert.rejects(dial(url, { http2: true, tls: { ca: certificate.cert } }), {
      name: 'DialError',
      code: 'no-http2',
    })
  }
})
