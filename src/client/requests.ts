/**
 * Commands that want one answer and are not publications: they wait for a connection, travel under an id, and
 * are answered once. When the connection is lost, those that may run twice are sent again; the others are
 * reported as unknown. It sends nothing itself.
 */
import type { WireError } from '../protocol/index.ts'
import { CallError, ClientClosedError, type HoldfastError, PublishError, RefusedError } from './errors.ts'
import type { Timers } from './timers.ts'
import type { Outgoing } from './transports/transport.ts'

export interface RequestOptions {
  /** What is being attempted, for messages. */
  readonly attempt: string
  /** `again`: running it twice does no harm. Otherwise what a lost answer is reported as. */
  readonly lost: 'again' | 'outcome_unknown' | 'in_doubt'
  readonly timeoutMs?: number | undefined
}

interface Pending extends RequestOptions {
  readonly command: Outgoing
  readonly answer: PromiseWithResolvers<unknown>
  sent: boolean
  cancelTimeout: (() => void) | undefined
}

export class Requests {
  readonly #timers: Timers
  readonly #pending = new Map<number, Pending>()
  /** Requests that have been sent and not answered. */
  inFlight = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** @param command carries `id`. */
  add(id: number, command: Outgoing, options: RequestOptions): Promise<unknown> {
    const { timeoutMs } = options
    const answer = Promise.withResolvers<unknown>()
    const cancelTimeout =
      timeoutMs === undefined ? timeoutMs : this.#timers.after(timeoutMs, () => this.#give(id))
    this.#pending.set(id, { ...options, command, answer, sent: false, cancelTimeout })
    return answer.promise
  }

  /** What has not been sent, in its order; it counts as sent from now on. */
  take(): Outgoing[] {
    const commands: Outgoing[] = []
    for (const pending of this.#pending.values()) {
      if (pending.sent) continue
      pending.sent = true
      this.inFlight++
      commands.push(pending.command)
    }
    return commands
  }

  reply(id: number, ok: unknown, error: WireError | undefined): void {
    const pending = this.#settle(id)
    if (error) pending?.answer.reject(new RefusedError(pending.attempt, error))
    else pending?.answer.resolve(ok)
  }

  /** The connection is gone. */
  lost(): void {
    this.inFlight = 0
    for (const [id, pending] of this.#pending) {
      const { sent, lost } = pending
      pending.sent = false
      // What must not be kept for later is given up even if it was not sent.
      if (lost !== 'again' && (sent || lost === 'in_doubt')) {
        this.#settle(id)
        pending.answer.reject(lostError(pending, sent))
      }
    }
  }

  close(): void {
    for (const [id, pending] of this.#pending) {
      this.#settle(id)
      const { answer, sent, lost, attempt } = pending
      answer.reject(sent && lost !== 'again' ? lostError(pending, sent) : new ClientClosedError(attempt))
    }
  }

  #give(id: number): void {
    const pending = this.#settle(id)
    pending?.answer.reject(lostError(pending, pending.sent))
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.cancelTimeout?.()
    if (pending?.sent) this.inFlight--
    return pending
  }
}

const lostError = ({ lost, attempt }: RequestOptions, sent: boolean): HoldfastError => {
  const message = `${attempt}: ${sent ? 'no answer came' : 'it could not be sent'}`
  return lost === 'in_doubt'
    ? new PublishError(sent ? lost : 'offline', message)
    : new CallError(sent ? 'outcome_unknown' : 'not_sent', message)
}
