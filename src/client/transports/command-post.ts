/**
 * Commands over HTTP, in requests of their own: one batch in flight, so that they arrive in their order; the
 * next one takes along what has gathered meanwhile. A batch that is refused as a whole was not carried out:
 * each of its commands gets the refusal as its reply. A batch that is lost ends the transport.
 */
import { encodeBase64, type Reply, type SessionAnswer } from '../../protocol/index.ts'
import { TransportError } from '../errors.ts'
import { type HttpAccess, post } from './session-post.ts'
import type { Outgoing, TransportHost } from './transport.ts'

/** A batch is kept well below what a node takes in one body. */
export const BATCH_BYTES: number = 96 * 1024
const BATCH_COMMANDS = 500
const ANSWER_TIMEOUT_MS = 20_000

export class CommandPost {
  readonly #access: HttpAccess
  readonly #host: TransportHost
  readonly #down: (cause: unknown) => void
  #waiting: string[] = []
  #inFlight: AbortController | undefined
  #closed = false

  constructor(access: HttpAccess, host: TransportHost, down: (cause: unknown) => void) {
    this.#access = access
    this.#host = host
    this.#down = down
  }

  send(commands: readonly Outgoing[]): void {
    for (const command of commands) this.#waiting.push(textOf(command))
    // At the end of the turn, so that what is sent together travels together.
    queueMicrotask(() => this.#flush())
  }

  close(): void {
    this.#closed = true
    this.#waiting = []
    this.#inFlight?.abort()
  }

  #flush(): void {
    if (this.#inFlight || this.#closed || this.#waiting.length === 0) return
    const controller = (this.#inFlight = new AbortController())
    const cancel = this.#host.timers.after(ANSWER_TIMEOUT_MS, () => controller.abort())
    this.#post(this.#take(), controller.signal)
      .then(
        (replies) => {
          this.#inFlight = undefined
          for (const reply of replies) this.#host.reply(reply)
          this.#flush()
        },
        (error: unknown) => this.#down(error),
      )
      .finally(cancel)
      .catch(this.#down)
  }

  #take(): string[] {
    let bytes = 0
    let count = 0
    for (const command of this.#waiting) {
      bytes += command.length
      if (count > 0 && (bytes > BATCH_BYTES || count >= BATCH_COMMANDS)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #post(batch: readonly string[], signal: AbortSignal): Promise<readonly Reply[]> {
    try {
      const response = await post(this.#access, this.#host, { live: false, commands: batch }, signal)
      return ((await response.json()) as SessionAnswer).replies ?? []
    } catch (error) {
      const refusal = error instanceof TransportError ? error.refusal : undefined
      if (!refusal || refusal.retry === 'auth') throw error
      return batch.map((command) => ({
        type: 'reply',
        id: (JSON.parse(command) as { id: number }).id,
        error: refusal,
      }))
    }
  }
}

const textOf = ({ json, bytes }: Outgoing): string =>
  bytes === undefined ? json : `${json.slice(0, -1)},"base64":"${encodeBase64(bytes)}"}`
