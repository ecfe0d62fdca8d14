/**
 * What the three transports over HTTP have in common: how commands travel. They go in requests of their own, one
 * batch in flight, so that they arrive in their order; the next one takes along what has gathered meanwhile. A
 * batch that is refused as a whole was not carried out: each of its commands gets the refusal as its reply. A
 * batch that is lost ends the transport.
 */
import { encodeBase64, type Reply, type SessionAnswer } from '../../protocol/index.ts'
import { TransportError } from '../errors.ts'
import { type HttpAccess, post } from './session-post.ts'
import type { Outgoing, TransportHost } from './transport.ts'

/** A batch is kept well below what a node takes in one body. */
const BATCH_BYTES = 96 * 1024
/** How long an answer may take that is not held. */
export const ANSWER_TIMEOUT_MS: number = 10_000

export abstract class HttpCarrier {
  readonly windowBytes: number = BATCH_BYTES
  protected readonly host: TransportHost
  protected readonly access: HttpAccess
  protected welcomed = false
  protected over = false
  #waiting: string[] = []
  #inFlight: AbortController | undefined
  #closed = false

  constructor(host: TransportHost, access: HttpAccess) {
    this.host = host
    this.access = access
  }

  send(commands: readonly Outgoing[]): void {
    this.#waiting.push(...commands.map(textOf))
    this.#flush().catch((cause: unknown) => this.down(cause))
  }

  /** Follows nothing more. */
  retire(): void {
    this.over = true
    this.stop()
  }

  close(): void {
    this.#closed = true
    this.#inFlight?.abort()
    this.retire()
  }

  /** Ends the requests for events. */
  protected abstract stop(): void

  /** @param cause a TransportError, or what reading an answer threw. */
  protected down(cause: unknown): void {
    this.host.down(
      cause instanceof TransportError ? cause : new TransportError('cut', 'it could not be read', cause),
    )
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#inFlight && !this.#closed) {
      const controller = (this.#inFlight = new AbortController())
      const cancel = this.host.timers.after(2 * ANSWER_TIMEOUT_MS, () => controller.abort())
      try {
        for (const reply of await this.#post(this.#take(), controller.signal)) this.host.reply(reply)
      } finally {
        cancel()
        this.#inFlight = undefined
      }
    }
  }

  #take(): string[] {
    let bytes = 0
    const end = this.#waiting.findIndex((command, at) => (bytes += command.length) > BATCH_BYTES && at > 0)
    return this.#waiting.splice(0, end < 0 ? Infinity : end)
  }

  async #post(commands: readonly string[], signal: AbortSignal): Promise<readonly Reply[]> {
    try {
      const response = await post(this.access, this.host, { live: false, commands }, signal)
      return ((await response.json()) as SessionAnswer).replies ?? []
    } catch (cause) {
      const { refusal: error } = cause as Partial<TransportError>
      if (!error || error.retry === 'auth') throw cause
      return commands.map((command) => ({ type: 'reply', id: (JSON.parse(command) as Reply).id, error }))
    }
  }
}

const textOf = ({ json, bytes }: Outgoing): string =>
  bytes ? `${json.slice(0, -1)},"base64":"${encodeBase64(bytes)}"}` : json
