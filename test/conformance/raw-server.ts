// The suite as a server: it answers openings by hand, over TCP, TLS or HTTP/2, checks them as strictly as it can, and
// hands every conversation to whoever is next.

import { once } from 'node:events'
import {
  createSecureServer as createHttp2SecureServer,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { Violation } from './frame.ts'
import { acceptFor, readHead, type WayName } from './ways.ts'

export interface Identity {
  readonly key: Buffer
  readonly cert: Buffer
}

/** A client that has asked to be let in. */
export interface Asking {
  readonly stream: Duplex
  /** What it offered as Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined
  /** Bytes that came behind the request, where none may be. */
  readonly head: Buffer
  /** The Sec-WebSocket-Key; none over HTTP/2. */
  readonly key: string | undefined
  /** Lets it in; over HTTP/1.1 `behind` goes out in the same write as the answer. */
  admit(extensions?: string, behind?: Buffer): void
}

export class RawServer {
  readonly url: URL
  private readonly server: Server
  private readonly arrived: (Asking | Error)[] = []
  private wake: () => void = () => undefined

  private constructor(server: Server, url: URL) {
    this.server = server
    this.url = url
  }

  static async listen(name: WayName, { key, cert }: Identity): Promise<RawServer> {
    const settings = { enableConnectProtocol: true }
    const server: Server = {
      tcp: () => createTcpServer({ allowHalfOpen: true, noDelay: true }),
      tls: () => createTlsServer({ key, cert, allowHalfOpen: true, noDelay: true }),
      h2c: () => createHttp2Server({ settings }),
      h2: () => createHttp2SecureServer({ key, cert, settings }),
    }[name]()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const secure = name === 'tls' || name === 'h2'
    const raw = new RawServer(server, new URL(`${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`))
    if (name === 'h2' || name === 'h2c') {
      server.on('stream', (stream: ServerHttp2Stream, headers: StreamHeaders) => {
        raw.arrive(askedByStream(stream, headers))
      })
    } else {
      server.on(name === 'tls' ? 'secureConnection' : 'connection', (socket: Duplex) => {
        socket.on('error', () => undefined)
        const arrive = (asking: Asking | Error): void => raw.arrive(asking)
        askedByRequest(socket).then(arrive, arrive)
      })
    }
    return raw
  }

  /** The next client, in the order of arrival. Throws a Violation for an opening that is wrong. */
  async next(): Promise<Asking> {
    while (this.arrived.length === 0) await new Promise<void>((resolve) => (this.wake = resolve))
    const first = this.arrived.shift()!
    if (first instanceof Error) throw first
    return first
  }

  async close(): Promise<void> {
    this.server.close()
    await once(this.server, 'close')
  }

  private arrive(asking: Asking | Error): void {
    this.arrived.push(asking)
    this.wake()
  }
}

/** RFC 6455 §4.1: every rule for the client's request. */
async function askedByRequest(stream: Duplex): Promise<Asking> {
  const { start, headers, head } = await readHead(stream)
  const expect = (right: boolean, what: string): void => {
    if (!right) throw new Violation(`a request with ${what}`)
  }
  const key = headers.get('sec-websocket-key') ?? ''
  expect(/^GET \/\S* HTTP\/1\.1$/.test(start), `"${start}"`)
  expect(/^127\.0\.0\.1:\d+$/.test(headers.get('host') ?? ''), 'a wrong Host')
  expect(headers.get('upgrade')?.toLowerCase() === 'websocket', 'a wrong Upgrade')
  expect(/(^|,\s*)upgrade(\s*,|$)/i.test(headers.get('connection') ?? ''), 'a wrong Connection')
  expect(headers.get('sec-websocket-version') === '13', 'a wrong version')
  expect(/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key), `the key ${key}`)
  return {
    stream,
    head,
    key,
    extensions: headers.get('sec-websocket-extensions'),
    admit(extensions, behind = Buffer.alloc(0)) {
      const lines = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptFor(key)}`,
        ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
      ]
      stream.write(Buffer.concat([Buffer.from(lines.join('\r\n') + '\r\n\r\n', 'latin1'), behind]))
    },
  }
}

type StreamHeaders = IncomingHttpHeaders & Readonly<Partial<Record<`:${string}`, string>>>

/** RFC 8441 §4 and §5. */
function askedByStream(stream: ServerHttp2Stream, headers: StreamHeaders): Asking | Violation {
  const expected: Readonly<Record<string, string | undefined>> = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/',
    'sec-websocket-version': '13',
    'sec-websocket-key': undefined,
    upgrade: undefined,
    connection: undefined,
  }
  for (const [name, value] of Object.entries(expected)) {
    if (headers[name] !== value) return new Violation(`a request with ${name}: ${String(headers[name])}`)
  }
  return {
    stream,
    head: Buffer.alloc(0),
    key: undefined,
    extensions: headers['sec-websocket-extensions'],
    admit(extensions) {
      stream.respond({
        ':status': 200,
        ...(extensions !== undefined && { 'sec-websocket-extensions': extensions }),
      })
    },
  }
}
