/**
 * When to publish: a schedule that is fixed beforehand, so that several processes keep the same one without talking,
 * and that one which falls behind catches up. It publishes nothing itself.
 */
import { nowMicros } from './machine-clock.ts'

export interface Pace {
  readonly perSecond: number
  readonly payloadBytes: number
  /** Microseconds by the machine's clock. */
  readonly startMicros: number
  /** Publications, counted from the first of the process. */
  readonly until: number
}

/** More than this at once would be a burst that no schedule meant. */
const MOST_AT_ONCE = 200

export class PaceKeeper {
  readonly #publish: (n: number, pace: Pace) => void
  #published = 0
  #timer: NodeJS.Timeout | undefined

  /** @param publish called with each number in turn. */
  constructor(publish: (n: number, pace: Pace) => void) {
    this.#publish = publish
  }

  get published(): number {
    return this.#published
  }

  /** Keeps this pace from here on, instead of the one before. */
  keep(pace: Pace): void {
    clearTimeout(this.#timer)
    this.#run(pace, this.#published)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #run(pace: Pace, before: number): void {
    const intervalMicros = 1e6 / pace.perSecond
    const elapsed = nowMicros() - pace.startMicros
    const due = Math.min(pace.until, before + Math.floor(elapsed / intervalMicros) + 1)
    for (let left = MOST_AT_ONCE; this.#published < due && left > 0; left--)
      this.#publish(++this.#published, pace)
    if (this.#published >= pace.until) return
    const nextMicros = pace.startMicros + (this.#published - before) * intervalMicros
    const waitMs = Math.max(1, (nextMicros - nowMicros()) / 1_000)
    this.#timer = setTimeout(() => this.#run(pace, before), waitMs)
  }
}
