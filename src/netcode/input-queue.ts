/**
 * One player's inputs on the server, between the network and the body. Whatever is in them, it does only what a hand
 * can do: each input is applied once, in the order of its number, in the tick that its sender has meant or in the next
 * one where that is over, never in the past and never far ahead.
 */
import { type Heard, type Input, STILL_AFTER_MS } from './game.ts'

/** How far ahead an input may be meant: a client that runs ahead of the server by two seconds is none. */
const MAX_AHEAD_MS = 2_000
const MAX_WAITING = 64

interface Waiting<Command> {
  readonly input: Input<Command>
  readonly dueTick: number
  readonly early: number
}

export class InputQueue<Command> {
  readonly #still: Command
  readonly #tickMs: number
  #command: Command
  #seq = 0
  #early = 0
  #missed = 0
  #waiting: Waiting<Command>[] = []
  #accepted = 0
  #dueTick = 0
  #heardTick: number

  /** @param tick the last one that is over. */
  constructor({ still, tickMs }: { readonly still: Command; readonly tickMs: number }, tick: number) {
    this.#still = this.#command = still
    this.#tickMs = tickMs
    this.#heardTick = tick
  }

  get heard(): Heard {
    return { seq: this.#seq, early: this.#early, missed: this.#missed }
  }

  /** How long nothing has been heard, in a tick. */
  silentMs(tick: number): number {
    return (tick - this.#heardTick) * this.#tickMs
  }

  /** @param tick the last one that is over. */
  take(input: Input<Command>, tick: number): void {
    if (input.seq <= this.#accepted || this.#waiting.length >= MAX_WAITING) return
    // The game may have begun anew, and knows nothing of the numbers before.
    if (this.#accepted > 0) this.#missed += input.seq - this.#accepted - 1
    this.#accepted = input.seq
    this.#heardTick = tick
    const next = tick + 1
    const last = next + Math.ceil(MAX_AHEAD_MS / this.#tickMs)
    this.#dueTick = Math.max(this.#dueTick, Math.min(Math.max(input.tick, next), last))
    this.#waiting.push({ input, dueTick: this.#dueTick, early: input.tick - next })
  }

  /** What the hand does in a tick; ticks come one after the other. */
  commandAt(tick: number): Command {
    for (let first = this.#waiting[0]; first && first.dueTick <= tick; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#command = first.input.command
      this.#seq = first.input.seq
      this.#early = first.early
    }
    return this.silentMs(tick) > STILL_AFTER_MS ? this.#still : this.#command
  }
}
