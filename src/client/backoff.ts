/**
 * How long to wait before the next attempt: full jitter, a random time up to a bound that doubles. It is reset
 * only by who knows that all has been well for a while, not by a connection that merely opened.
 */

/** Milliseconds. */
export interface BackoffBounds {
  readonly minMs: number
  readonly maxMs: number
}

export class Backoff {
  readonly #bounds: BackoffBounds
  readonly #random: () => number
  #attempts = 0

  /** @param random in [0, 1). */
  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds
    this.#random = random
  }

  /** Milliseconds to wait. */
  next(): number {
    const { minMs, maxMs } = this.#bounds
    return Math.round(this.#random() * Math.min(maxMs, minMs * 2 ** this.#attempts++))
  }

  reset(): void {
    this.#attempts = 0
  }
}
