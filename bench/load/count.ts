/** Counts publications on all connections together, until as many have come as are due or nothing comes any more. */
import { performance } from 'node:perf_hooks'
import { type Late, lateOf } from './lateness.ts'
import { beginSpan, type Spent } from './span.ts'
import type { Counter } from './wire.ts'

export interface Counted extends Spent, Late {
  readonly deliveries: number
  /** Reads in which publications came: of a poll, its answers. */
  readonly reads: number
}

/** One read of so many is asked how late it is. */
const SAMPLED = 16
/** Of `1700000000000.123`, the time of publishing. */
const TIME_CHARACTERS = 17
const SILENCE_MS = 400

export class Count implements Counter {
  #due = Infinity
  #deliveries = 0
  #reads = 0
  #lateMs: number[] = []
  #done = (): void => undefined

  counted(publications: number, bytes: Buffer, lastAt: number): void {
    this.#deliveries += publications
    const end = lastAt + 1 + TIME_CHARACTERS
    if (++this.#reads % SAMPLED === 0 && lastAt >= 0 && end <= bytes.length) {
      const at = Number(bytes.toString('latin1', lastAt + 1, end))
      this.#lateMs.push(performance.timeOrigin + performance.now() - at)
    }
    if (this.#deliveries >= this.#due) this.#done()
  }

  /** From now on; resolves when so many have come, or after `finish`. */
  async until(due: number): Promise<Counted> {
    this.#lateMs = []
    this.#deliveries = 0
    this.#reads = 0
    this.#due = due
    const spent = beginSpan()
    await new Promise<void>((resolve) => (this.#done = resolve))
    this.#due = Infinity
    return { deliveries: this.#deliveries, reads: this.#reads, ...spent(), ...lateOf(this.#lateMs) }
  }

  /** Nothing more is published: what has not come after a while of silence does not come. */
  finish(): void {
    const done = this.#done
    let before = -1
    const watch = setInterval(() => {
      if (done === this.#done && this.#due !== Infinity && this.#deliveries !== before) {
        before = this.#deliveries
        return
      }
      clearInterval(watch)
      done()
    }, SILENCE_MS)
  }
}
