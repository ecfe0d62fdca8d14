// What the suites of this folder share: an echo server over TCP and TLS, HTTP/1.1 and HTTP/2, with its own certificate,
// a raw client, and a bystander that must notice nothing. It uses only the package's public names.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import {
  attach,
  createDualServer,
  dial,
  isStrippedHandshake,
  type AcceptOptions,
  type SocketHandler,
  type WebSocketConnection,
} from 'holdfast/websocket'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
  readonly certPath: string
  readonly keyPath: string
  remove(): void
}

/** A key and a certificate for 127.0.0.1, made by the openssl command. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const files = ['-keyout', keyPath, '-out', certPath]
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject, ...files], {
    stdio: 'ignore',
  })
  const remove = (): void => rmSync(folder, { recursive: true })
  return { key: readFileSync(keyPath), cert: readFileSync(certPath), certPath, keyPath, remove }
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

/** Echoes, and remembers how connections ended. */
export class Echo implements SocketHandler {
  readonly closed: Closed[] = []
  private waiting: (() => void)[] = []

  message(socket: WebSocketConnection, data: string | Uint8Array): void {
    socket.send(data)
  }

  close(_socket: WebSocketConnection, code: number, reason: string): void {
    this.closed.push({ code, reason })
    for (const wake of this.waiting.splice(0)) wake()
  }

  /** The code of the next connection to end, in order. */
  async nextCode(): Promise<number> {
    while (this.closed.length === 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return this.closed.shift()!.code
  }
}

export interface EchoServer {
  readonly echo: Echo
  readonly url: string
  readonly secure: boolean
  readonly port: number
  readonly http2: boolean
  /** A raw connection, ready to write. */
  raw(): Promise<RawConnection>
  /** The same, before an upgrade over HTTP/1.1. */
  rawHttp1(): Promise<RawConnection>
  stop(): Promise<void>
}

export interface EchoServerOptions extends Omit<AcceptOptions, 'handler'> {
  readonly certificate?: Certificate | undefined
  /** Whether the server speaks HTTP/2 beside HTTP/1.1, and the clients that are made for it do. */
  readonly http2?: boolean
}

/** The ways in which a connection's bytes can get to a server. */
export const WAYS = {
  TCP: { secure: false, http2: false },
  TLS: { secure: true, http2: false },
  'HTTP/2': { secure: false, http2: true },
  'HTTP/2 over TLS': { secure: true, http2: true },
} as const

export async function startEcho(started: EchoServerOptions = {}): Promise<EchoServer> {
  const { certificate, http2 = false, ...options } = started
  const echo = new Echo()
  const secure = certificate !== undefined
  const server = openServer(certificate, http2)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', Connection: 'close' }
    if (isStrippedHandshake(request)) response.writeHead(426, headers).end()
    else response.writeHead(404).end()
  })
  attach(server, { handler: echo, ...options })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    echo,
    secure,
    http2,
    port,
    url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`,
    rawHttp1: () => RawConnection.open(port, certificate),
    raw: () => (http2 ? RawConnection.openStream(port, certificate) : RawConnection.open(port, certificate)),
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

function openServer(tls: Certificate | undefined, http2: boolean): Server {
  if (http2) return createDualServer(tls && { tls })
  return tls === undefined ? createHttpServer() : createHttpsServer(tls)
}

export const UPGRADE: string =
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** RFC 8441 §5, without the scheme and the authority, which Node adds. */
export const CONNECT = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':path': '/',
  'sec-websocket-version': '13',
} as const

/** Bytes to and from a server: on a socket, or on a stream that is open already. */
export class RawConnection {
  readonly socket: Duplex
  private received: Buffer = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => {}

  private constructor(socket: Duplex) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      this.wake()
    })
    const end = (): void => {
      this.ended = true
      this.wake()
    }
    socket.on('end', end).on('close', end).on('error', end)
  }

  static async open(port: number, certificate?: Certificate): Promise<RawConnection> {
    const target = { port, host: '127.0.0.1', allowHalfOpen: true }
    const socket =
      certificate === undefined ? connect(target) : connectTls({ ...target, ca: certificate.cert })
    const connection = new RawConnection(socket)
    await once(socket, certificate === undefined ? 'connect' : 'secureConnect')
    return connection
  }

  /** By node:http2, on a session of its own. */
  static async openStream(port: number, certificate?: Certificate): Promise<RawConnection> {
    const scheme = certificate === undefined ? 'http' : 'https'
    const session = connectHttp2(`${scheme}://127.0.0.1:${port}`, certificate && { ca: certificate.cert })
    await once(session, 'remoteSettings')
    const stream = session.request({ ...CONNECT, ':scheme': scheme }, { endStream: false })
    stream.once('close', () => session.close())
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    if (headers[':status'] !== 200) throw new Error(`answered ${String(headers[':status'])}`)
    return new RawConnection(stream)
  }

  /** Sends a handshake and waits for its 101; a stream has had its own. */
  async upgrade(): Promise<this> {
    if ('sentHeaders' in this.socket) return this
    this.socket.write(UPGRADE)
    while (!this.received.includes('\r\n\r\n')) await this.change()
    this.received = this.received.subarray(this.received.indexOf('\r\n\r\n') + 4)
    return this
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** What was received, once it has this many bytes or the server has ended. */
  async bytes(length = Infinity): Promise<Buffer> {
    while (this.received.length < length && !this.ended) await this.change()
    return this.received
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve))
  }
}

/** A well-behaved connection beside the others: its echo must always come back, and it must never be closed. */
export class Bystander implements SocketHandler {
  private connection: WebSocketConnection | undefined
  private heard: ((data: string | Uint8Array) => void) | undefined
  private count = 0
  private closedWith: number | undefined

  static async join({ url, http2 }: EchoServer, ca?: Buffer): Promise<Bystander> {
    const bystander = new Bystander()
    bystander.connection = await dial(url, { handler: bystander, http2, ...(ca && { tls: { ca } }) })
    return bystander
  }

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    this.heard?.(data)
  }

  close(_socket: WebSocketConnection, code: number): void {
    this.closedWith = code
    this.heard?.('closed')
  }

  /** One round trip; throws if anything else comes of it. Returns how long it took. */
  async check(): Promise<number> {
    const sent = `still here ${this.count++}`
    const start = performance.now()
    const heard = await new Promise<string | Uint8Array>((resolve) => {
      this.heard = resolve
      this.connection!.send(sent)
    })
    if (heard !== sent)
      throw new Error(`the bystander heard ${String(heard)}, closed with ${this.closedWith}`)
    return performance.now() - start
  }

  leave(): void {
    this.connection!.destroy()
  }
}

/** A client's frame with the key 00000000. */
export function frame(first: number, payload: Uint8Array | string = ''): Buffer {
  const bytes = Buffer.from(payload)
  const length = bytes.length < 126 ? [bytes.length | 0x80] : [0xfe, bytes.length >> 8, bytes.length & 0xff]
  return Buffer.concat([Buffer.of(first, ...length, 0, 0, 0, 0), bytes])
}
