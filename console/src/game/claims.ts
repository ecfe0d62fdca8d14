/**
 * Dots that one's own ship has run over, before the server has said so: they are gone at once. What the server does not
 * agree with comes back. It says where dots were collected, by whomever, so that this can be shown.
 */
import type { State } from '../../../examples/game/codec.ts'
import { DOT_RADIUS, near, type Place, SHIP_RADIUS } from '../../../examples/game/simulation.ts'

/** A dot that the server still shows so many ticks later was not collected. */
const BELIEVED_TICKS = 6

interface Claim {
  readonly dot: Place
  readonly tick: number
}

export class Claims {
  readonly #claims = new Map<number, Claim>()
  #shown: State | undefined

  /**
   * @param shown the state whose dots are drawn, @param newest the last one that is known.
   * @param own where the own ship is drawn, and the tick that this is in; undefined where it takes part in nothing.
   * @returns where dots were collected since the last call.
   */
  settle(shown: State, newest: State, own: (Place & { readonly tick: number }) | undefined): Place[] {
    const collected = this.#collectedSince(shown)
    this.#shown = shown
    for (const [index, { dot, tick }] of this.#claims) {
      const denied = newest.tick > tick + BELIEVED_TICKS && same(newest.dots[index], dot)
      if (denied || !same(shown.dots[index], dot)) this.#claims.delete(index)
    }
    if (own === undefined || shown.winner !== undefined) return collected
    shown.dots.forEach((dot, index) => {
      if (this.#claims.has(index) || !near(own, dot, SHIP_RADIUS + DOT_RADIUS)) return
      this.#claims.set(index, { dot, tick: own.tick })
      collected.push(dot)
    })
    return collected
  }

  /** The dots that are left to draw. */
  unclaimed({ dots }: State): Place[] {
    return dots.filter((_, index) => !this.#claims.has(index))
  }

  #collectedSince(shown: State): Place[] {
    const before = this.#shown
    if (before === undefined || before.round !== shown.round) return []
    return before.dots.filter((dot, index) => !same(dot, shown.dots[index]) && !this.#claims.has(index))
  }
}

const same = (a: Place | undefined, b: Place | undefined): boolean => a?.x === b?.x && a?.y === b?.y
