/**
 * One connection as the client sees it: a transport and how far it has come. It keeps the deadline for `hello`,
 * and lets nothing through any more once it is over, whatever its transport still says.
 */
import type { AuthDue, Drain, Reply, StreamEvent, Welcome } from '../protocol/index.ts'
import { TransportError } from './errors.ts'
import type { SubscribeFields } from './feed.ts'
import type { Feeds } from './feeds.ts'
import type { Settings, TransportName } from './options.ts'
import type { Outbox } from './outbox.ts'
import type { Timers } from './timers.ts'
import type {
  Credentials,
  Outgoing,
  OpenTransport,
  Transport,
  TransportHost,
} from './transports/transport.ts'

/** How long a server may say nothing after it was asked whether it is there. */
const SILENCE_MS = 6_000

/** What links need of the client around them. */
export interface LinkPort {
  readonly settings: Settings
  readonly timers: Timers
  readonly feeds: Feeds
  readonly outbox: Outbox
  readonly credentials: Credentials
  notice(event: AuthDue | Drain): void
  ping(): void
}

/** Who decides what becomes of a link. */
export interface LinkOwner {
  welcome(link: Link, welcome: Welcome, askedMs: number): void
  progress(link: Link): void
  down(link: Link, error: TransportError): void
}

export class Link implements TransportHost {
  /** When `hello` was answered, milliseconds since 1970. */
  greetedMs: number | undefined
  readonly #port: LinkPort
  readonly #owner: LinkOwner
  readonly #transport: Transport
  #closed = false
  #retired = false
  #cancelDeadline: (() => void) | undefined
  /** How much has come so far. No clock says whether anything has: clocks are set back. */
  #heard = 0

  constructor(port: LinkPort, owner: LinkOwner, openTransport: OpenTransport) {
    this.#port = port
    this.#owner = owner
    this.#transport = openTransport(this)
  }

  get name(): TransportName {
    return this.#transport.name
  }

  get windowBytes(): number {
    return this.#transport.windowBytes
  }

  get timers(): Timers {
    return this.#port.timers
  }

  get settings(): Settings {
    return this.#port.settings
  }

  get credentials(): Credentials {
    return this.#port.credentials
  }

  /** Everything that is wanted is being delivered by it. */
  get complete(): boolean {
    return this.#transport.complete
  }

  /** @param helloTimeoutMs until when `hello` must be answered. */
  open(helloTimeoutMs: number): void {
    this.#cancelDeadline = this.timers.after(helloTimeoutMs, () =>
      this.down(new TransportError(this.#transport.began ? 'buffered' : 'no_hello', 'no answer came')),
    )
    this.#transport.open()
  }

  check(): void {
    const heard = this.#heard
    this.#port.ping()
    this.timers.after(SILENCE_MS, () => {
      if (this.#heard === heard) this.down(new TransportError('silent', 'no answer came'))
    })
  }

  refollow(): void {
    this.#transport.refollow()
  }

  send(commands: readonly Outgoing[]): void {
    this.#transport.send(commands)
  }

  /** It delivers no more events, and carries the answers that are still to come. */
  retire(): void {
    this.#retired = true
    this.#transport.retire()
  }

  close(): void {
    this.#closed = this.#retired = true
    this.#cancelDeadline?.()
    this.#transport.close()
  }

  channels(): ReadonlyMap<string, number> {
    return this.#port.feeds.wantedBy(this)
  }

  ask(channel: string): SubscribeFields | undefined {
    return this.#port.feeds.ask(this, channel)
  }

  welcome(welcome: Welcome, askedMs: number): void {
    if (this.#closed) return
    this.#cancelDeadline?.()
    this.greetedMs = this.timers.now()
    this.#owner.welcome(this, welcome, askedMs)
  }

  event(event: StreamEvent, bytes?: Uint8Array): boolean {
    this.#heard++
    return !this.#retired && this.#port.feeds.offer(this, event, bytes)
  }

  notice(event: AuthDue | Drain): void {
    if (!this.#closed) this.#port.notice(event)
  }

  reply(reply: Reply): void {
    this.#heard++
    if (!this.#closed) this.#port.outbox.reply(reply)
  }

  progress(): void {
    this.#owner.progress(this)
  }

  down(error: TransportError): void {
    if (this.#closed) return
    this.close()
    this.#owner.down(this, error)
  }
}
