/**
 * The public face of a node: attach it to an HTTP server that exists, or let it listen by itself; publish, handle
 * calls, and close without leaving anything behind.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MemoryBroker } from '../broker/index.ts'
import {
  type AppendEntry,
  type Broker,
  type ChannelInfo,
  type Cursor,
  parseCursor,
} from '../channel/index.ts'
import { checkChannelName, ProtocolError } from '../protocol/index.ts'
import { answerJson } from '../transport/index.ts'
import { refuse } from '../wire/index.ts'
import type { CallHandler } from './calls.ts'
import { published } from './commands.ts'
import { Connections } from './connections.ts'
import { HoldfastNode } from './node.ts'
import type { ServerOptions } from './options.ts'
import { OriginPolicy } from './origin.ts'
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
  readonly #routes: Routes
  readonly #detach: (() => void)[] = []
  #listening: { server: Server; sockets: Set<Socket> } | undefined

  constructor(options: ServerOptions = {}) {
    this.#options = options
    this.#broker = options.broker ?? new MemoryBroker()
    this.#node = new HoldfastNode(this.#broker, options)
    this.#connections = new Connections(this.#node.limits)
    const path = (options.path ?? '').replace(/\/+$/, '')
    const origins = new OriginPolicy(options.origins, options.hosts)
    this.#routes = new Routes({ node: this.#node, connections: this.#connections, origins, path })
  }

  /**
   * Serves the node's routes on an HTTP server that exists, beside whatever it serves already.
   * @returns a function that takes them off again.
   */
  attach(server: Server): () => void {
    const others = server.listeners('request') as ((
      request: IncomingMessage,
      response: ServerResponse,
    ) => void)[]
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      if (!this.#routes.request(request, response))
        for (const other of others) other.call(server, request, response)
    }
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const taken = this.#routes.upgrade(request, socket, head)
      if (!taken && server.listenerCount('upgrade') === 1) refuse(socket, 404)
    }
    const onConnection = (socket: Socket): void => this.#connections.accept(socket, this.#node.now())
    // Behind TLS the request's socket is the one of `secureConnection`.
    const connection = 'setSecureContext' in server ? 'secureConnection' : 'connection'
    server.removeAllListeners('request')
    server.on('request', onRequest)
    server.on('upgrade', onUpgrade)
    server.on(connection, onConnection)
    const detach = (): void => {
      server.off('request', onRequest)
      server.off('upgrade', onUpgrade)
      server.off(connection, onConnection)
      for (const other of others) server.on('request', other)
    }
    this.#detach.push(detach)
    return detach
  }

  /** Listens by itself. The URL is the one that a client connects to. */
  async listen(options: ListenOptions = {}): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#listening !== undefined) throw new Error('listening already: a node listens once')
    const { limits } = this.#node
    const settings = {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: 3 * limits.headerTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: 1_000,
    }
    const fallback = this.#options.fallback ?? notFound
    const server =
      options.tls === undefined
        ? createHttpServer(settings, fallback)
        : createHttpsServer({ ...settings, ...options.tls }, fallback)
    // Beyond the limit Node would drop header fields in silence; the routes count them and refuse.
    server.maxHeadersCount = 0
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    this.attach(server)
    const host = options.host ?? '127.0.0.1'
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
    this.#node.dispose('draining')
    const listening = this.#listening
    if (listening !== undefined) {
      this.#listening = undefined
      const closed = new Promise<void>((resolve) => listening.server.close(() => resolve()))
      listening.server.closeIdleConnections()
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

const notFound = (_request: IncomingMessage, response: ServerResponse): void =>
  answerJson(response, 404, '{"error":{"code":"not_found","message":"no such route","retry":"never"}}')

const cursorOf = (text: string): Cursor => {
  const cursor = parseCursor(text)
  if (cursor === undefined) throw new ProtocolError('bad_cursor', 'that is not a cursor')
  return cursor
}
