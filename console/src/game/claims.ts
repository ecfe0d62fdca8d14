/**
 * Dots that one's own ship has run over, before the server has said so: they are gone at once. What the server does not
 * agree with comes back. It says where dots were collected, by whomever, so that this can be shown.
 */
import type { Sight } from 'holdfast/netcode'
import {
  DOT_RADIUS,
  type Motion,
  near,
  type Place,
  SHIP_RADIUS,
  type State,
} from '../../../examples/game/simulation.ts'

/** A dot that the server still shows so many ticks later was not collected. */
const BELIEVED_TICKS = 6

interface Claim {
  readonly dot: Place
  readonly tick: number
}

export interface Dot extends Place {
  readonly gold: boolean
}

export class Claims {
  readonly #claims = new Map<number, Claim>()
  #shown: State | undefined
  #newestTick = 0

  /**
   * @param own where the own ship is drawn; undefined where it takes part in nothing.
   * @returns where dots were collected since the last call.
   */
  settle(
    { shown: { state: shown }, newest, tick: now }: Sight<State, Motion>,
    own: Place | undefined,
  ): Place[] {
    // The arena has begun anew.
    if (newest.tick < this.#newestTick) this.#claims.clear()
    this.#newestTick = newest.tick
    const collected = this.#collectedSince(shown)
    this.#shown = shown
    for (const [index, { dot, tick }] of this.#claims) {
      const denied = newest.tick > tick + BELIEVED_TICKS && same(newest.state.dots[index], dot)
      if (denied || !same(shown.dots[index], dot)) this.#claims.delete(index)
    }
    if (own === undefined || shown.winner !== undefined) return collected
    shown.dots.forEach((dot, index) => {
      if (this.#claims.has(index) || !near(own, dot, SHIP_RADIUS + DOT_RADIUS)) return
      this.#claims.set(index, { dot, tick: now })
      collected.push(dot)
    })
    return collected
  }

  /** The dots that are left to draw. */
  unclaimed({ dots }: State): Dot[] {
    return dots.flatMap((dot, index) => (this.#claims.has(index) ? [] : [{ ...dot, gold: index === 0 }]))
  }

  #collectedSince(shown: State): Place[] {
    const before = this.#shown
    // Between two rounds all of them lie elsewhere, and nobody has collected them.
    const begun = before?.winner !== undefined && shown.winner === undefined
    if (before === undefined || begun) return []
    return before.dots.filter((dot, index) => !same(dot, shown.dots[index]) && !this.#claims.has(index))
  }
}

const same = (a: Place | undefined, b: Place | undefined): boolean => a?.x === b?.x && a?.y === b?.y
