// WebSockets on an HTTP server that exists, whichever version it speaks: takes the handshakes of one path and leaves
// every other request to whoever else listens.

import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import {
  constants,
  type IncomingHttpHeaders as Http2Headers,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import { HandshakeError, isExtendedConnect } from '../websocket/index.ts'
import { accept, acceptStream, type AcceptOptions } from './accept.ts'
import { remoteAddressOf } from './carrier.ts'
import type { WebSocketConnection } from './connection.ts'
import { refuse, type RefuseOptions } from './refuse.ts'

/** A server of node:http, node:https or node:http2; the last needs `settings: { enableConnectProtocol: true }`. */
export type AttachableServer = Server | Http2Server | Http2SecureServer

/** An opening handshake, before it is accepted. */
export interface UpgradeRequest {
  /** The path and the query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly httpVersion: '1.1' | '2.0'
  readonly remoteAddress: string | undefined
}

/** An answer other than a WebSocket. */
export interface Refusal extends RefuseOptions {
  /** The HTTP status: 401, 403, 404, … */
  readonly status: number
}

export interface AttachOptions extends AcceptOptions {
  /** The path that is served, without its query; every path by default. */
  readonly path?: string
  /** Looks at a request before it is accepted: its Origin, its cookies, its token. What it returns is the answer. */
  readonly judge?: (request: UpgradeRequest) => Refusal | undefined | Promise<Refusal | undefined>
  /** Hears of every connection before its first message. */
  readonly open?: (connection: WebSocketConnection, request: UpgradeRequest) => void
  /** Told of what `judge` threw; the request is answered with 500. */
  readonly onError?: (error: unknown) => void
}

/**
 * Serves WebSockets on `server`; a handshake that is none is refused with its status. Several may share a server, each
 * with a path. What no path takes is answered with 404, unless somebody else listens for it. Returns how to stop it.
 */
export function attach(server: AttachableServer, options: AttachOptions): () => void {
  const emitter = server as Server & Http2Server
  let desk = desks.get(emitter)
  if (desk === undefined) desks.set(emitter, (desk = new Desk(emitter)))
  return desk.add(options)
}

const desks = new WeakMap<object, Desk>()

/** Where a server's handshakes arrive, and whom they are for. */
class Desk {
  private readonly server: Server & Http2Server
  private readonly attached = new Set<AttachOptions>()

  constructor(server: Server & Http2Server) {
    this.server = server
  }

  add(options: AttachOptions): () => void {
    if (this.attached.size === 0)
      this.server.on('upgrade', this.upgrade).on('stream', this.stream).on('connect', this.connect)
    this.attached.add(options)
    return () => {
      if (!this.attached.delete(options) || this.attached.size > 0) return
      this.server.off('upgrade', this.upgrade).off('stream', this.stream).off('connect', this.connect)
    }
  }

  private readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { url = '', headers, rawHeaders } = request
    const options = this.find(url)
    if (options === undefined) return void (this.isAlone('upgrade') && refuse(socket, 404))
    const opening = { url, headers, rawHeaders, httpVersion: '1.1' } as const
    void answer(socket, opening, options, () => accept(request, socket, head, options))
  }

  private readonly stream = (
    stream: ServerHttp2Stream,
    headers: Http2Headers,
    _flags: number,
    rawHeaders: string[],
  ): void => {
    if (headers[':method'] !== 'CONNECT') return
    if (!isExtendedConnect(headers)) {
      // It asks for a proxy.
      return void (this.isAlone('connect') && refuse(stream, constants.HTTP_STATUS_METHOD_NOT_ALLOWED))
    }
    const { ':path': url = '', ':authority': host } = headers
    const options = this.find(url)
    if (options === undefined) return void (this.isAlone('connect') && refuse(stream, 404))
    const opening = { url, headers: { ...headers, host }, rawHeaders, httpVersion: '2.0' } as const
    void answer(stream, opening, options, () => acceptStream(stream, rawHeaders, options))
  }

  /** Node's compatibility layer would answer 405 to every CONNECT that nobody listens for; `stream` answers them. */
  private readonly connect = (): void => {}

  private find(url: string): AttachOptions | undefined {
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    for (const options of this.attached)
      if (options.path === undefined || options.path === path) return options
    return undefined
  }

  /** Whether nobody else could answer what this one does not serve. */
  private isAlone(event: 'upgrade' | 'connect'): boolean {
    return this.server.listenerCount(event) === 1
  }
}

async function answer(
  carrier: Duplex,
  opening: Omit<UpgradeRequest, 'remoteAddress'>,
  options: AttachOptions,
  take: () => WebSocketConnection,
): Promise<void> {
  const request = { ...opening, remoteAddress: remoteAddressOf(carrier) }
  // Until somebody takes the carrier over, its failure is nobody's; it shows as destroyed.
  const ignore = (): void => {}
  carrier.on('error', ignore)
  try {
    const verdict = options.judge?.(request)
    const refusal = verdict instanceof Promise ? await verdict : verdict
    if (refusal !== undefined) return refuse(carrier, refusal.status, refusal)
    if (carrier.destroyed) return
    const connection = take()
    carrier.off('error', ignore)
    options.open?.(connection, request)
  } catch (error) {
    if (error instanceof HandshakeError) return refuse(carrier, error.status, error)
    options.onError?.(error)
    refuse(carrier, 500)
  }
}
