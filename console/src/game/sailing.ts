/**
 * The example's voyage, as the page needs it: by a clock that never leaps, with dots that are gone at once, with names
 * and all that fades, and with standings to read a few times a second.
 */
import type { Entrant } from '../../../examples/game/arena.ts'
import type { ShipState, State } from '../../../examples/game/codec.ts'
import type { Place, Steering } from '../../../examples/game/simulation.ts'
import { Voyage } from '../../../examples/game/voyage.ts'
import { Claims } from './claims.ts'
import { type GuessError, errorOf } from './guess-error.ts'
import { Timeline } from './timeline.ts'

const TELL_EVERY_MS = 250

export interface Sailor extends Entrant {
  readonly id: number
  readonly own: boolean
  readonly bot: boolean
  readonly away: boolean
  readonly crowned: boolean
}

export interface DrawnShip extends Sailor, Place {}

export interface Frame {
  readonly ships: readonly DrawnShip[]
  readonly own: DrawnShip | undefined
  readonly dots: readonly Place[]
  /** Where the crown lies. */
  readonly crown: Place | undefined
  /** Where dots were collected since the last frame. */
  readonly collected: readonly Place[]
}

export interface Standing extends Sailor, Place {
  readonly score: number
}

/** What there is to read of the game. */
export interface Standings {
  readonly tick: number
  readonly round: number
  readonly winner: Standing | undefined
  /** The best first. */
  readonly ships: readonly Standing[]
  readonly own: Standing | undefined
  readonly latenessMs: number
  readonly leadMs: number
  readonly error: GuessError
  readonly inputs: { readonly sent: number; readonly applied: number; readonly missed: number }
}

export class Sailing extends Voyage {
  readonly #listeners = new Set<() => void>()
  // Both are made in `begin`, which the constructor above calls: a field of their own would empty them again.
  declare clock: Timeline
  declare claims: Claims
  #toldMs = 0
  #standings: Standings | undefined

  /** A new object a few times a second; undefined before the first state. */
  get standings(): Standings | undefined {
    return this.#standings
  }

  /** Calls `listener` whenever there are other standings; returns what ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What to draw now. @param hand what the player's hand does. */
  frame(nowMs: number, hand: Steering): Frame | undefined {
    const seen = this.see(nowMs, hand)
    if (seen === undefined) return undefined
    const { newest, shown } = seen
    const ships = Array.from(seen.places, ([ship, place]) => ({
      ...this.#sailor(ship, newest, seen.own),
      ...place,
    }))
    const own = ships.find((ship) => ship.own)
    const hungry = own && !own.away ? { ...own, tick: this.prediction.tick } : undefined
    const collected = this.claims.settle(shown, newest, hungry)
    const crown = newest.crown.holder === undefined ? newest.crown.at : undefined
    return { ships, own, dots: this.claims.unclaimed(shown), crown, collected }
  }

  protected override newClock(): Timeline {
    return new Timeline()
  }

  protected override begin(): void {
    super.begin()
    this.claims = new Claims()
  }

  protected override arrived(state: State, nowMs: number): void {
    super.arrived(state, nowMs)
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return
    this.#toldMs = nowMs
    this.#standings = this.#standingsOf(this.past.newest ?? state)
    for (const listener of this.#listeners) listener()
  }

  #sailor({ id, bot, away }: ShipState, state: State, own: ShipState | undefined): Sailor {
    const { member, name = '' } = this.roster.get(id) ?? {}
    return { id, member, name, bot, away, own: id === own?.id, crowned: state.crown.holder === id }
  }

  #standingsOf(state: State): Standings {
    const self = this.own(state)
    const ships = state.ships
      .map((ship): Standing => {
        const { x, y } = ship.motion
        return { ...this.#sailor(ship, state, self), x, y, score: ship.score }
      })
      .sort((a, b) => b.score - a.score || a.id - b.id)
    const { tick, round, winner } = state
    const { latenessMs, leadMs } = this.clock
    const inputs = { sent: this.sent.seq, applied: self?.seq ?? 0, missed: self?.missed ?? 0 }
    return {
      tick,
      round,
      winner: ships.find(({ id }) => id === winner),
      ships,
      own: ships.find(({ own }) => own),
      latenessMs,
      leadMs,
      error: errorOf(this.prediction.errors),
      inputs,
    }
  }
}
