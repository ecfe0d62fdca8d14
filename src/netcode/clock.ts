/**
 * Where the game stands by this machine's clock. It learns from when snapshots came, and from how early the server says
 * that inputs were: one's own body is drawn as far ahead of what has been heard as its inputs need to be in time, the
 * others as far behind as the longest wait for news. Both follow what is measured, by running a little faster or
 * slower, never by a leap that could be seen.
 */

/** What was measured longer ago says nothing of now. */
const WINDOW_MS = 4_000
/** More is not made up for: the server takes no input from further ahead, and nobody wants to see older news. */
const MAX_LEAD_MS = 1_500
const MAX_DELAY_MS = 2_000
/** The least by which inputs should be early, in ticks. A few more do no harm; many make the future guesswork. */
const EARLY = 1
const TOO_EARLY = 4
/** As many in a row have to be too early before anything is changed. */
const PATIENCE = 8
const MARGIN_TICKS = 0.6

interface Sample {
  readonly atMs: number
  readonly value: number
}

/** The most extreme of the latest samples. */
class Extreme {
  readonly #samples: Sample[] = []
  readonly #pick: (...values: number[]) => number

  constructor(pick: (...values: number[]) => number) {
    this.#pick = pick
  }

  add(value: number, atMs: number): number {
    this.#samples.push({ atMs, value })
    while (atMs - (this.#samples[0]?.atMs ?? atMs) > WINDOW_MS) this.#samples.shift()
    return this.#pick(...this.#samples.map((sample) => sample.value))
  }
}

/** A moment, in ticks, that follows another one smoothly, and never goes back. */
class Pace {
  readonly #tickMs: number
  #at: { value: number; nowMs: number } | undefined

  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  follow(target: number, nowMs: number): number {
    const passed = this.#at === undefined ? 0 : (nowMs - this.#at.nowMs) / this.#tickMs
    const value = (this.#at?.value ?? target) + passed
    const off = target - value
    // Far off: there was a break, and nothing to be smooth about.
    if (Math.abs(off) * this.#tickMs > MAX_DELAY_MS) this.#at = { value: target, nowMs }
    else this.#at = { value: value + passed * Math.max(-0.5, Math.min(0.5, off * 0.2)), nowMs }
    return this.#at.value
  }
}

export class Clock {
  readonly #tickMs: number
  readonly #fastest = new Extreme(Math.min)
  readonly #longest = new Extreme(Math.max)
  readonly #ahead: Pace
  readonly #behind: Pace
  /** When tick 0 would have been heard of, had it travelled as fast as the fastest. */
  #startMs: number | undefined
  #newest: number | undefined
  #delayTicks = 2
  #leadTicks = 3
  /** Inputs up to this one were meant for the lead as it was before. */
  #settledAfter = 0
  /** How early inputs were, as long as all of them were too early. */
  #tooEarly: number[] = []

  constructor(tickMs: number) {
    this.#tickMs = tickMs
    this.#ahead = new Pace(tickMs)
    this.#behind = new Pace(tickMs)
  }

  /** How far ahead of what is heard one's own body is. */
  get leadMs(): number {
    return this.#leadTicks * this.#tickMs
  }

  /** How long ago what is drawn of the others was, as seen from one's own body. */
  get latenessMs(): number {
    return (this.#delayTicks + this.#leadTicks) * this.#tickMs
  }

  /** The snapshot of a tick is here. */
  arrived(tick: number, nowMs: number): void {
    this.#startMs = this.#fastest.add(nowMs - tick * this.#tickMs, nowMs)
    if (this.#newest !== undefined && tick > this.#newest) {
      const waited = (nowMs - this.#startMs) / this.#tickMs - this.#newest
      const longest = this.#longest.add(waited, nowMs)
      this.#delayTicks = Math.min(longest + MARGIN_TICKS, MAX_DELAY_MS / this.#tickMs)
    }
    this.#newest = Math.max(this.#newest ?? tick, tick)
  }

  /** Nothing will come for a while, for reasons that say nothing about the way. */
  interrupted(): void {
    this.#newest = undefined
  }

  /** @param seq of an input that was applied, @param early as the server says, @param sent the last one so far. */
  applied(seq: number, early: number, sent: number): void {
    if (seq <= this.#settledAfter) return
    this.#tooEarly = early > TOO_EARLY ? [...this.#tooEarly, early] : []
    const room = this.#tooEarly.length >= PATIENCE ? Math.min(...this.#tooEarly) - EARLY : 0
    const change = early < EARLY ? Math.min(EARLY - early, TOO_EARLY) : -Math.ceil(room / 2)
    if (change === 0) return
    this.#leadTicks = Math.max(1, Math.min(MAX_LEAD_MS / this.#tickMs, this.#leadTicks + change))
    this.#settledAfter = sent
    this.#tooEarly = []
  }

  /** Ticks, with fractions: where one's own body is now, and where the others are drawn. */
  at(nowMs: number): { readonly own: number; readonly others: number } | undefined {
    if (this.#startMs === undefined) return undefined
    const heard = (nowMs - this.#startMs) / this.#tickMs
    return {
      own: this.#ahead.follow(heard + this.#leadTicks, nowMs),
      others: this.#behind.follow(heard - this.#delayTicks, nowMs),
    }
  }
}
