/**
 * One connection as the client sees it: a transport and how far it has come. It keeps the deadline for `hello`,
 * and lets nothing through any more once it is over, whatever its transport still says.
 */
import type { Welcome } from '../protocol/index.ts'
import { TransportError } from './errors.ts'
import type { TransportName } from './options.ts'
import type { Outgoing, OpenTransport, Transport, TransportHost } from './transports/transport.ts'

/** What the client does with what a link brings. */
export interface LinkOwner extends Omit<
  TransportHost,
  'channels' | 'ask' | 'welcome' | 'event' | 'progress' | 'down' | 'reply'
> {
  channels(link: Link): ReturnType<TransportHost['channels']>
  ask(link: Link, channel: string): ReturnType<TransportHost['ask']>
  welcome(link: Link, welcome: Welcome, askedMs: number): void
  event(link: Link, ...rest: Parameters<TransportHost['event']>): boolean
  reply(link: Link, ...rest: Parameters<TransportHost['reply']>): void
  progress(link: Link): void
  down(link: Link, error: TransportError): void
}

const NOTHING: ReadonlyMap<string, number> = new Map()

export class Link {
  readonly name: TransportName
  /** When `hello` was answered, milliseconds since 1970. */
  greetedMs: number | undefined
  /** It may follow channels; a probe may not. */
  following: boolean
  readonly #owner: LinkOwner
  readonly #transport: Transport
  #phase: 'open' | 'retired' | 'closed' = 'open'
  #cancelDeadline: () => void = () => {}

  constructor(owner: LinkOwner, openTransport: OpenTransport, following: boolean) {
    this.#owner = owner
    this.following = following
    this.#transport = openTransport(this.#host())
    this.name = this.#transport.name
  }

  get windowBytes(): number {
    return this.#transport.windowBytes
  }

  /** Everything that is wanted is being delivered by it. */
  get complete(): boolean {
    return this.#phase === 'open' && this.greetedMs !== undefined && this.#transport.complete
  }

  get alive(): boolean {
    return this.#phase !== 'closed'
  }

  /** @param helloTimeoutMs until when `hello` must be answered. */
  open(helloTimeoutMs: number): void {
    this.#cancelDeadline = this.#owner.timers.after(helloTimeoutMs, () => {
      const code = this.#transport.began === true ? 'buffered' : 'no_hello'
      this.#down(new TransportError(code, `hello was not answered within ${helloTimeoutMs} ms`))
    })
    this.#transport.open()
  }

  refollow(): void {
    if (this.#phase === 'open') this.#transport.refollow()
  }

  send(commands: readonly Outgoing[]): void {
    if (commands.length > 0 && this.alive) this.#transport.send(commands)
  }

  /** It delivers no more events, and carries the answers that are still to come. */
  retire(): void {
    this.#phase = 'retired'
    this.#transport.retire()
  }

  close(): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#cancelDeadline()
    this.#transport.close()
  }

  #down(error: TransportError): void {
    if (!this.alive) return
    this.close()
    this.#owner.down(this, error)
  }

  #host(): TransportHost {
    const owner = this.#owner
    return {
      timers: owner.timers,
      settings: owner.settings,
      credentials: () => owner.credentials(),
      channels: () => (this.following ? owner.channels(this) : NOTHING),
      ask: (channel) => owner.ask(this, channel),
      welcome: (welcome, askedMs) => {
        if (!this.alive) return
        this.#cancelDeadline()
        this.greetedMs ??= owner.timers.now()
        owner.welcome(this, welcome, askedMs)
      },
      event: (event, bytes) => this.#phase === 'open' && owner.event(this, event, bytes),
      notice: (event) => {
        if (this.alive) owner.notice(event)
      },
      reply: (reply) => {
        if (this.alive) owner.reply(this, reply)
      },
      ping: () => owner.ping(),
      progress: () => {
        if (this.#phase === 'open') owner.progress(this)
      },
      down: (error) => this.#down(error),
    }
  }
}
