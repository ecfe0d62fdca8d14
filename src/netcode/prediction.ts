/**
 * One's own body before the server has spoken: it moves at once, by the server's own rule, and whenever a snapshot comes
 * it starts again from there with the inputs that the server has not applied yet. It keeps no time and sends nothing.
 */
import { between, type Game, type Input, type Numbers, STILL_AFTER_MS } from './game.ts'

/** Beyond this a guess is worth nothing: the body waits for news. */
const MAX_AHEAD_MS = 2_250
/** A correction is drawn away within about this time. */
const SMOOTHING_MS = 110
const ERRORS_KEPT = 400

interface Truth<Body> {
  readonly tick: number
  readonly body: Body
}

export class Prediction<State, Body extends Numbers<Body>, Command> {
  readonly #game: Game<State, Body, Command>
  #truth: Truth<Body> | undefined
  /** The last command that the server has applied. */
  #applied: Command
  #pending: Input<Command>[] = []
  /** When the hand was last held out. */
  #heldTick = 0
  #tick = 0
  #before: Body | undefined
  #now: Body | undefined
  /** How far beside the guess it is drawn, along each axis. */
  #shift: number[]
  /** What was drawn when a tick was reached. */
  readonly #guesses = new Map<number, Body>()
  readonly #errors: number[] = []

  constructor(game: Game<State, Body, Command>) {
    this.#game = game
    this.#applied = game.still
    this.#shift = game.axes.map(() => 0)
  }

  /** The tick that the body is in. */
  get tick(): number {
    return this.#tick
  }

  /** How far off the latest guesses were, in the units of the axes. */
  get errors(): readonly number[] {
    return this.#errors
  }

  /** Inputs are noted in the order of their numbers, before their tick. */
  note(input: Input<Command>): void {
    this.#pending.push(input)
    this.#heldTick = Math.max(this.#heldTick, input.tick)
  }

  /** Goes on to a tick, telling before each that it comes. */
  advance(toTick: number, beforeTick: (tick: number) => void): void {
    const last = Math.min(toTick, (this.#truth?.tick ?? 0) + MAX_AHEAD_MS / this.#game.tickMs)
    while (this.#truth !== undefined && this.#now !== undefined && this.#tick < last) {
      beforeTick(++this.#tick)
      this.#before = this.#now
      this.#now = this.#game.step(this.#now, this.#commandIn(this.#tick, this.#truth))
      this.#guesses.set(this.#tick, this.#now)
    }
  }

  /** The server has spoken: what the body was in a tick, and which input was the last to be applied. */
  correct(tick: number, body: Body, seq: number): void {
    this.#judge(tick, body)
    const applied = this.#pending.findLast((input) => input.seq <= seq)
    if (applied !== undefined) this.#applied = applied.command
    this.#pending = this.#pending.filter((input) => input.seq > seq)
    const drawn = this.#now
    const truth = (this.#truth = { tick, body })
    this.#tick = Math.max(this.#tick, tick)
    this.#before = this.#now = body
    for (let t = tick + 1; t <= this.#tick; t++) {
      this.#before = this.#now
      this.#now = this.#game.step(this.#now, this.#commandIn(t, truth))
    }
    if (drawn !== undefined) this.#smooth(drawn, this.#now)
  }

  /** As it is drawn, between two ticks. */
  at(tick: number, elapsedMs: number): Body | undefined {
    if (this.#before === undefined || this.#now === undefined) return undefined
    const left = Math.exp(-elapsedMs / SMOOTHING_MS)
    this.#shift = this.#shift.map((along) => along * left)
    const part = Math.max(0, Math.min(1, tick - (this.#tick - 1)))
    const body = { ...between(this.#before, this.#now, part) } as Record<keyof Body, number>
    this.#game.axes.forEach((axis, index) => (body[axis] += this.#shift[index] as number))
    return body as Body
  }

  /** An input that was meant for a tick that is over without it can come in the next one at the soonest. */
  #commandIn(tick: number, truth: Truth<Body>): Command {
    if ((tick - this.#heldTick) * this.#game.tickMs > STILL_AFTER_MS) return this.#game.still
    const inForce = this.#pending.findLast((input) => Math.max(input.tick, truth.tick + 1) <= tick)
    return inForce?.command ?? this.#applied
  }

  #judge(tick: number, body: Body): void {
    const guess = this.#guesses.get(tick)
    for (const old of this.#guesses.keys()) if (old <= tick) this.#guesses.delete(old)
    if (guess === undefined) return
    this.#errors.push(Math.hypot(...this.#game.axes.map((axis) => guess[axis] - body[axis])))
    if (this.#errors.length > ERRORS_KEPT) this.#errors.shift()
  }

  #smooth(drawn: Body, corrected: Body): void {
    const { axes, leap } = this.#game
    const shift = axes.map((axis, index) => (this.#shift[index] as number) + drawn[axis] - corrected[axis])
    this.#shift = Math.hypot(...shift) > leap ? axes.map(() => 0) : shift
  }
}
