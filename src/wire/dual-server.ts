// One port for HTTP/1.1 and HTTP/2: over TLS the client chooses by ALPN, in cleartext by the first bytes it sends. What
// comes of it is a node:http or node:https server with the events of a node:http2 server beside its own. It judges no
// request.

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions as HttpOptions,
  type ServerResponse,
} from 'node:http'
import {
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions, TlsOptions, TLSSocket } from 'node:tls'
import { isExtendedConnect } from '../websocket/index.ts'
import { acceptHandles } from './accept-handles.ts'
import { Http2Sessions, type Http2Limits } from './http2-sessions.ts'
import { type PlainDoor, PlainLane } from './plain-lane.ts'
import { refuse } from './refuse.ts'

export interface DualServerOptions {
  /** Limits and timeouts of HTTP/1.1, as node:http takes them; `headersTimeout` is 10,000 by default. */
  readonly http1?: HttpOptions
  readonly http2?: Http2Limits
  /** With it both versions are spoken over TLS, without it both in cleartext. */
  readonly tls?: TlsOptions & SecureContextOptions
  /** Takes plain requests of HTTP/1.1 before they become events, see plain-lane.ts; it sees no others. */
  readonly door?: PlainDoor | undefined
}

const HTTP1_DEFAULTS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1_000,
} as const

/**
 * A server that does not listen yet. Requests of HTTP/1.1 come as `request` and `upgrade`. Those of HTTP/2 come as
 * `stream` (stream, headers, flags, rawHeaders), and a `request` is made of each that is no CONNECT, as node:http2 does;
 * CONNECTs for which there is no listener are refused. Extended CONNECT is announced. `session` tells of each session.
 * Closing the server tells its sessions to end.
 */
export function createDualServer({ http1, http2 = {}, tls, door }: DualServerOptions = {}): HttpServer {
  const settings = { ...HTTP1_DEFAULTS, ...http1 }
  const { headersTimeout = HTTP1_DEFAULTS.headersTimeout } = settings
  const sessions = new Http2Sessions(http2)
  const server =
    tls === undefined
      ? createHttpServer(settings)
      : createHttpsServer({
          handshakeTimeout: headersTimeout,
          ...settings,
          ...tls,
          ALPNProtocols: ['h2', 'http/1.1'],
        })
  const event = tls === undefined ? 'connection' : 'secureConnection'
  const lane = new PlainLane({
    door,
    firstBytesMs: headersTimeout,
    keepAliveMs: settings.keepAliveTimeout ?? HTTP1_DEFAULTS.keepAliveTimeout,
    serveHttp1: takeOver(server, event),
    serveHttp2: tls === undefined ? (socket) => sessions.serve(socket) : undefined,
  })
  server.on(event, (socket: Socket) => {
    if ((socket as TLSSocket).alpnProtocol === 'h2') sessions.serve(socket)
    else lane.take(socket)
  })
  if (tls === undefined && door !== undefined) acceptHandles(server)
  forward(sessions, server)
  endWith(server, () => {
    sessions.close()
    lane.close()
  })
  return server
}

type Serve = (socket: Socket) => void

/** Takes the listener off that would treat every socket as HTTP/1.1. */
function takeOver(server: HttpServer, event: 'connection' | 'secureConnection'): Serve {
  const [serve] = server.listeners(event) as Serve[]
  server.off(event, serve!)
  return serve!.bind(server)
}

/** What ends beside a server when it is closed. */
function endWith(server: HttpServer, end: () => void): void {
  const close = server.close.bind(server)
  server.close = (done) => {
    end()
    return close(done)
  }
}

type StreamEvent = [
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders & { readonly ':method'?: string },
  flags: number,
  rawHeaders: string[],
]

function forward(sessions: Http2Sessions, server: HttpServer): void {
  sessions.server.on('session', (session: ServerHttp2Session) => server.emit('session', session))
  sessions.server.on('stream', (...event: StreamEvent) => server.emit('stream', ...event))
  server.on('stream', (...event: StreamEvent) => offerRequest(server, event))
}

/** What node:http2 does for whoever listens to `request`. */
function offerRequest(server: HttpServer, [stream, headers, , rawHeaders]: StreamEvent): void {
  if (headers[':method'] === 'CONNECT') {
    if (server.listenerCount('stream') === 1) refuse(stream, isExtendedConnect(headers) ? 501 : 405)
    return
  }
  const request = new Http2ServerRequest(stream, headers, {}, rawHeaders) as unknown as IncomingMessage
  const response = new Http2ServerResponse(stream) as unknown as ServerResponse
  if (headers.expect !== '100-continue') server.emit('request', request, response)
  else if (!server.emit('checkContinue', request, response)) {
    response.writeContinue()
    server.emit('request', request, response)
  }
}
