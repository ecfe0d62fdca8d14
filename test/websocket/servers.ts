// What the suites of this folder share: an echo server over TCP and over TLS with its own certificate, a raw client,
// and a bystander that must notice nothing. It uses only the package's public names.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import {
  accept,
  dial,
  HandshakeError,
  isStrippedHandshake,
  refuse,
  type AcceptOptions,
  type SocketHandler,
  type WebSocketConnection,
} from 'holdfast/websocket'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
  readonly certPath: string
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
  return { key: readFileSync(keyPath), cert: readFileSync(certPath), certPath, remove }
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
  /** A raw connection, ready to write. */
  raw(): Promise<RawConnection>
  stop(): Promise<void>
}

export interface EchoServerOptions extends Omit<AcceptOptions, 'handler'> {
  readonly certificate?: Certificate | undefined
}

export async function startEcho({ certificate, ...options }: EchoServerOptions = {}): Promise<EchoServer> {
  const echo = new Echo()
  const secure = certificate !== undefined
  const server: Server = secure ? createHttpsServer(certificate) : createHttpServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', Connection: 'close' }
    response.writeHead(isStrippedHandshake(request) ? 426 : 404, headers).end()
  })
  const acceptOptions: AcceptOptions = { handler: echo, ...options }
  server.on('upgrade', (request, socket, head) => {
    try {
      accept(request, socket, head, acceptOptions)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      refuse(socket, error.status, error)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    echo,
    secure,
    port,
    url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`,
    raw: () => RawConnection.open(port, certificate),
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

export const UPGRADE: string =
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** Bytes to and from a server. */
export class RawConnection {
  readonly socket: Socket
  private received: Buffer = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => {}

  private constructor(socket: Socket) {
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

  /** Sends a handshake and waits for its 101. */
  async upgrade(): Promise<this> {
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

  static async join(url: string, ca?: Buffer): Promise<Bystander> {
    const bystander = new Bystander()
    bystander.connection = await dial(url, { handler: bystander, ...(ca && { tls: { ca } }) })
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
