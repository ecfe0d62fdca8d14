/**
 * One player's inputs on the server, between the network and the ship. Whatever is in them, it does to the ship only
 * what a hand can do: each input is applied once, in the order of its number, in the tick that its sender has meant or
 * in the next one where that is over, never in the past and never far ahead.
 */
import type { Input } from './codec.ts'
import { STILL, STILL_AFTER_TICKS, type Steering } from './simulation.ts'

/** How far ahead an input may be meant, in ticks: a client that runs ahead of the server by two seconds is none. */
const MAX_AHEAD = 40
const MAX_WAITING = 64
/** A ship whose hand has not been heard of for so many ticks is left alone. */
const AWAY_AFTER_TICKS = 60

interface Waiting {
  readonly input: Input
  readonly dueTick: number
  readonly early: number
}

export class Helm {
  steering: Steering = STILL
  /** Of the input that was applied last: its number, and how many ticks before it was due it came. */
  seq = 0
  early = 0
  /** Numbers that were left out. */
  missed = 0
  #waiting: Waiting[] = []
  #accepted = 0
  #dueTick = 0
  #heardTick: number

  constructor(tick: number) {
    this.#heardTick = tick
  }

  /** @param tick the last one that is over. */
  take(input: Input, tick: number): void {
    if (input.seq <= this.#accepted || this.#waiting.length >= MAX_WAITING) return
    // An arena may have begun anew, and knows nothing of the numbers before.
    if (this.#accepted > 0) this.missed += input.seq - this.#accepted - 1
    this.#accepted = input.seq
    this.#heardTick = tick
    const next = tick + 1
    this.#dueTick = Math.max(this.#dueTick, Math.min(Math.max(input.tick, next), next + MAX_AHEAD))
    this.#waiting.push({ input, dueTick: this.#dueTick, early: input.tick - next })
  }

  /** What the ship is told in `tick`. */
  steer(tick: number): Steering {
    for (let first = this.#waiting[0]; first && first.dueTick <= tick; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.steering = first.input.steering
      this.seq = first.input.seq
      this.early = first.early
    }
    return tick - this.#heardTick > STILL_AFTER_TICKS ? STILL : this.steering
  }

  away(tick: number): boolean {
    return tick - this.#heardTick > AWAY_AFTER_TICKS
  }
}
