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
import { Http2Sessions, type Http2Limits } from './http2-sessions.ts'
import { tellVersion } from './preface.ts'
import { refuse } from './refuse.ts'

export interface DualServerOptions {
  /** Limits and timeouts of HTTP/1.1, as node:http takes them; `headersTimeout` is 10,000 by default. */
  readonly http1?: HttpOptions
  readonly http2?: Http2Limits
  /** With it both versions are spoken over TLS, without it both in cleartext. */
  readonly tls?: TlsOptions & SecureContextOptions
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
export function createDualServer({ http1, http2 = {}, tls }: DualServerOptions = {}): HttpServer {
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
  if (tls === undefined) divideCleartext(server, sessions, headersTimeout)
  else divideSecure(server, sessions)
  forward(sessions, server)
  return server
}

type Serve = (socket: Socket) => void

/** Takes the listener off that would treat every socket as HTTP/1.1. */
function takeOver(server: HttpServer, event: 'connection' | 'secureConnection'): Serve {
  const [serve] = server.listeners(event) as Serve[]
  server.off(event, serve!)
  return serve!.bind(server)
}

function divideSecure(server: HttpServer, sessions: Http2Sessions): void {
  const serveHttp1 = takeOver(server, 'secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') sessions.serve(socket)
    else serveHttp1(socket)
  })
}

function divideCleartext(server: HttpServer, sessions: Http2Sessions, timeoutMs: number): void {
  const serveHttp1 = takeOver(server, 'connection')
  server.on('connection', (socket: Socket) => {
    tellVersion(socket, timeoutMs, (version) => {
      if (version === '2') sessions.serve(socket)
      else serveHttp1(socket)
    })
  })
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
  const close = server.close.bind(server)
  server.close = (done) => {
    sessions.close()
    return close(done)
  }
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
