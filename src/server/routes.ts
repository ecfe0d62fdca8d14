/**
 * Which request is the node's, and what becomes of it. Requests that are not are left to whoever else lives on
 * the same HTTP server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { ERRORS, type ErrorCode, ProtocolError, SUBPROTOCOL } from '../protocol/index.ts'
import {
  answerJson,
  answerRefusal,
  serveSession,
  WEBSOCKET_HANDLER,
  WebSocketCarrier,
} from '../transport/index.ts'
import { accept, type AcceptOptions, HandshakeError, refuse } from '../wire/index.ts'
import type { Connections } from './connections.ts'
import type { HoldfastNode } from './node.ts'
import type { OriginPolicy } from './origin.ts'

const CORS_MAX_AGE_SECONDS = 7_200

export interface RoutesOptions {
  readonly node: HoldfastNode
  readonly connections: Connections
  readonly origins: OriginPolicy
  /** In front of every route; empty or starting with a slash, never ending with one. */
  readonly path: string
}

export class Routes {
  readonly #options: RoutesOptions
  readonly #websocket: string
  readonly #session: string
  readonly #health: string
  /** One object for all connections, so that they share one set of settings. */
  readonly #accept: AcceptOptions

  constructor(options: RoutesOptions) {
    this.#options = options
    this.#websocket = `${options.path}/ws`
    this.#session = `${options.path}/session`
    this.#health = `${options.path}/healthz`
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
    }
  }

  /** Answers a request of the node's; false when it is none. */
  request(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request)
    if (path !== this.#websocket && path !== this.#session && path !== this.#health) return false
    const refusal = this.#refuse(request)
    if (refusal !== undefined) {
      response.shouldKeepAlive = false
      if (refusal.retryAfter) response.setHeader('retry-after', 1)
      answerJson(response, refusal.status, JSON.stringify({ error: refusal }))
    } else if (path === this.#health) {
      answerJson(response, 200, '{"status":"ok"}')
    } else if (path === this.#websocket) {
      answerUpgradeRequired(response)
    } else {
      this.#serveSession(request, response)
    }
    return true
  }

  /** Takes an upgrade of the node's; false when it is none. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (pathOf(request) !== this.#websocket) return false
    const refusal = this.#refuse(request)
    if (refusal !== undefined) {
      refuse(socket, refusal.status, {
        ...(refusal.retryAfter ? { headers: { 'retry-after': '1' } } : {}),
        body: refusal.message,
      })
      return true
    }
    this.#connect(request, socket, head)
    return true
  }

  #connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      const connection = accept(request, socket, head, this.#accept)
      const peer = { address: (socket as Socket).remoteAddress ?? '', headers: request.headers }
      connection.data = new WebSocketCarrier(this.#options.node, connection, peer)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      refuse(socket, error.status, { headers: error.headers, body: error.message })
    }
  }

  #serveSession(request: IncomingMessage, response: ServerResponse): void {
    const cors = this.#options.origins.corsOrigin(request)
    if (cors !== undefined) allowOrigin(response, cors)
    if (request.method === 'OPTIONS') {
      answerPreflight(response, cors !== undefined)
    } else if (request.method !== 'POST') {
      response.setHeader('allow', 'POST, OPTIONS')
      answerJson(
        response,
        405,
        '{"error":{"code":"malformed","message":"the session endpoint takes POST","retry":"never"}}',
      )
    } else if (!isJson(request.headers['content-type'])) {
      // A form or text/plain could be sent by any page without asking first.
      answerRefusal(response, new ProtocolError('content_type', 'the body is application/json'))
    } else {
      void serveSession(this.#options.node, request, response)
    }
  }

  /** Why nothing on this connection, or from this page, is served. */
  #refuse(
    request: IncomingMessage,
  ): { code: string; message: string; status: number; retry: string; retryAfter: boolean } | undefined {
    const { connections, origins, node } = this.#options
    if (connections.isRefused(request.socket))
      return row('too_many_connections', 'too many connections; try again later')
    if (request.rawHeaders.length / 2 > node.limits.headerCount) {
      return { ...row('malformed', `at most ${node.limits.headerCount} header fields`), status: 431 }
    }
    if (!origins.allowsHost(request))
      return { ...row('forbidden', 'this Host is not served here'), status: 421 }
    if (!origins.allowsOrigin(request)) return row('forbidden', 'this Origin may not connect')
    return undefined
  }
}

const row = (
  code: ErrorCode,
  message: string,
): { code: string; message: string; status: number; retry: string; retryAfter: boolean } => {
  const { status, retry } = ERRORS[code]
  return { code, message, status, retry, retryAfter: retry === 'backoff' }
}

const pathOf = (request: IncomingMessage): string => {
  const url = request.url ?? ''
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

/** A WebSocket request whose upgrade headers a proxy has taken away: tells the client to fall back at once. */
const answerUpgradeRequired = (response: ServerResponse): void => {
  response.setHeader('upgrade', 'websocket')
  response.setHeader('connection', 'Upgrade, close')
  response.setHeader('sec-websocket-version', '13')
  answerJson(
    response,
    426,
    '{"error":{"code":"malformed","message":"this is a WebSocket endpoint, and the upgrade headers are missing","retry":"never"}}',
  )
}

const allowOrigin = (response: ServerResponse, origin: string): void => {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', 'retry-after')
  response.setHeader('vary', 'origin')
}

const answerPreflight = (response: ServerResponse, allowed: boolean): void => {
  if (allowed) {
    response.setHeader('access-control-allow-methods', 'POST')
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('access-control-max-age', CORS_MAX_AGE_SECONDS)
  }
  response.writeHead(204)
  response.end()
}

const isJson = (contentType: string | undefined): boolean => {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/json'
}
