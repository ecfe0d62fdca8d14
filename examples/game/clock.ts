/**
 * Where the game stands by this machine's clock, in ticks with fractions: one's own ship is drawn as far ahead of what
 * is heard as its inputs need to be in time, the others as far behind as news was late.
 */
import { TICK_MS } from './simulation.ts'

export interface Clock {
  /** The state of a tick is here. */
  arrived(tick: number, nowMs: number): void
  /** An input was applied, so early; `sent` is the last one so far. */
  applied(seq: number, early: number, sent: number): void
  /** There is no connection: what comes next says nothing of how long news takes. */
  interrupted(): void
  /** Where one's own ship is, and where the others are drawn. */
  at(nowMs: number): { readonly own: number; readonly others: number } | undefined
}

const MAX_TICKS = 30
const MARGIN_TICKS = 0.6
const TOO_EARLY = 6
/** How fast old measurements are forgotten, with each state. */
const FORGET_MS = 0.5
const FORGET_TICKS = 0.02

export class PlainClock implements Clock {
  /** When tick 0 would have been heard of, had it travelled as fast as the fastest of late. */
  #startMs = Infinity
  #newest: number | undefined
  #delay = 2
  #lead = 3
  /** Inputs up to this one were meant for the lead as it was before. */
  #settledAfter = 0

  arrived(tick: number, nowMs: number): void {
    this.#startMs = Math.min(this.#startMs + FORGET_MS, nowMs - tick * TICK_MS)
    const waited = (nowMs - this.#startMs) / TICK_MS - (this.#newest ?? tick)
    this.#delay = Math.min(MAX_TICKS, Math.max(waited + MARGIN_TICKS, this.#delay - FORGET_TICKS))
    this.#newest = tick
  }

  applied(seq: number, early: number, sent: number): void {
    if (seq <= this.#settledAfter || (early > 0 && early < TOO_EARLY)) return
    this.#lead = Math.max(1, Math.min(MAX_TICKS, this.#lead + (early > 0 ? -1 : 1 - early)))
    this.#settledAfter = sent
  }

  interrupted(): void {
    this.#newest = undefined
  }

  at(nowMs: number): { readonly own: number; readonly others: number } | undefined {
    if (this.#startMs === Infinity) return undefined
    const heard = (nowMs - this.#startMs) / TICK_MS
    return { own: heard + this.#lead, others: heard - this.#delay }
  }
}
