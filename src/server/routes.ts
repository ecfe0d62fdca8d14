/**
 * Which request is the node's, and what becomes of it. Requests that are not are left to whoever else lives on
 * the same HTTP server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { type ErrorCode, ERRORS, ProtocolError, SUBPROTOCOL } from '../protocol/index.ts'
import {
  answerJson,
  answerRefusal,
  requestTimeoutMs,
  RETRY_AFTER_SECONDS,
  serveSession,
  WEBSOCKET_HANDLER,
  WebSocketCarrier,
} from '../transport/index.ts'
import { Streams, STREAMS_CORS } from '../streams/index.ts'
import {
  accept,
  acceptStream,
  type AcceptOptions,
  HandshakeError,
  PlainRequest,
  PlainResponse,
  refuse,
  type WebSocketConnection,
} from '../wire/index.ts'
import type { AdminRoutes } from './admin-routes.ts'
import type { Door } from './attach.ts'
import type { Connections } from './connections.ts'
import { allowOrigin, answerPreflight, type CorsTerms, SESSION_CORS } from './cors.ts'
import { exchangeOf, headOf, type IncomingStream, type RequestHead } from './http2-exchange.ts'
import type { HoldfastNode } from './node.ts'
import type { OriginPolicy } from './origin.ts'

export interface RoutesOptions {
  readonly deflate: AcceptOptions['deflate']
  readonly node: HoldfastNode
  readonly connections: Connections
  readonly origins: OriginPolicy
  /** Undefined where nobody looks after the node over HTTP. */
  readonly admin: AdminRoutes | undefined
  /** In front of every route; empty or starting with a slash, never ending with one. */
  readonly path: string
}

/** Fields that are believed, and so may stand there once, in plain ASCII. */
const SINGLE_FIELDS = new Set(['host', 'origin', 'content-type'])

const NO_HEADERS = {}

/** A refusal of a whole request, with its status where that is not the one of its code. */
class RequestRefusal extends ProtocolError {
  readonly status: number

  constructor(code: ErrorCode, message: string, status: number = ERRORS[code].status) {
    super(code, message)
    this.status = status
  }
}

export class Routes implements Door {
  readonly #options: RoutesOptions
  readonly #websocket: string
  readonly #session: string
  readonly #health: string
  readonly #streams: Streams
  /** One object for all connections, so that they share one set of settings. */
  readonly #accept: AcceptOptions

  constructor(options: RoutesOptions) {
    this.#options = options
    this.#websocket = `${options.path}/ws`
    this.#session = `${options.path}/session`
    this.#health = `${options.path}/healthz`
    this.#streams = new Streams(options.node, options.path)
    const { limits } = options.node
    this.#accept = {
      protocols: [SUBPROTOCOL],
      handler: WEBSOCKET_HANDLER,
      maxPayloadBytes: limits.messageBytes,
      maxFragments: limits.messageFragments,
      highWaterMarkBytes: limits.highWaterBytes,
      pingIntervalMs: limits.pingIntervalMs,
      pongTimeoutMs: limits.pongTimeoutMs,
      stallTimeoutMs: limits.stallMs,
      deflate: options.deflate,
    }
  }

  owns(url: string): boolean {
    const path = pathOf(url)
    return (
      path === this.#websocket ||
      path === this.#session ||
      path === this.#health ||
      this.#streams.owns(path) ||
      this.#isAdmin(path)
    )
  }

  connection(socket: Socket): void {
    const { connections, node } = this.#options
    connections.accept(socket, node.now())
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    const { connections } = this.#options
    // Plain requests come one at a time.
    if (request instanceof PlainRequest || connections.begin(request.socket, response))
      this.#answer(request, response, connections.isRefused(request.socket))
    else request.socket.destroy()
  }

  stream(incoming: IncomingStream): void {
    const { connections, node } = this.#options
    const { stream, headers, rawHeaders } = incoming
    // Its session was ended in the moment in which it came: nobody is left to be answered.
    if (stream.session === undefined || stream.session.destroyed) return
    const head = headOf(incoming, stream.session)
    const within = connections.acceptStream(stream, head.socket) && !connections.isRefused(head.socket)
    if (headers[':method'] === 'CONNECT') {
      this.#takeOver(stream, head, !within, () => acceptStream(stream, rawHeaders, this.#accept))
    } else {
      const { request, response } = exchangeOf(incoming, head, requestTimeoutMs(node.limits))
      this.#answer(request, response, !within)
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refused = this.#options.connections.isRefused(request.socket)
    this.#takeOver(socket, request, refused, () => accept(request, socket, head, this.#accept))
  }

  #answer(request: IncomingMessage, response: ServerResponse, refused: boolean): void {
    const { origins } = this.#options
    // A peer that goes away in mid-answer is not a fault; whoever writes hears of it by `close`, and of a plain answer
    // by that alone.
    if (!(response instanceof PlainResponse)) response.on('error', ignore)
    const path = pathOf(request.url)
    this.#options.node.counters.requests++
    const origin = origins.corsOrigin(request)
    const terms = origin === undefined ? undefined : this.#corsTerms(path)
    if (origin !== undefined && terms !== undefined) allowOrigin(response, origin, terms)
    try {
      this.#check(request, refused, path === this.#session || this.#isAdmin(path))
      if (path === this.#health) answerHealth(request, response)
      else if (path === this.#websocket) answerNoUpgrade(request, response)
      else if (request.method === 'OPTIONS') answerPreflight(response, terms)
      else if (this.#isAdmin(path)) void this.#options.admin?.serve(request, response)
      else if (this.#streams.owns(path)) this.#streams.serve(request, response)
      else this.#serveSession(request, response)
    } catch (error) {
      if (!(error instanceof RequestRefusal)) throw error
      this.#options.node.counters.refused(error.code)
      response.shouldKeepAlive = false
      answerRefusal(response, error, error.status)
    }
  }

  /** Makes a WebSocket of what a request has come on, or refuses it. */
  #takeOver(
    carrier: Duplex,
    head: RequestHead,
    refused: boolean,
    handshake: () => WebSocketConnection,
  ): void {
    // They are for `authenticate`, and would otherwise be kept for as long as the connection lasts.
    const headers = this.#options.node.anonymous ? NO_HEADERS : head.headers
    const peer = { address: head.socket.remoteAddress ?? '', headers }
    const { counters } = this.#options.node
    counters.requests++
    try {
      this.#check(head, refused)
      if (pathOf(head.url) !== this.#websocket) throw new RequestRefusal('not_found', 'no WebSocket here')
      const connection = handshake()
      connection.data = new WebSocketCarrier(this.#options.node, connection, peer)
    } catch (error) {
      if (error instanceof ProtocolError) counters.refused(error.code)
      if (error instanceof RequestRefusal) refuse(carrier, error.status, refusalOf(error))
      else if (error instanceof HandshakeError)
        refuse(carrier, error.status, { headers: error.headers, body: error.message })
      else throw error
    }
  }

  #isAdmin(path: string): boolean {
    return this.#options.admin?.owns(path) === true
  }

  #corsTerms(path: string): CorsTerms | undefined {
    if (path === this.#session) return SESSION_CORS
    return this.#streams.owns(path) ? STREAMS_CORS : undefined
  }

  #serveSession(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') answerMethod(response, 'POST, OPTIONS')
    else if (!isJson(request.headers['content-type'])) {
      // A form or text/plain could be sent by any page without asking first.
      throw new RequestRefusal('content_type', 'the body is application/json')
    } else {
      void serveSession(this.#options.node, request, response)
    }
  }

  /**
   * @param whileDraining whether the route itself looks at who may still be served.
   * @throws RequestRefusal when nothing on this connection, or from this page, is served.
   */
  #check(request: RequestHead, refused: boolean, whileDraining = false): void {
    const { origins, node } = this.#options
    if (refused) throw new RequestRefusal('too_many_connections', 'too many connections; try again later')
    if (whileDraining ? node.closed : node.draining)
      throw new RequestRefusal('draining', 'the node is going away')
    if (request.rawHeaders.length / 2 > node.limits.headerCount)
      throw new RequestRefusal('malformed', `at most ${node.limits.headerCount} header fields`, 431)
    if (!(request instanceof PlainRequest)) checkSingleFields(request.rawHeaders)
    if (request.httpVersion !== '1.0' && (request.headers.host ?? '') === '')
      throw new RequestRefusal('malformed', 'Host is missing')
    if (!origins.allowsHost(request))
      throw new RequestRefusal('forbidden', 'this Host is not served here', 421)
    if (!origins.allowsOrigin(request)) throw new RequestRefusal('forbidden', 'this Origin may not connect')
  }
}

/** Two of them, or one that can be read in two ways, might be believed differently by a proxy on the way. */
const checkSingleFields = (rawHeaders: readonly string[]): void => {
  const seen = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase()
    if (!SINGLE_FIELDS.has(name)) continue
    if (seen.has(name)) throw new RequestRefusal('malformed', `${name} stands there twice`)
    seen.add(name)
    if (!isPlainAscii(rawHeaders[at + 1] as string))
      throw new RequestRefusal('malformed', `${name} is not plain ASCII`)
  }
}

const isPlainAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7e || (code < 0x20 && code !== 0x09)) return false
  }
  return true
}

/** An upgrade is refused in plain text: no browser shows it to its page anyway. */
const refusalOf = (error: RequestRefusal): { body: string; headers?: Record<string, string> } => {
  const body = error.message
  return ERRORS[error.code].retry === 'backoff'
    ? { body, headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } }
    : { body }
}

const ignore = (): void => undefined

const pathOf = (url: string = ''): string => {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

const answerHealth = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.method === 'GET' || request.method === 'HEAD') answerJson(response, 200, '{"status":"ok"}')
  else answerMethod(response, 'GET, HEAD')
}

const answerMethod = (response: ServerResponse, allow: string): void => {
  response.setHeader('allow', allow)
  throw new RequestRefusal('malformed', `this route takes ${allow}`, 405)
}

/** A WebSocket request whose upgrade headers a proxy has taken away: tells the client to fall back at once. */
const answerNoUpgrade = (request: IncomingMessage, response: ServerResponse): void => {
  // HTTP/2 upgrades nothing: there a WebSocket begins with an extended CONNECT.
  if (request.httpVersionMajor > 1) return answerMethod(response, 'CONNECT')
  response.setHeader('upgrade', 'websocket')
  response.setHeader('sec-websocket-version', '13')
  throw new RequestRefusal(
    'malformed',
    'this is a WebSocket endpoint, and the upgrade headers are missing',
    426,
  )
}

const isJson = (contentType: string | undefined): boolean => {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/json'
}
