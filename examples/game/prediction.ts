/**
 * One's own ship before the server has spoken: it moves at once, by the server's own rule, and whenever a state comes
 * it starts again from there with the inputs that the server has not applied yet. It keeps no time and sends nothing.
 */
import type { Input, ShipState } from './codec.ts'
import { type Motion, move, type Place, STILL, STILL_AFTER_TICKS, type Steering } from './simulation.ts'

/** Beyond this a guess is worth nothing: the ship waits for news. */
const MAX_AHEAD_TICKS = 45
/** A correction is drawn away within about this time, unless it is so large that a leap is kinder. */
const SMOOTHING_MS = 110
const LEAP = 260
const ERRORS_KEPT = 400

interface Truth {
  readonly tick: number
  readonly motion: Motion
  readonly topSpeed: number
}

export class Prediction {
  #truth: Truth | undefined
  /** What the ship was told last of what the server has applied. */
  #applied: Steering = STILL
  #pending: Input[] = []
  /** When the hand was last held out. */
  #heldTick = 0
  #tick = 0
  #before: Motion | undefined
  #now: Motion | undefined
  #shift: Place = { x: 0, y: 0 }
  /** Where the ship was drawn when a tick was reached. */
  readonly #guesses = new Map<number, Motion>()
  /** How far off the latest guesses were, in units. */
  readonly errors: number[] = []

  /** The tick that the ship is in. */
  get tick(): number {
    return this.#tick
  }

  /** Inputs are noted in the order of their numbers, before their tick. */
  note(input: Input): void {
    this.#pending.push(input)
    this.#heldTick = Math.max(this.#heldTick, input.tick)
  }

  /** Goes on to a tick, asking before each what the hand does. */
  advance(toTick: number, beforeTick: (tick: number) => void): void {
    const last = Math.min(toTick, (this.#truth?.tick ?? 0) + MAX_AHEAD_TICKS)
    while (this.#truth !== undefined && this.#now !== undefined && this.#tick < last) {
      beforeTick(++this.#tick)
      this.#before = this.#now
      this.#now = move(this.#now, this.#steeringIn(this.#tick, this.#truth), this.#truth.topSpeed)
      this.#guesses.set(this.#tick, this.#now)
    }
  }

  /** The server has spoken. */
  correct(tick: number, { motion, seq }: ShipState, topSpeed: number): void {
    this.#judge(tick, motion)
    const applied = this.#pending.findLast((input) => input.seq <= seq)
    if (applied !== undefined) this.#applied = applied.steering
    this.#pending = this.#pending.filter((input) => input.seq > seq)
    const drawn = this.#now
    const truth = { tick, motion, topSpeed }
    this.#truth = truth
    this.#tick = Math.max(this.#tick, tick)
    this.#before = this.#now = motion
    for (let t = tick + 1; t <= this.#tick; t++) {
      this.#before = this.#now
      this.#now = move(this.#now, this.#steeringIn(t, truth), topSpeed)
    }
    if (drawn !== undefined) this.#smooth(drawn, this.#now)
  }

  /** Where it is drawn, between two ticks. */
  at(tick: number, elapsedMs: number): Place | undefined {
    if (this.#before === undefined || this.#now === undefined) return undefined
    const part = Math.max(0, Math.min(1, tick - (this.#tick - 1)))
    const left = Math.exp(-elapsedMs / SMOOTHING_MS)
    this.#shift = { x: this.#shift.x * left, y: this.#shift.y * left }
    return {
      x: between(this.#before.x, this.#now.x, part) + this.#shift.x,
      y: between(this.#before.y, this.#now.y, part) + this.#shift.y,
    }
  }

  /** An input that was meant for a tick that is over without it can come in the next one at the soonest. */
  #steeringIn(tick: number, truth: Truth): Steering {
    if (tick - this.#heldTick > STILL_AFTER_TICKS) return STILL
    const inForce = this.#pending.findLast((input) => Math.max(input.tick, truth.tick + 1) <= tick)
    return inForce?.steering ?? this.#applied
  }

  #judge(tick: number, { x, y }: Motion): void {
    const guess = this.#guesses.get(tick)
    for (const old of this.#guesses.keys()) if (old <= tick) this.#guesses.delete(old)
    if (guess === undefined) return
    this.errors.push(Math.hypot(guess.x - x, guess.y - y))
    if (this.errors.length > ERRORS_KEPT) this.errors.shift()
  }

  #smooth(drawn: Place, corrected: Place): void {
    const shift = { x: this.#shift.x + drawn.x - corrected.x, y: this.#shift.y + drawn.y - corrected.y }
    this.#shift = Math.hypot(shift.x, shift.y) > LEAP ? { x: 0, y: 0 } : shift
  }
}

export const between = (a: number, b: number, part: number): number => a + (b - a) * part
