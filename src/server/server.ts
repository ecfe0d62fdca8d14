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
  parsePosition,
} from '../channel/index.ts'
import { checkChannelName, type HistoryPage, ProtocolError } from '../protocol/index.ts'
import { answerJson } from '../transport/index.ts'
import type { AttachableServer } from '../wire/index.ts'
import { AdminAccess } from './admin-access.ts'
import { AdminRoutes } from './admin-routes.ts'
import { AdminView } from './admin-view.ts'
import { attachTo } from './attach.ts'
import type { CallHandler } from './calls.ts'
import type { TlsCertificate } from './certificate.ts'
import { published } from './commands.ts'
import { Connections } from './connections.ts'
import { readHistory } from './history.ts'
import type { DrainOptions } from './drain.ts'
import { Listener } from './listener.ts'
import { HoldfastNode } from './node.ts'
import type { ServerOptions } from './options.ts'
import { isLoopback, OriginPolicy } from './origin.ts'
import {
  type OwnHandler,
  type OwnSubscribeOptions,
  type OwnSubscription,
  OwnSubscriptions,
} from './own-subscriptions.ts'
import type { ReceiveHandler } from './receivers.ts'
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
  /**
   * The writers' own order: publish only if this is greater, by its ASCII characters, than that of everything before
   * which had one. So whoever is not sure whether something was published can publish it again (`sequence_behind`).
   */
  readonly sequence?: string
}

/** One of many. */
export interface Entry {
  readonly data: unknown
  /** On a conflated channel. */
  readonly key?: string
}

export interface HistoryOptions {
  /** A cursor, `-1` for the start (the default), `now`, or `last:N`. */
  readonly from?: string
  /** Publications of the page, at most. Default 100. */
  readonly limit?: number
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
  readonly #admin: AdminView | undefined
  readonly #detach: (() => void)[] = []
  readonly #subscriptions: OwnSubscriptions
  #listener: Listener | undefined

  constructor(options: ServerOptions = {}) {
    this.#options = options
    this.#broker = options.broker ?? new MemoryBroker()
    this.#node = new HoldfastNode(this.#broker, options)
    this.#subscriptions = new OwnSubscriptions(this.#node)
    this.#connections = new Connections(this.#node.limits)
    const path = (options.path ?? '').replace(/\/+$/, '')
    this.#origins = new OriginPolicy(options.origins, options.hosts)
    const { admin } = options
    const access = admin === undefined ? undefined : new AdminAccess(admin, this.#origins)
    this.#admin = access && new AdminView(this.#node, this.#connections)
    this.#routes = new Routes({
      admin: access && this.#admin && new AdminRoutes({ access, view: this.#admin, node: this.#node, path }),
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
    const { key, ...append } = options
    return this.publishAll(channel, [key === undefined ? { data } : { data, key }], append)
  }

  /**
   * Publishes many in one step: together or not at all, with consecutive offsets. What comes by the hundred costs
   * the broker one append, and each reader one wake-up.
   * @returns the cursor behind the last.
   * @throws ProtocolError whose code is in the refusal table.
   */
  async publishAll(
    channel: string,
    entries: readonly Entry[],
    { expect, sequence }: Omit<PublishOptions, 'key'> = {},
  ): Promise<string> {
    checkChannelName(channel)
    if (entries.length === 0) throw new ProtocolError('malformed', 'there is nothing to publish')
    const result = await this.#broker.append({
      channel,
      entries: entries.map(appendable),
      create: this.#node.creation(channel),
      expect: expect === undefined ? undefined : cursorOf(expect),
      sequence,
    })
    const { cursor } = published(result)
    this.#node.counters.publications++
    return cursor as string
  }

  /**
   * Follows a channel from the node's own process: every publication, whoever's it is, in order, once, from a place in
   * the log. What a client publishes over any transport is here like the node's own; members of a channel are followed
   * as `presenceChannel(name)`, with `conflate`. It ends with the node.
   * @throws ProtocolError `bad_channel_name` | `bad_cursor`
   */
  subscribe(channel: string, options: OwnSubscribeOptions, handler: OwnHandler): OwnSubscription {
    checkChannelName(channel)
    return this.#subscriptions.open(channel, options, handler)
  }

  /**
   * Hears what clients of this node publish on the channels of a pattern (`game/*`), with who they are: called for
   * each publication that has just been appended, in the order of its channel, once however often it was sent. What
   * the node itself publishes, what comes to a stream by HTTP, and what was there before are not told.
   * @returns what ends that.
   */
  receive(pattern: string, handler: ReceiveHandler): () => void {
    return this.#node.receivers.add(pattern, handler)
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

  /**
   * A page of what is held; the next one starts at its `cursor`. It makes no channel.
   * @throws ProtocolError `not_found` | `deleted` | `bad_cursor`
   */
  async history(channel: string, { from = '-1', limit = 100 }: HistoryOptions = {}): Promise<HistoryPage> {
    const position = parsePosition(from)
    if (position === undefined) throw new ProtocolError('bad_cursor', 'that is no position')
    return readHistory(this.#broker, { channel, from: position, limit }, this.#node.limits.pageBytes)
  }

  describe(channel: string): Promise<ChannelInfo | undefined> {
    return this.#broker.describe(channel)
  }

  /**
   * Whether somebody follows the channel here, or did half a minute ago, so that regular polls count too. What is
   * published only for those who watch need not be made while nobody does. The node's own subscriptions count.
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
   * Before a deploy: takes nobody new (`draining`, so that a load balancer sends them elsewhere) and asks each client
   * that is here to move, spread over `overMs`. Clients open their new connection before they let go of this one.
   * Fulfilled when nobody is left, or a few seconds after the time is up; then `close`.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this.#node.drain(options)
  }

  /**
   * Says goodbye to every client, stops listening and releases everything. Clients come back by themselves.
   * @param graceMs how long clients may take to close before their connections are cut.
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#subscriptions.dispose()
    this.#node.dispose()
    this.#admin?.stop()
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

const appendable = ({ data, key }: Entry): AppendEntry => {
  const payload = data instanceof Uint8Array ? data : (JSON.stringify(data) as string | undefined)
  if (payload === undefined)
    throw new ProtocolError('malformed', 'only JSON values and bytes can be published')
  return key === undefined ? { data: payload } : { data: payload, key }
}

const cursorOf = (text: string): Cursor => {
  const cursor = parseCursor(text)
  if (cursor === undefined) throw new ProtocolError('bad_cursor', 'that is not a cursor')
  return cursor
}
