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
  readonly resolve: (ok: unknown) => void
  readonly reject: (error: HoldfastError) => void
  sent: boolean
  cancelTimeout: () => void
}

export class Requests {
  readonly #timers: Timers
  readonly #pending = new Map<number, Pending>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Requests that have been sent and not answered. */
  get inFlight(): number {
    let count = 0
    for (const { sent } of this.#pending.values()) if (sent) count++
    return count
  }

  /** @param command carries `id`. */
  add(id: number, command: Outgoing, options: RequestOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = options
      const cancelTimeout =
        timeoutMs === undefined ? (): void => {} : this.#timers.after(timeoutMs, () => this.#timeOut(id))
      this.#pending.set(id, { ...options, command, resolve, reject, sent: false, cancelTimeout })
    })
  }

  /** What has not been sent, in its order; it counts as sent from now on. */
  take(): Outgoing[] {
    const commands: Outgoing[] = []
    for (const pending of this.#pending.values()) {
      if (pending.sent) continue
      pending.sent = true
      commands.push(pending.command)
    }
    return commands
  }

  reply(id: number, ok: unknown, error: WireError | undefined): void {
    const pending = this.#settle(id)
    if (error === undefined) pending?.resolve(ok)
    else pending?.reject(new RefusedError(pending.attempt, error))
  }

  /** The connection is gone. */
  lost(): void {
    for (const [id, pending] of this.#pending) {
      if (pending.sent && pending.lost === 'again') pending.sent = false
      else if (pending.sent) this.#settle(id)?.reject(lostError(pending))
      else if (pending.lost === 'in_doubt') {
        const error = new PublishError('offline', `${pending.attempt}: there is no connection`)
        this.#settle(id)?.reject(error)
      }
    }
  }

  close(): void {
    for (const [id, pending] of this.#pending) {
      this.#settle(id)
      const unknown = pending.sent && pending.lost !== 'again'
      pending.reject(unknown ? lostError(pending) : new ClientClosedError(pending.attempt))
    }
  }

  #timeOut(id: number): void {
    const pending = this.#settle(id)
    if (pending === undefined) return
    const late = `${pending.attempt}: it could not be sent in time`
    pending.reject(pending.sent ? lostError(pending) : new CallError('not_sent', late))
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.cancelTimeout()
    return pending
  }
}

const lostError = ({ lost, attempt }: RequestOptions): HoldfastError =>
  lost === 'in_doubt'
    ? new PublishError('in_doubt', `${attempt}: it was sent, and its answer was lost`)
    : new CallError('outcome_unknown', `${attempt}: it was sent, and no answer came`)
