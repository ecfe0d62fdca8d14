/**
 * What a client shows of itself: an immutable snapshot, made anew only when something has changed, and listeners
 * that are told so, at once when the connection changes and a few times a second when only numbers do.
 */
import type { Tally } from './audit.ts'
import type { Why } from './choose.ts'
import type { Status } from './connection.ts'
import type { Latency } from './latency.ts'
import type { TransportName } from './options.ts'
import type { Timers } from './timers.ts'

export interface Counts extends Readonly<Tally> {
  /** Times that something was missing on a transport and was asked for again. */
  readonly repairs: number
  /** Changes of transport without a break. */
  readonly switches: number
}

export interface ClientState {
  /** `waiting` until the next attempt, `offline` until the platform has a network, `closed` for good. */
  readonly status: Status | 'offline'
  /** The last thing that went wrong with a connection. */
  readonly error: Error | undefined
  /** The transport in use, or that is being tried. */
  readonly transport: TransportName
  /** What was asked for. */
  readonly wanted: TransportName | 'auto'
  readonly why: Why
  /** From append to handler, over the recent publications, milliseconds, by the server's clock. */
  readonly latency: Latency
  readonly counts: Counts
  /** Publications that wait to be acknowledged. */
  readonly outbox: number
  /**
   * How far the server's clock is ahead of this one, milliseconds: by the fastest of the latest answers, so wrong by
   * half its round trip at most; 0 before the first.
   */
  readonly offsetMs: number
  /** Who this client is in presence, once the server has said. */
  readonly member: string | undefined
}

const QUIET_MS = 100

export class ObservableState {
  readonly #timers: Timers
  readonly #make: () => ClientState
  readonly #listeners = new Set<(state: ClientState) => void>()
  #snapshot: ClientState | undefined
  #cancel: (() => void) | undefined

  constructor(timers: Timers, make: () => ClientState) {
    this.#timers = timers
    this.#make = make
  }

  get snapshot(): ClientState {
    return (this.#snapshot ??= this.#make())
  }

  listen(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A number has changed. */
  touch(): void {
    this.#snapshot = undefined
    if (this.#listeners.size > 0) this.#cancel ??= this.#timers.after(QUIET_MS, () => this.tell())
  }

  /** Something has changed that listeners should know now. */
  tell(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#snapshot = undefined
    for (const listener of [...this.#listeners]) listener(this.snapshot)
  }
}
