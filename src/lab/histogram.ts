/**
 * Times, counted in buckets that are 3 % wide: percentiles over any number of them, in a few hundred numbers that
 * can be sent to another process and added up there.
 */

const STEPS_PER_DOUBLING = 24
/** The lowest bucket ends here. */
const LEAST_MICROS = 10

export interface Percentiles {
  /** Milliseconds; null before the first. */
  readonly p50: number | null
  readonly p99: number | null
}

export class Histogram {
  readonly #counts: number[]
  #total = 0

  constructor(counts: readonly number[] = []) {
    this.#counts = [...counts]
    for (const count of counts) this.#total += count ?? 0
  }

  get total(): number {
    return this.#total
  }

  add(micros: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log2(micros / LEAST_MICROS) * STEPS_PER_DOUBLING))
    const index = Number.isFinite(bucket) ? bucket : 0
    while (this.#counts.length <= index) this.#counts.push(0)
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#total++
  }

  /** The counts, as the constructor takes them. */
  toJSON(): readonly number[] {
    return this.#counts
  }

  /** Milliseconds, the middle of the bucket; null when there is none. @param share in (0, 1]. */
  at(share: number): number | null {
    let left = Math.ceil(share * this.#total)
    if (left === 0) return null
    const index = this.#counts.findIndex((count) => (left -= count) <= 0)
    return (LEAST_MICROS * 2 ** ((index - 0.5) / STEPS_PER_DOUBLING)) / 1_000
  }

  percentiles(): Percentiles {
    return { p50: this.at(0.5), p99: this.at(0.99) }
  }
}
