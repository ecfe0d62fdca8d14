/** Token buckets by key. One that is full again is forgotten. */
import { type Rate, TokenBucket } from '../transport/index.ts'

export class RateLimit {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #rate: Rate

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Takes one; false when there is none. */
  take(key: string, nowMs: number): boolean {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, nowMs)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(nowMs)
  }

  /** Whether the next one would not be had. */
  empty(key: string, nowMs: number): boolean {
    return this.#buckets.get(key)?.empty(nowMs) ?? false
  }

  sweep(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.full(nowMs)) this.#buckets.delete(key)
  }
}
