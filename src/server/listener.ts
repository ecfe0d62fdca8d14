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
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { type Limits, requestTimeoutMs } from '../transport/index.ts'
import { checkCertificate, type TlsCertificate } from './certificate.ts'

export interface ListenerOptions {
  readonly limits: Limits
  readonly tls: TlsCertificate | undefined
  readonly http2: boolean
  /** Whatever is no route of the node. */
  readonly fallback: RequestListener
}

export class Listener {
  readonly server: Server | Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()

  /** @throws CertificateError */
  constructor(options: ListenerOptions) {
    this.server = openServer(options)
    this.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session)
      // As long as a connection of HTTP/1.1 may be idle. Streams that are open are let come to their end.
      session.setTimeout(options.limits.keepAliveTimeoutMs, () => session.close())
      session.once('close', () => this.#sessions.delete(session))
    })
  }

  /** Connections that stand keep the certificate that they began with. @throws CertificateError */
  setCertificate(tls: TlsCertificate): void {
    checkCertificate(tls)
    if ('setSecureContext' in this.server) this.server.setSecureContext(contextOf(tls))
  }

  /** Takes no more connections, and is done when the last one has gone; after `graceMs` they are cut. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const session of this.#sessions) session.close()
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMs)
    await closed
    clearTimeout(cut)
  }
}

const openServer = ({ limits, tls, http2, fallback }: ListenerOptions): Server | Http2SecureServer => {
  const settings: HttpOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: requestTimeoutMs(limits),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    // Some clients offer HTTP/2 in every request; that is no reason not to answer it.
    shouldUpgradeCallback: ({ headers }) => /\bwebsocket\b/i.test(headers.upgrade ?? ''),
  }
  if (tls === undefined) return unbounded(createHttpServer(settings, fallback))
  checkCertificate(tls)
  const secure = { ...settings, handshakeTimeout: limits.headerTimeoutMs, ...contextOf(tls) }
  if (!http2) return unbounded(createHttpsServer(secure, fallback))
  const server = createSecureServer({ ...secure, ...http2Settings(limits), allowHTTP1: true })
  server.on('request', fallback as unknown as Http2Listener)
  // Made for HTTP/2, the server knows these two of HTTP/1.1 only as properties.
  const { shouldUpgradeCallback } = settings
  return Object.assign(unbounded(server), { shouldUpgradeCallback })
}

/** What Node's servers of HTTP/2 call: their requests and answers are like those of HTTP/1.1 as far as pages go. */
type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** A session holds at most 100 streams and 10 MB, beyond which Node refuses the stream that asks for more. */
const http2Settings = ({ headerBytes, headerCount }: Limits): SecureServerOptions => ({
  maxSessionMemory: 10,
  // Some more than are allowed, so that one too many is answered with a status.
  maxHeaderListPairs: headerCount + 32,
  settings: {
    enableConnectProtocol: true,
    maxConcurrentStreams: 100,
    maxHeaderListSize: headerBytes,
  },
})

/** Beyond the limit Node would drop header fields in silence; the routes count them and refuse. */
const unbounded = <Unbounded extends object>(server: Unbounded): Unbounded =>
  Object.assign(server, { maxHeadersCount: 0 })

/** TLS 1.2 is the oldest that no advice against it stands. Node's ciphers are those of its day. */
const contextOf = ({ cert, key }: TlsCertificate): SecureContextOptions => ({
  cert,
  key,
  minVersion: 'TLSv1.2',
})
