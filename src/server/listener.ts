/**
 * The server on which a node listens by itself: HTTP/1.1 and HTTP/2 on one port, with the node's limits set on both.
 * It knows no routes.
 */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions as HttpOptions,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { Roster } from '../roster/index.ts'
import { type Limits, requestTimeoutMs } from '../transport/index.ts'
import { createDualServer, type PlainDoor } from '../wire/index.ts'
import { checkCertificate, type TlsCertificate } from './certificate.ts'

export interface ListenerOptions {
  readonly limits: Limits
  readonly tls: TlsCertificate | undefined
  readonly http2: boolean
  /** Takes the node's own requests where they are plain; the rest come as events. */
  readonly door: PlainDoor
  /** Whatever is no route of the node. */
  readonly fallback: RequestListener
}

const socketPlace = Symbol('place')
type PlacedSocket = Socket & { [socketPlace]?: number }

export class Listener {
  readonly server: Server
  readonly #sockets = new Roster<typeof socketPlace, PlacedSocket>(socketPlace)
  #emptied = (): void => undefined

  /** @throws CertificateError */
  constructor(options: ListenerOptions) {
    if (options.tls !== undefined) checkCertificate(options.tls)
    this.server = openServer(options)
    // Beyond the limit Node would drop header fields in silence; the routes count them and refuse.
    this.server.maxHeadersCount = 0
    this.server.on('request', options.fallback)
    const sockets = this.#sockets
    const emptied = (): void => this.#emptied()
    const gone = function (this: Socket): void {
      sockets.delete(this)
      if (sockets.size === 0) emptied()
    }
    this.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', gone)
    })
  }

  /** Connections that stand keep the certificate that they began with. @throws CertificateError */
  setCertificate(tls: TlsCertificate): void {
    if (!('setSecureContext' in this.server)) throw new Error('a node without TLS shows no certificate')
    checkCertificate(tls)
    ;(this.server as HttpsServer).setSecureContext(contextOf(tls))
  }

  /** Takes no more connections, and is done when the last one has gone; after `graceMs` they are cut. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMs)
    await closed
    // Not every connection is one of the server's own.
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
    clearTimeout(cut)
  }
}

const openServer = ({ limits, tls, http2, door }: ListenerOptions): Server => {
  const http1: HttpOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: requestTimeoutMs(limits),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    // Some clients offer HTTP/2 in every request; that is no reason not to answer it.
    shouldUpgradeCallback: ({ headers }) => /\bwebsocket\b/i.test(headers.upgrade ?? ''),
  }
  const secure = tls && { handshakeTimeout: limits.headerTimeoutMs, ...contextOf(tls) }
  if (http2) {
    const { headerBytes, keepAliveTimeoutMs: idleTimeoutMs } = limits
    return createDualServer({
      http1,
      http2: { headerBytes, idleTimeoutMs },
      door,
      ...(secure && { tls: secure }),
    })
  }
  return secure === undefined ? createHttpServer(http1) : createHttpsServer({ ...http1, ...secure })
}

/** TLS 1.2 is the oldest version that nothing is known against. Node's own ciphers are those of its day. */
const contextOf = ({ cert, key }: TlsCertificate): SecureContextOptions => ({
  cert,
  key,
  minVersion: 'TLSv1.2',
})
