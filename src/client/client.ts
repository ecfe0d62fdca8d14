/**
 * The client: joins what is followed (feeds) and what is sent (courier) to the connection that carries both,
 * and shows its state. The platform around it (sockets, fetch, time, chance) is handed in.
 */
import { presenceChannel } from '../channel/index.ts'
import type { AuthDue, Bye, Drain, Welcome } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { type Channel, ClientChannel } from './channel.ts'
import { ClockOffset } from './clock-offset.ts'
import { Connection, type ConnectionPort } from './connection.ts'
import { Courier } from './courier.ts'
import { RefusedError } from './errors.ts'
import { Feeds } from './feeds.ts'
import type { Gate } from './gate.ts'
import {
  type ConnectOptions,
  type Settings,
  settingsOf,
  type TokenSource,
  type TransportName,
} from './options.ts'
import { ChannelPresence, type Presence } from './presence.ts'
import type { SubscriptionEnd } from './subscription.ts'
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
    const surroundings = {
      settings: this.#settings,
      timers: this.#timers,
      clock: this.#clock,
      backoff: this.#backoff(),
      touch: (): void => this.#state.touch(),
      authenticate: (): Promise<void> => this.#authenticate(),
    }
    this.#courier = new Courier({
      ...surroundings,
      sender: () => this.#connection.sender,
      answered: () => this.#connection.answered(),
    })
    this.#feeds = new Feeds({
      ...surroundings,
      openGate: platform.openGate,
      refollow: () => this.#connection.refollow(),
    })
    const port: ConnectionPort = {
      ...surroundings,
      backoff: this.#backoff(),
      feeds: this.#feeds,
      courier: this.#courier,
      openers: platform.openers,
      renewsToken: typeof this.#token === 'function',
      credentials: () => ({ token: this.#tokenNow, session: this.#courier.welcome?.session }),
      notice: (event) => this.#notice(event),
      ping: () => this.#ping(),
      greeted: (welcome, askedMs) => this.#greeted(welcome, askedMs),
      attached: () => this.#announceElsewhere(),
      changed: () => this.#state.tell(),
      stopped: (error) => this.#end({ why: 'refused', error }),
    }
    this.#connection = new Connection(port, options.transport ?? 'auto')
    this.#unwatch = platform.watch(this.#connection)
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
    const port = {
      feeds: this.#feeds,
      courier: this.#courier,
      presence: (channel: string): Presence => this.#presence(channel),
    }
    return new ClientChannel(name, port) as Channel as Channel<T>
  }

  call(method: string, params?: unknown, options: CallOptions = {}): Promise<unknown> {
    const { idempotent, timeoutMs = CALL_TIMEOUT_MS } = options
    const lost = idempotent ? 'again' : 'outcome_unknown'
    return this.#courier.request({ type: 'call', method, params }, `calling ${method}`, { lost, timeoutMs })
  }

  use(transport: TransportName | 'auto'): Promise<void> {
    return this.#connection.use(transport)
  }

  close(): void {
    this.#end({ why: 'unsubscribed', error: undefined })
  }

  /** Nothing goes on after this. */
  #end(end: SubscriptionEnd): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwatch()
    this.#connection.close()
    this.#courier.close()
    this.#feeds.close(end)
    this.#timers.close()
  }

  #backoff(): Backoff {
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = this.#settings
    return new Backoff({ minMs, maxMs, random: () => this.#timers.random() })
  }

  #presence(channel: string): Presence {
    let presence = this.#presences.get(channel)
    if (!presence) {
      presence = new ChannelPresence({
        follow: (handler, onGap) =>
          this.#feeds.subscribe(
            { channel: presenceChannel(channel), from: 'start', conflate: true },
            { handler, onGap },
          ),
        announce: (announced) => this.#announce(channel, announced),
        report: this.#settings.onError,
      })
      this.#presences.set(channel, presence)
    }
    return presence
  }

  async #announce(channel: string, presence: { readonly data: unknown } | undefined): Promise<void> {
    this.#feeds.setPresence(channel, presence)
    try {
      await this.#courier.request({ type: 'presence', channel, ...presence }, `announcing to ${channel}`)
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
    for (const [channel, presence] of this.#feeds.presentElsewhere())
      this.#announce(channel, presence).catch(this.#settings.onError)
  }

  async #authenticate(): Promise<void> {
    this.#tokenNow = typeof this.#token === 'function' ? await this.#token() : this.#token
  }

  #greeted(welcome: Welcome, askedMs: number): void {
    this.#courier.welcome = welcome
    this.#clock.sample(askedMs, welcome.now, this.#timers.now())
  }

  #ping(): void {
    const askedMs = this.#timers.now()
    this.#courier.request({ type: 'ping' }, 'ping').then(
      (ok) => this.#clock.sample(askedMs, (ok as { now: number }).now, this.#timers.now()),
      () => {}, // a ping that is refused was answered, and a closed client needs none
    )
  }

  #notice(event: AuthDue | Drain | Bye): void {
    if (event.type === 'drain') this.#timers.after(event.afterMs, () => this.#connection.renew())
    if (event.type === 'auth') this.#showToken().catch(this.#settings.onError)
  }

  /** A poll brings the token along; a stream that stands must be told, or be opened anew. */
  async #showToken(): Promise<void> {
    await this.#authenticate()
    const { transport } = this.#connection
    if (transport === 'sse') this.#connection.renew()
    if (transport === 'websocket')
      await this.#courier.request({ type: 'auth', token: this.#tokenNow }, 'auth')
  }

  #snapshot(): ClientState {
    const { status, lastError, transport, wanted, why, switches } = this.#connection
    const { tally, repairs, latency } = this.#feeds
    return {
      status,
      error: lastError,
      transport,
      wanted,
      why,
      latency: latency.read(),
      counts: { ...tally, repairs, switches },
      outbox: this.#courier.waiting,
      member: this.#courier.welcome?.member,
    }
  }
}
