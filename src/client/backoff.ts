/**
 * How long to wait before the next attempt: full jitter, a random time up to a bound that doubles. It is reset
 * only by who knows that all has been well for a while, not by a connection that merely opened.
 */

import type { Timers } from './timers.ts'

/** Milliseconds. */
export interface BackoffBounds {
  readonly minMs: number
  readonly maxMs: number
}

export class Backoff {
  readonly #bounds: BackoffBounds
  readonly #timers: Pick<Timers, 'random'>
  #attempts = 0

  constructor(bounds: BackoffBounds, timers: Pick<Timers, 'random'>) {
    this.#bounds = bounds
    this.#timers = timers
  }

  /** Milliseconds to wait. */
  next(): number {
    const { minMs, maxMs } = this.#bounds
    return Math.round(this.#timers.random() * Math.min(maxMs, minMs * 2 ** this.#attempts++))
  }

  reset(): void {
    this.#attempts = 0
  }
}
