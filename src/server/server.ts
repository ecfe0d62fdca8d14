/**
 * The public face of a node: attach it to an HTTP server that exists, or let it listen by itself; publish, handle
 * calls, and close without leaving anything behind.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions as HttpOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { MemoryBroker } from '../broker/index.ts'
import {
  type AppendEntry,
  type Broker,
  type ChannelInfo,
  type Cursor,
  parseCursor,
} from '../channel/index.ts'
import { checkChannelName, ProtocolError } from '../protocol/index.ts'
import { answerJson, type Limits } from '../transport/index.ts'
import { attachTo } from './attach.ts'
import type { CallHandler } from './calls.ts'
import { published } from './commands.ts'
import { Connections } from './connections.ts'
import { HoldfastNode } from './node.ts'
import type { ServerOptions } from './options.ts'
import { isLoopback, OriginPolicy } from './origin.ts'
import { Routes } from './routes.ts'

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Loopback by default. */
  readonly host?: string
  /** PEM texts; with them the node speaks https:// and wss://. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
}

export interface PublishOptions {
  /** On a conflated channel. */
  readonly key?: string
  /** Publish only if this cursor is the tail. */
  readonly expect?: string
}

export class HoldfastServer {
  readonly #options: ServerOptions
  readonly #broker: Broker
  readonly #node: HoldfastNode
  readonly #connections: Connections
  readonly #origins: OriginPolicy
  readonly #routes: Routes
  readonly #detach: (() => void)[] = []
  #listening: { server: Server; sockets: Set<Socket> } | undefined

  constructor(options: ServerOptions = {}) {
    this.#options = options
    this.#broker = options.broker ?? new MemoryBroker()
    this.#node = new HoldfastNode(this.#broker, options)
    this.#connections = new Connections(this.#node.limits)
    const path = (options.path ?? '').replace(/\/+$/, '')
    this.#origins = new OriginPolicy(options.origins, options.hosts)
    this.#routes = new Routes({
      node: this.#node,
      connections: this.#connections,
      origins: this.#origins,
      path,
    })
  }

  /**
   * Serves the node's routes on an HTTP server that exists, beside whatever it serves already.
   * @returns a function that takes them off again.
   */
  attach(server: Server): () => void {
    const detach = attachTo(server, this.#routes)
    this.#detach.push(detach)
    return detach
  }

  /** Listens by itself. The URL is the one that a client connects to. */
  async listen(options: ListenOptions = {}): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#listening !== undefined) throw new Error('listening already: a node listens once')
    const host = options.host ?? '127.0.0.1'
    // Whoever could make a name resolve to this machine would otherwise make its own page this node's.
    if (this.#options.authenticate === undefined && isLoopback(host)) this.#origins.keepToLoopback()
    const server = openServer(this.#node.limits, options.tls, this.#options.fallback ?? notFound)
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    this.attach(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#listening = { server, sockets }
    const { port } = server.address() as AddressInfo
    const scheme = options.tls === undefined ? 'http' : 'https'
    const name = host.includes(':') ? `[${host}]` : host
    return { url: `${scheme}://${name}:${port}${(this.#options.path ?? '').replace(/\/+$/, '')}`, port }
  }

  /**
   * Publishes from the node's own process. JSON values go to json channels, bytes to bytes channels.
   * @returns the cursor behind the publication.
   * @throws ProtocolError whose code is in the refusal table.
   */
  async publish(channel: string, data: unknown, options: PublishOptions = {}): Promise<string> {
    checkChannelName(channel)
    const payload = data instanceof Uint8Array ? data : JSON.stringify(data)
    if (payload === undefined)
      throw new ProtocolError('malformed', 'only JSON values and bytes can be published')
    const entry: AppendEntry =
      options.key === undefined ? { data: payload } : { data: payload, key: options.key }
    const result = await this.#broker.append({
      channel,
      entries: [entry],
      create: this.#node.creation(channel),
      expect: options.expect === undefined ? undefined : cursorOf(options.expect),
    })
    return published(result).cursor as string
  }

  /** Answers `client.call(method, params)`. */
  handle(method: string, handler: CallHandler): void {
    this.#node.calls.handle(method, handler)
  }

  /**
   * Lets go of everything up to and including the offset of `cursor`.
   * @returns the lowest offset that is still held; undefined when there is no such channel, or not in this life.
   */
  async trim(channel: string, cursor: string): Promise<number | undefined> {
    const { epoch, offset } = cursorOf(cursor)
    const info = await this.#broker.describe(channel)
    return info?.epoch === epoch ? this.#broker.trim(channel, offset + 1) : undefined
  }

  describe(channel: string): Promise<ChannelInfo | undefined> {
    return this.#broker.describe(channel)
  }

  /** Numbers of this node, for health checks and tests. */
  stats(): { connections: number; carriers: number; held: number; channels: number; waiters: number } {
    const { hub, carriers, held } = this.#node
    return {
      connections: this.#connections.open,
      carriers: carriers.size,
      held: held.size,
      channels: hub.size,
      waiters: hub.waiters,
    }
  }

  /**
   * Says goodbye to every client, stops listening and releases everything. Clients come back by themselves.
   * @param graceMs how long clients may take to close before their connections are cut.
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#node.dispose()
    const listening = this.#listening
    if (listening !== undefined) {
      this.#listening = undefined
      const closed = new Promise<void>((resolve) => listening.server.close(() => resolve()))
      const cut = setTimeout(() => {
        for (const socket of listening.sockets) socket.destroy()
      }, options.graceMs ?? 1_000)
      await closed
      clearTimeout(cut)
    }
    for (const detach of this.#detach.splice(0)) detach()
    this.#node.hub.dispose()
    if (this.#options.broker === undefined) await this.#broker.dispose()
  }
}

/** A node, on the options given and defaults for the rest. */
export const createServer = (options: ServerOptions = {}): HoldfastServer => new HoldfastServer(options)

const openServer = (limits: Limits, tls: ListenOptions['tls'], fallback: RequestListener): Server => {
  const settings: HttpOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: 3 * limits.headerTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    // Some clients offer HTTP/2 in every request; that is no reason not to answer it.
    shouldUpgradeCallback: ({ headers }) => /\bwebsocket\b/i.test(headers.upgrade ?? ''),
  }
  const server =
    tls === undefined
      ? createHttpServer(settings, fallback)
      : createHttpsServer({ ...settings, handshakeTimeout: limits.headerTimeoutMs, ...tls }, fallback)
  // Beyond the limit Node would drop header fields in silence; the routes count them and refuse.
  server.maxHeadersCount = 0
  return server
}

const notFound = (_request: IncomingMessage, response: ServerResponse): void =>
  answerJson(response, 404, '{"error":{"code":"not_found","message":"no such route","retry":"never"}}')

const cursorOf = (text: string): Cursor => {
  const cursor = parseCursor(text)
  if (cursor === undefined) throw new ProtocolError('bad_cursor', 'that is not a cursor')
  return cursor
}
