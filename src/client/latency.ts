/**
 * How long publications take from the log to the handler, over a window of the most recent ones. A number that
 * is kept, not an average: the 99th percentile of what was seen.
 */

/** Milliseconds; null before the first publication. */
export interface Latency {
  readonly last: number | null
  readonly p50: number | null
  readonly p99: number | null
}

const WINDOW = 512

export class LatencyWindow {
  readonly #times: number[] = []

  add(ms: number): void {
    this.#times.push(ms)
    if (this.#times.length > WINDOW) this.#times.shift()
  }

  read(): Latency {
    const sorted = this.#times.toSorted((a, b) => a - b)
    const at = (share: number): number | null => sorted[Math.floor(share * sorted.length)] ?? null
    return { last: this.#times.at(-1) ?? null, p50: at(0.5), p99: at(0.99) }
  }
}
