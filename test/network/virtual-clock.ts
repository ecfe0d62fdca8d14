/** A clock for tests, which stands still until it is told to go on. */
import type { NetworkClock } from 'holdfast/network'

interface Timer {
  readonly atMs: number
  readonly run: () => void
}

export class VirtualClock implements NetworkClock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#nowMs
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Runs what is due on the way, in its order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = next.atMs
      next.run()
    }
    this.#nowMs = untilMs
  }
}
