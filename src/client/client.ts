/**
 * The client: joins what is followed (feeds) and what is sent (outbox) to the connection that carries both, and
 * shows its state. The platform around it (sockets, fetch, time, chance) is handed in.
 */
import { presenceChannel } from '../channel/index.ts'
import type { AuthDue, Drain, Welcome } from '../protocol/index.ts'
import { type Channel, ClientChannel } from './channel.ts'
import { ClockOffset } from './clock-offset.ts'
import { Connection, type ConnectionPort } from './connection.ts'
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
import { Outbox } from './outbox.ts'
import { ChannelPresence, type Presence } from './presence.ts'
import { type ClientState, ObservableState } from './state.ts'
import type { SubscriptionEnd } from './subscription.ts'
import { type Timers, timerScope, type TimerScope } from './timers.ts'
import type { Credentials, OpenTransport } from './transports/transport.ts'

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
  /** Calls `wake` when the network is back or somebody looks; returns what ends that. */
  watch(wake: () => void): () => void
  /** Only tests replace the gate. */
  readonly openGate?: (conflate: boolean) => Gate
}

/** What is public here beyond `Client` is for the parts of the client, as their ports name it. */
export class HoldfastClient implements Client, ConnectionPort {
  readonly settings: Settings
  readonly timers: TimerScope
  readonly platform: Platform
  readonly clock: ClockOffset = new ClockOffset()
  readonly observed: ObservableState
  readonly outbox: Outbox
  readonly feeds: Feeds
  readonly connection: Connection
  readonly renewsToken: boolean
  readonly #token: TokenSource | undefined
  readonly #presences = new Map<string, Presence>()
  readonly #unwatch: () => void
  #tokenNow: string | undefined
  #closed = false

  constructor(options: ConnectOptions, platform: Platform) {
    this.platform = platform
    this.#token = options.token
    this.renewsToken = typeof options.token === 'function'
    this.settings = settingsOf(options)
    this.timers = timerScope(platform.timers)
    this.observed = new ObservableState(this.timers, () => this.#snapshot())
    this.outbox = new Outbox(this)
    this.feeds = new Feeds(this)
    this.connection = new Connection(this, options.transport ?? 'auto')
    this.#unwatch = platform.watch(() => this.connection.wake())
    this.#renewPresence()
    this.connection.start()
  }

  get state(): ClientState {
    return this.observed.snapshot
  }

  get credentials(): Credentials {
    return { token: this.#tokenNow, session: this.outbox.welcome?.session }
  }

  on(_event: 'state', listener: (state: ClientState) => void): () => void {
    return this.observed.listen(listener)
  }

  channel<T = unknown>(name: string): Channel<T> {
    return new ClientChannel(name, this) as Channel as Channel<T>
  }

  call(method: string, params?: unknown, options: CallOptions = {}): Promise<unknown> {
    const { idempotent, timeoutMs = CALL_TIMEOUT_MS } = options
    const lost = idempotent ? 'again' : 'outcome_unknown'
    return this.outbox.request({ type: 'call', method, params }, { lost, timeoutMs })
  }

  use(transport: TransportName | 'auto'): Promise<void> {
    return this.connection.use(transport)
  }

  close(): void {
    this.#end({ why: 'unsubscribed', error: undefined })
  }

  presence(channel: string): Presence {
    let presence = this.#presences.get(channel)
    if (!presence) {
      const spec = { channel: presenceChannel(channel), from: '-1', conflate: true }
      presence = new ChannelPresence({
        follow: (handler, onGap) => this.feeds.subscribe(spec, { handler, onGap }),
        announce: (announced) => this.#announce(channel, announced),
        report: this.settings.onError,
      })
      this.#presences.set(channel, presence)
    }
    return presence
  }

  async authenticate(): Promise<void> {
    this.#tokenNow = typeof this.#token === 'function' ? await this.#token() : this.#token
  }

  greeted(welcome: Welcome, askedMs: number): void {
    this.outbox.welcome = welcome
    this.clock.sample(askedMs, welcome.now, this.timers.now())
  }

  attached(): void {
    for (const [channel, presence] of this.feeds.presentElsewhere())
      this.#announce(channel, presence).catch(this.settings.onError)
  }

  ping(): void {
    const askedMs = this.timers.now()
    this.outbox.request({ type: 'ping' }).then(
      (ok) => this.clock.sample(askedMs, (ok as { now: number }).now, this.timers.now()),
      () => {}, // a ping that is refused was answered, and a closed client needs none
    )
  }

  notice(event: AuthDue | Drain): void {
    if (event.type === 'drain') this.timers.after(event.afterMs, () => this.connection.renew())
    else this.#showToken().catch(this.settings.onError)
  }

  stopped(error: SubscriptionEnd['error']): void {
    this.#end({ why: 'refused', error })
  }

  /** A poll brings the token along; a stream that stands must be told, or be opened anew. */
  async #showToken(): Promise<void> {
    const before = this.#tokenNow
    await this.authenticate()
    const { transport } = this.connection
    // The same token once more would only be told of again.
    if (transport === 'sse' && before !== this.#tokenNow) this.connection.renew()
    if (transport === 'websocket') await this.outbox.request({ type: 'auth', token: this.#tokenNow })
  }

  async #announce(channel: string, presence: { readonly data: unknown } | undefined): Promise<void> {
    this.feeds.setPresence(channel, presence)
    try {
      await this.outbox.request({ type: 'presence', channel, ...presence })
    } catch (error) {
      if (error instanceof RefusedError && error.retry === 'never') this.feeds.setPresence(channel, undefined)
      throw error
    }
  }

  #renewPresence(): void {
    this.attached()
    this.timers.after(PRESENCE_RENEWAL_MS, () => this.#renewPresence())
  }

  /** Nothing goes on after this. */
  #end(end: SubscriptionEnd): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwatch()
    this.connection.close()
    this.outbox.close()
    this.feeds.close(end)
    this.timers.close()
  }

  #snapshot(): ClientState {
    const { status, lastError, transport, wanted, why, switches } = this.connection
    const { tally, repairs, latency } = this.feeds
    return {
      // Only where the platform knows that there is no network.
      status: status === 'waiting' && globalThis.navigator?.onLine === false ? 'offline' : status,
      error: lastError,
      transport,
      wanted,
      why,
      latency: latency.read(),
      counts: { ...tally, repairs, switches },
      outbox: this.outbox.size,
      offsetMs: this.clock.offsetMs,
      member: this.outbox.welcome?.member,
    }
  }
}
