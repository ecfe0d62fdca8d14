/** Token buckets by key: so many per second, so many at once. A bucket that is full again is forgotten. */

interface Bucket {
  tokens: number
  atMs: number
}

export class RateLimit {
  readonly #buckets = new Map<string, Bucket>()
  readonly #perSecond: number
  readonly #burst: number

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /** Takes one; false when there is none. */
  take(key: string, nowMs: number): boolean {
    if (this.#perSecond === Infinity) return true
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      this.#buckets.set(key, { tokens: this.#burst - 1, atMs: nowMs })
      return this.#burst >= 1
    }
    bucket.tokens = this.#refilled(bucket, nowMs)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  sweep(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#refilled(bucket, nowMs) >= this.#burst) this.#buckets.delete(key)
    }
  }

  #refilled(bucket: Bucket, nowMs: number): number {
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1_000) * this.#perSecond
    return Math.min(this.#burst, bucket.tokens + gained)
  }
}
