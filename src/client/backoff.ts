/**
 * How long to wait before the next attempt: full jitter, a random time up to a bound that doubles. It is reset
 * only by who knows that all has been well for a while, not by a connection that merely opened.
 */

export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
  /** In [0, 1). */
  readonly random: () => number
}

export class Backoff {
  readonly #options: BackoffOptions
  #attempts = 0

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Milliseconds to wait. */
  next(): number {
    const { minMs, maxMs, random } = this.#options
    return Math.round(random() * Math.min(maxMs, minMs * 2 ** this.#attempts++))
  }

  reset(): void {
    this.#attempts = 0
  }
}
