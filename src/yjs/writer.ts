/**
 * Writes messages to the channel: one publication each, or as many as it takes. It goes on until a message is in the
 * log as a whole, or is refused, and knows its own publications when they come back.
 */
import { type Channel, PublishError, RefusedError } from '../client/index.ts'
import { COMPLETE_WITHIN_MS } from './assembly.ts'
import { encodeMessage, type Envelope, hexOf, type Message } from './envelope.ts'

/** Below the 64 KiB that a node takes unless it is told otherwise; less is tried where it takes less. */
const MOST_BYTES = 60_000
const LEAST_BYTES = 256
const OUTBOX_PAUSE_MS = 500

export class Writer {
  readonly #channel: Channel
  /** Of what was published here and has not come back. */
  readonly #nonces = new Set<string>()
  #maxBytes = MOST_BYTES

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /**
   * Fulfilled when all of it is in the log. An update may come twice, where no answer came: to Yjs that is once.
   * @param parallel parts that may be under way at once. @throws RefusedError, ClientClosedError
   */
  async write(message: Message, parallel: number): Promise<void> {
    for (;;) {
      const nonce = crypto.getRandomValues(new Uint8Array(8))
      const publications = encodeMessage(message, nonce, this.#maxBytes)
      const begunMs = Date.now()
      this.#nonces.add(hexOf(nonce))
      try {
        for (let at = 0; at < publications.length; at += parallel) {
          const some = publications.slice(at, at + parallel)
          await Promise.all(some.map((each) => this.#channel.publish(each)))
        }
        // Half of what readers allow, since their clock is not this one.
        if (publications.length === 1 || Date.now() - begunMs < COMPLETE_WITHIN_MS / 2) return
      } catch (error) {
        this.#nonces.delete(hexOf(nonce))
        await this.#again(error)
      }
    }
  }

  /** Whether this was published here. What others copy from the log comes after it, and is not taken for it. */
  recognise({ nonce, part }: Envelope): boolean {
    if (!this.#nonces.has(nonce)) return false
    if (part === undefined || part.index === part.count - 1) this.#nonces.delete(nonce)
    return true
  }

  /** Part of the log will not be seen: what comes from here on is taken as anyone's. */
  forget(): void {
    this.#nonces.clear()
  }

  /** Returns when it makes sense to try again. @throws what was handed in, when it does not */
  async #again(error: unknown): Promise<void> {
    if (error instanceof RefusedError && error.code === 'too_large' && this.#maxBytes > LEAST_BYTES) {
      this.#maxBytes = Math.floor(this.#maxBytes / 2)
      return
    }
    if (!(error instanceof PublishError)) throw error
    // Others fill the outbox; or nobody knows whether it was appended, and once more does no harm.
    if (error.code === 'outbox_full') await new Promise((resolve) => setTimeout(resolve, OUTBOX_PAUSE_MS))
  }
}
