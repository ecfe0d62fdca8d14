/**
 * The public face of a node: attach it to an HTTP server that exists, or let it listen by itself; publish, handle
 * calls, and close without leaving anything behind.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import type { AttachableServer } from '../wire/index.ts'
import { attachTo } from './attach.ts'
import type { CallHandler } from './calls.ts'
import type { TlsCertificate } from './certificate.ts'
import { published } from './commands.ts'
import { Connections } from './connections.ts'
import { Listener } from './listener.ts'
import { HoldfastNode } from './node.ts'
import type { ServerOptions } from './options.ts'
import { isLoopback, OriginPolicy } from './origin.ts'
import { Routes } from './routes.ts'

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Loopback by default. */
  readonly host?: string
  /** With it the node speaks https:// and wss://. */
  readonly tls?: TlsCertificate
  /** Whether HTTP/2 is spoken beside HTTP/1.1, on the same port. Default true. */
  readonly http2?: boolean
}

export interface PublishOptions {
  /** On a conflated channel. */
  readonly key?: string
  /** Publish only if this cursor is the tail. */
  readonly expect?: string
}

export interface Stats {
  readonly connections: number
  /** Requests and WebSockets over HTTP/2, of which each connection carries many. */
  readonly streams: number
  /** WebSockets, SSE answers and polls that are being served. */
  readonly carriers: number
  /** Long polls among them that are held. */
  readonly held: number
  readonly channels: number
  readonly waiters: number
}

export class HoldfastServer {
  readonly #options: ServerOptions
  readonly #broker: Broker
  readonly #node: HoldfastNode
  readonly #connections: Connections
  readonly #origins: OriginPolicy
  readonly #routes: Routes
  readonly #detach: (() => void)[] = []
  #listener: Listener | undefined

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
      deflate: options.deflate,
    })
  }

  /**
   * Serves the node's routes on an HTTP server that exists, beside whatever it serves already.
   * @returns a function that takes them off again.
   */
  attach(server: AttachableServer): () => void {
    const detach = attachTo(server, this.#routes)
    this.#detach.push(detach)
    return detach
  }

  /** Listens by itself. The URL is the one that a client connects to. @throws CertificateError */
  async listen(options: ListenOptions = {}): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#listener !== undefined) throw new Error('listening already: a node listens once')
    const { host = '127.0.0.1', tls, http2 = true } = options
    // Whoever could make a name resolve to this machine would otherwise make its own page this node's.
    if (this.#options.authenticate === undefined && isLoopback(host)) this.#origins.keepToLoopback()
    const fallback = this.#options.fallback ?? notFound
    const listener = new Listener({ limits: this.#node.limits, tls, http2, door: this.#routes, fallback })
    const { server } = listener
    this.attach(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#listener = listener
    const { port } = server.address() as AddressInfo
    const scheme = tls === undefined ? 'http' : 'https'
    const name = host.includes(':') ? `[${host}]` : host
    return { url: `${scheme}://${name}:${port}${(this.#options.path ?? '').replace(/\/+$/, '')}`, port }
  }

  /**
   * Shows another certificate to whoever connects from now on; connections that stand go on as they are.
   * @throws CertificateError, and then the old one stays.
   */
  setCertificate(tls: TlsCertificate): void {
    if (this.#listener === undefined) throw new Error('a node that does not listen shows no certificate')
    this.#listener.setCertificate(tls)
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

  /**
   * Whether somebody follows the channel here, or did half a minute ago, so that regular polls count too. What is
   * published only for those who watch need not be made while nobody does.
   */
  isFollowed(channel: string): boolean {
    return this.#node.hub.follows(channel)
  }

  /** Numbers of this node, for health checks and tests. */
  stats(): Stats {
    const { hub, carriers, held } = this.#node
    return {
      connections: this.#connections.open,
      streams: this.#connections.streams,
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
    const listener = this.#listener
    this.#listener = undefined
    await listener?.close(options.graceMs ?? 1_000)
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
