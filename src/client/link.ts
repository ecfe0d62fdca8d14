/**
 * One connection as the client sees it: a transport and how far it has come. It keeps the deadline for `hello`,
 * and lets nothing through any more once it is over, whatever its transport still says.
 */
import type { AuthDue, Bye, Drain, Reply, StreamEvent, Welcome } from '../protocol/index.ts'
import type { Courier } from './courier.ts'
import { TransportError } from './errors.ts'
import type { SubscribeFields } from './feed.ts'
import type { Feeds } from './feeds.ts'
import type { Settings, TransportName } from './options.ts'
import type { Timers } from './timers.ts'
import type {
  Credentials,
  Outgoing,
  OpenTransport,
  Transport,
  TransportHost,
} from './transports/transport.ts'

/** What every link shares. */
export interface LinkSurroundings {
  readonly settings: Settings
  readonly timers: Timers
  readonly feeds: Feeds
  readonly courier: Courier
  credentials(): Credentials
  notice(event: AuthDue | Drain | Bye): void
  ping(): void
}

/** Who decides what becomes of a link. */
export interface LinkOwner {
  welcome(link: Link, welcome: Welcome, askedMs: number): void
  progress(link: Link): void
  down(link: Link, error: TransportError): void
}

export class Link implements TransportHost {
  readonly name: TransportName
  readonly timers: Timers
  readonly settings: Settings
  /** When `hello` was answered, milliseconds since 1970. */
  greetedMs: number | undefined
  /** It may follow channels; a probe may not. */
  following: boolean
  readonly #around: LinkSurroundings
  readonly #owner: LinkOwner
  readonly #transport: Transport
  #closed = false
  #retired = false
  #cancelDeadline: () => void = () => {}

  constructor(
    around: LinkSurroundings,
    owner: LinkOwner,
    made: { readonly open: OpenTransport; readonly following: boolean },
  ) {
    this.#around = around
    this.#owner = owner
    this.timers = around.timers
    this.settings = around.settings
    this.following = made.following
    this.#transport = made.open(this)
    this.name = this.#transport.name
  }

  get windowBytes(): number {
    return this.#transport.windowBytes
  }

  /** Everything that is wanted is being delivered by it. */
  get complete(): boolean {
    return this.greetedMs !== undefined && this.#transport.complete
  }

  /** @param helloTimeoutMs until when `hello` must be answered. */
  open(helloTimeoutMs: number): void {
    this.#cancelDeadline = this.timers.after(helloTimeoutMs, () =>
      this.down(
        new TransportError(this.#transport.began ? 'buffered' : 'no_hello', 'hello was not answered'),
      ),
    )
    this.#transport.open()
  }

  refollow(): void {
    if (this.following && !this.#retired && !this.#closed) this.#transport.refollow()
  }

  send(commands: readonly Outgoing[]): void {
    if (commands.length > 0 && !this.#closed) this.#transport.send(commands)
  }

  /** It delivers no more events, and carries the answers that are still to come. */
  retire(): void {
    this.#retired = true
    this.#transport.retire()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelDeadline()
    this.#transport.close()
  }

  credentials(): Credentials {
    return this.#around.credentials()
  }

  channels(): ReadonlyMap<string, number> {
    return this.following ? this.#around.feeds.wantedBy(this) : new Map<string, number>()
  }

  ask(channel: string): SubscribeFields | undefined {
    return this.#around.feeds.ask(this, channel)
  }

  welcome(welcome: Welcome, askedMs: number): void {
    if (this.#closed) return
    this.#cancelDeadline()
    this.greetedMs = this.timers.now()
    this.#owner.welcome(this, welcome, askedMs)
  }

  event(event: StreamEvent, bytes?: Uint8Array): boolean {
    return !this.#closed && !this.#retired && this.#around.feeds.offer(this, event, bytes)
  }

  notice(event: AuthDue | Drain | Bye): void {
    if (!this.#closed) this.#around.notice(event)
  }

  reply(reply: Reply): void {
    if (!this.#closed) this.#around.courier.reply(reply)
  }

  ping(): void {
    this.#around.ping()
  }

  progress(): void {
    if (!this.#closed && !this.#retired) this.#owner.progress(this)
  }

  down(error: TransportError): void {
    if (this.#closed) return
    this.close()
    this.#owner.down(this, error)
  }
}
