/**
 * The client: joins what is followed (feeds) and what is sent (courier) to the connection that carries both,
 * and shows its state. The platform around it (sockets, fetch, time, chance) is handed in.
 */
import { presenceChannel } from '../channel/index.ts'
import type { AuthDue, Bye, Drain, HistoryPage, Welcome } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { type Channel, ClientChannel, type ChannelPort, type History } from './channel.ts'
import { ClockOffset } from './clock-offset.ts'
import { Connection, type ConnectionPort } from './connection.ts'
import { Courier } from './courier.ts'
import { ClientClosedError, RefusedError } from './errors.ts'
import { Feeds } from './feeds.ts'
import type { Gate } from './gate.ts'
import type { Link } from './link.ts'
import {
  type ConnectOptions,
  type Settings,
  settingsOf,
  type TokenSource,
  type TransportName,
} from './options.ts'
import { ChannelPresence, type Presence } from './presence.ts'
import { publicationOf } from './publication.ts'
import { type ClientState, ObservableState } from './state.ts'
import { type Timers, TimerScope } from './timers.ts'
import type { OpenTransport } from './transports/transport.ts'

/** A lease outlives two of these. */
const PRESENCE_RENEWAL_MS = 30_000
const CALL_TIMEOUT_MS = 30_000

export interface CallOptions {
  /** The server declares that running it twice does no harm: a lost call is sent again. */
  readonly idempotent?: boolean
  /** How long to wait for the answer, milliseconds. Default 30,000. */
  readonly timeoutMs?: number
}

export interface Client {
  /** What there is to know about the connection now; immutable, and the same object until something changes. */
  readonly state: ClientState
  /** Calls `listener` after changes of `state`; returns what ends that. */
  on(event: 'state', listener: (state: ClientState) => void): () => void
  channel<T = unknown>(name: string): Channel<T>
  /**
   * Runs a method on the server, at most once. @throws RefusedError; CallError `outcome_unknown` | `not_sent`
   */
  call(method: string, params?: unknown, options?: CallOptions): Promise<unknown>
  /**
   * Changes the transport while everything goes on; fulfilled when it delivers. A transport that cannot be had
   * is reported, and what was in use stays. @throws TransportError
   */
  use(transport: TransportName | 'auto'): Promise<void>
  /** Ends everything; nothing is left running. */
  close(): void
}

/** What the client stands on. */
export interface Platform {
  readonly timers: Timers
  readonly openers: Readonly<Record<TransportName, OpenTransport>>
  /** Calls back when the network is back or somebody looks (`wake`), and when it is gone. */
  watch(on: { wake(): void; offline(): void }): () => void
  /** Only tests replace the gate. */
  readonly openGate?: (conflate: boolean) => Gate
}

export class HoldfastClient implements Client {
  readonly #settings: Settings
  readonly #timers: TimerScope
  readonly #clock = new ClockOffset()
  readonly #token: TokenSource | undefined
  readonly #state: ObservableState
  readonly #connection: Connection
  readonly #feeds: Feeds
  readonly #courier: Courier
  readonly #presences = new Map<string, Presence>()
  readonly #unwatch: () => void
  #tokenNow: string | undefined
  #closed = false

  constructor(options: ConnectOptions, platform: Platform) {
    this.#settings = settingsOf(options)
    this.#timers = new TimerScope(platform.timers)
    this.#token = options.token
    this.#state = new ObservableState(this.#timers, () => this.#snapshot())
    this.#courier = this.#makeCourier()
    this.#feeds = this.#makeFeeds(platform)
    this.#connection = new Connection(this.#connectionPort(platform), options.transport ?? 'auto')
    this.#unwatch = platform.watch({
      wake: () => this.#connection.wake(),
      offline: () => this.#connection.offline(),
    })
    this.#renewPresence()
    this.#connection.start()
  }

  get state(): ClientState {
    return this.#state.snapshot
  }

  on(_event: 'state', listener: (state: ClientState) => void): () => void {
    return this.#state.listen(listener)
  }

  channel<T = unknown>(name: string): Channel<T> {
    return new ClientChannel(name, this.#channelPort) as Channel as Channel<T>
  }

  call(method: string, params?: unknown, options: CallOptions = {}): Promise<unknown> {
    const { idempotent = false, timeoutMs = CALL_TIMEOUT_MS } = options
    const lost = idempotent ? 'again' : 'outcome_unknown'
    return this.#request({ type: 'call', method, params }, { attempt: `calling ${method}`, lost, timeoutMs })
  }

  use(transport: TransportName | 'auto'): Promise<void> {
    return this.#connection.use(transport)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwatch()
    this.#connection.close()
    this.#courier.close()
    this.#feeds.end({ why: 'unsubscribed', error: undefined })
    this.#timers.close()
  }

  #request(command: object, options: Parameters<Courier['request']>[1]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new ClientClosedError(options.attempt))
    return this.#courier.request(command, options)
  }

  get #channelPort(): ChannelPort {
    return {
      subscribe: (spec, callbacks) => {
        if (this.#closed) throw new ClientClosedError(`subscribing to ${spec.channel}`)
        return this.#feeds.subscribe(spec, callbacks)
      },
      publish: (channel, payload, expect) => {
        if (this.#closed) return Promise.reject(new ClientClosedError(`publishing to ${channel}`))
        return expect === undefined
          ? this.#courier.publish(channel, payload)
          : this.#courier.publishIf(channel, payload, expect)
      },
      history: (channel, from, limit) => this.#history(channel, from, limit),
      trim: async (channel, upTo) => {
        await this.#request(
          { type: 'trim', channel, upTo },
          { attempt: `trimming ${channel}`, lost: 'again' },
        )
      },
      presence: (channel) => this.#presence(channel),
    }
  }

  async #history(channel: string, from: string, limit: number | undefined): Promise<History> {
    const command = { type: 'history', channel, from, limit }
    const answer = await this.#request(command, { attempt: `reading ${channel}`, lost: 'again' })
    const { publications, gap, ...page } = answer as HistoryPage
    return { ...page, gap, publications: publications.map((each) => publicationOf(each)) }
  }

  #presence(channel: string): Presence {
    let presence = this.#presences.get(channel)
    if (presence === undefined) {
      presence = new ChannelPresence({
        follow: (handler, onGap) =>
          this.#channelPort.subscribe(
            { channel: presenceChannel(channel), from: 'start', conflate: true },
            { handler, onGap },
          ),
        announce: (announced) => this.#announce(channel, announced),
        report: (error) => this.#settings.onError(error),
      })
      this.#presences.set(channel, presence)
    }
    return presence
  }

  async #announce(channel: string, presence: { readonly data: unknown } | undefined): Promise<void> {
    this.#feeds.setPresence(channel, presence)
    const attempt = `${presence === undefined ? 'leaving' : 'entering'} ${channel}`
    try {
      await this.#request({ type: 'presence', channel, ...presence }, { attempt, lost: 'again' })
    } catch (error) {
      if (error instanceof RefusedError && error.retry === 'never')
        this.#feeds.setPresence(channel, undefined)
      throw error
    }
  }

  #renewPresence(): void {
    this.#timers.after(PRESENCE_RENEWAL_MS, () => {
      this.#announceElsewhere()
      this.#renewPresence()
    })
  }

  #announceElsewhere(): void {
    for (const [channel, data] of this.#feeds.presentElsewhere()) {
      this.#announce(channel, { data }).catch((error: unknown) => this.#settings.onError(error))
    }
  }

  #makeCourier(): Courier {
    const connection = (): Connection => this.#connection
    return new Courier({
      timers: this.#timers,
      settings: this.#settings,
      get sender() {
        return connection().sender
      },
      touch: () => this.#state.touch(),
      answered: () => this.#connection.answered(),
    })
  }

  #makeFeeds(platform: Platform): Feeds {
    return new Feeds({
      timers: this.#timers,
      clock: this.#clock,
      backoff: this.#backoff(),
      iteratorLimit: this.#settings.iteratorLimit,
      openGate: platform.openGate,
      refollow: () => this.#connection.refollow(),
      touch: () => this.#state.touch(),
      authenticate: () => this.#authenticate(),
      report: (error) => this.#settings.onError(error),
    })
  }

  #backoff(): Backoff {
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = this.#settings
    return new Backoff({ minMs, maxMs, random: () => this.#timers.random() })
  }

  #connectionPort(platform: Platform): ConnectionPort {
    return {
      settings: this.#settings,
      timers: this.#timers,
      openers: platform.openers,
      backoff: this.#backoff(),
      renewsToken: typeof this.#token === 'function',
      authenticate: () => this.#authenticate(),
      credentials: () => ({ token: this.#tokenNow, session: this.#courier.welcome?.session }),
      channels: (link) => this.#feeds.wantedBy(link),
      ask: (link, channel) => this.#feeds.ask(link, channel),
      event: (link, event, bytes) => this.#feeds.offer(link, event, bytes),
      notice: (event) => this.#notice(event),
      reply: (_link, reply) => this.#courier.reply(reply),
      ping: () => this.#ping(),
      greeted: (_link, welcome, askedMs) => this.#greeted(welcome, askedMs),
      expectsAnswers: () => this.#courier.expectsAnswers,
      gone: (link, answers) => this.#gone(link, answers),
      ready: () => this.#courier.pump(),
      attached: () => this.#announceElsewhere(),
      changed: () => this.#state.tell(),
      stopped: (error) => this.#stopped(error),
    }
  }

  async #authenticate(): Promise<void> {
    this.#tokenNow = typeof this.#token === 'function' ? await this.#token() : this.#token
  }

  #greeted(welcome: Welcome, askedMs: number): void {
    this.#courier.welcome = welcome
    this.#clock.sample(askedMs, welcome.now, this.#timers.now())
  }

  #gone(link: Link, answers: boolean): void {
    this.#feeds.release(link)
    if (answers) this.#courier.lost()
  }

  #ping(): void {
    const askedMs = this.#timers.now()
    this.#request({ type: 'ping' }, { attempt: 'asking for the time', lost: 'again' }).then(
      (ok) => this.#clock.sample(askedMs, (ok as { now: number }).now, this.#timers.now()),
      () => {}, // only a closed client refuses it
    )
  }

  #notice(event: AuthDue | Drain | Bye): void {
    if (event.type === 'drain') this.#timers.after(event.afterMs, () => this.#connection.renew())
    if (event.type !== 'auth') return
    this.#authenticate().then(
      () => this.#showToken(),
      (error: unknown) => this.#settings.onError(error),
    )
  }

  /** A poll brings the token along; a stream that stands must be told, or be opened anew. */
  #showToken(): void {
    const { current } = this.#connection
    if (current?.name === 'sse') this.#connection.renew()
    if (current?.name !== 'websocket') return
    this.#request(
      { type: 'auth', token: this.#tokenNow },
      { attempt: 'renewing the token', lost: 'again' },
    ).catch((error: unknown) => this.#settings.onError(error))
  }

  #stopped(error: Error): void {
    this.#settings.onError(error)
    this.#unwatch()
    this.#courier.close()
    const refused = new ClientClosedError(error.message)
    this.#feeds.end({ why: 'refused', error: refused })
    this.#closed = true
    this.#timers.close()
  }

  #snapshot(): ClientState {
    const connection = this.#connection
    const { tally, repairs, latency } = this.#feeds
    return {
      status: connection.status,
      error: connection.lastError,
      transport: connection.current?.name ?? connection.choice.transport,
      wanted: connection.choice.wanted,
      why: connection.why,
      latency: latency.read(),
      counts: { ...tally, repairs, switches: connection.switches },
      outbox: this.#courier.waiting,
      member: this.#courier.welcome?.member,
    }
  }
}
