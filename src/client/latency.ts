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
  #times: number[] = []
  #next = 0
  #last: number | null = null

  add(ms: number): void {
    this.#last = ms
    this.#times[this.#next] = ms
    this.#next = (this.#next + 1) % WINDOW
  }

  read(): Latency {
    const sorted = [...this.#times].sort((a, b) => a - b)
    const at = (share: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
    return { last: this.#last, p50: at(0.5), p99: at(0.99) }
  }
}
