/** So many per second, so many at once. It holds no clock: whoever takes says what time it is. */

export interface Rate {
  readonly perSecond: number
  /** How many may come at once. */
  readonly burst: number
}

export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #atMs: number

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#atMs = nowMs
  }

  /** Takes one; false when there is none. */
  take(nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Whether there is none to take. */
  empty(nowMs: number): boolean {
    this.#refill(nowMs)
    return this.#tokens < 1
  }

  /** Whether nothing is missing from it, so that a new one would be the same. */
  full(nowMs: number): boolean {
    this.#refill(nowMs)
    return this.#tokens >= this.#rate.burst
  }

  #refill(nowMs: number): void {
    const { perSecond, burst } = this.#rate
    // A clock that was set back refills nothing, and loses nothing.
    const gained = (Math.max(0, nowMs - this.#atMs) / 1_000) * perSecond
    this.#tokens = Math.min(burst, this.#tokens + gained)
    this.#atMs = nowMs
  }
}
