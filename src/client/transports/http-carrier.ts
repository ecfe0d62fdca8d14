/**
 * What the three transports over HTTP have in common: commands go in requests of their own, and each request
 * for events stands for the set of channels that was wanted when it was made.
 */
import { TransportError } from '../errors.ts'
import type { SubscribeFields } from '../feed.ts'
import { BATCH_BYTES, CommandPost } from './command-post.ts'
import type { HttpAccess } from './session-post.ts'
import type { Outgoing, TransportHost } from './transport.ts'

/** Channels, each with the number of the change that was known when it was asked for. */
export type Asked = ReadonlyMap<string, number>

export abstract class HttpCarrier {
  readonly windowBytes: number = BATCH_BYTES
  protected readonly host: TransportHost
  protected readonly access: HttpAccess
  protected welcomed = false
  protected over = false
  readonly #commands: CommandPost

  constructor(host: TransportHost, access: HttpAccess) {
    this.host = host
    this.access = access
    this.#commands = new CommandPost(access, host, (error) => this.down(error))
  }

  send(commands: readonly Outgoing[]): void {
    this.#commands.send(commands)
  }

  /** Follows nothing more. */
  retire(): void {
    this.over = true
    this.stop()
  }

  close(): void {
    this.retire()
    this.#commands.close()
  }

  /** Ends the requests for events. */
  protected abstract stop(): void

  /** @param cause a TransportError, or what reading an answer threw. */
  protected down(cause: unknown): void {
    this.host.down(
      cause instanceof TransportError ? cause : new TransportError('cut', 'an answer was cut off', cause),
    )
  }

  /** Whether something else is wanted than what was asked for. */
  protected differs(asked: Asked | undefined): boolean {
    const wanted = this.host.channels()
    if (wanted.size !== asked?.size) return true
    for (const [channel, revision] of wanted) if (asked.get(channel) !== revision) return true
    return false
  }

  /** The body's `subscribe` for these channels. */
  protected ask(asked: Asked): Map<string, SubscribeFields> {
    const subscribe = new Map<string, SubscribeFields>()
    for (const channel of asked.keys()) {
      const fields = this.host.ask(channel)
      if (fields) subscribe.set(channel, fields)
    }
    return subscribe
  }
}
