/** How late the event loop is, measured only while somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const RESOLUTION_MS = 10
/** A measurement is of this long at least, however often it is asked for. */
const WINDOW_MS = 900
const IDLE_MS = 30_000

export class LoopDelayMeter {
  readonly #after: (ms: number, run: () => void) => () => void
  #histogram: ReturnType<typeof monitorEventLoopDelay> | undefined
  #cancel: (() => void) | undefined
  #sinceMs = 0
  #last: LoopDelay | undefined

  constructor(after: (ms: number, run: () => void) => () => void) {
    this.#after = after
  }

  /** Undefined at first: there is nothing yet. */
  read(nowMs: number): LoopDelay | undefined {
    this.#cancel?.()
    this.#cancel = this.#after(IDLE_MS, () => this.stop())
    if (this.#histogram === undefined) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
      this.#histogram.enable()
      this.#sinceMs = nowMs
    } else if (nowMs - this.#sinceMs >= WINDOW_MS) {
      const { max } = this.#histogram
      const [p50, p99] = [this.#histogram.percentile(50), this.#histogram.percentile(99)]
      // What it measures is the interval of its own timer.
      this.#last = { p50Ms: lateMs(p50), p99Ms: lateMs(p99), maxMs: lateMs(max) }
      this.#histogram.reset()
      this.#sinceMs = nowMs
    }
    return this.#last
  }

  stop(): void {
    this.#cancel?.()
    this.#histogram?.disable()
    this.#histogram = undefined
    this.#last = undefined
  }
}

const lateMs = (intervalNs: number): number => Math.max(0, intervalNs / 1e6 - RESOLUTION_MS)
