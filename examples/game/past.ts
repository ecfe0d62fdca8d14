/**
 * The latest states, to draw the others from: between two that are known, never ahead of the last one by more than a
 * moment. A state that comes late or twice is put in its place or left out; nothing here depends on the order.
 */
import type { ShipState, State } from './codec.ts'
import { between } from './prediction.ts'
import { type Place, TICK_MS } from './simulation.ts'

const KEPT_TICKS = 80
/** How long a ship goes on straight when nothing has come. */
const ONWARD_TICKS = 3

export class Past {
  #states: State[] = []

  get newest(): State | undefined {
    return this.#states.at(-1)
  }

  add(state: State): void {
    if (this.#states.some(({ tick }) => tick === state.tick)) return
    this.#states.push(state)
    this.#states.sort((a, b) => a.tick - b.tick)
    const oldest = (this.newest as State).tick - KEPT_TICKS
    this.#states = this.#states.filter(({ tick }) => tick >= oldest)
  }

  /** What had happened by a tick. */
  by(tick: number): State | undefined {
    return this.#states.findLast((state) => state.tick <= tick) ?? this.#states[0]
  }

  /** Where a ship was at a moment, in ticks with fractions. */
  placeOf(ship: ShipState, tick: number): Place {
    const from = this.by(tick)
    const to = this.#states.find((state) => state.tick > tick)
    const a = from?.ships.find(({ id }) => id === ship.id)?.motion
    const b = to?.ships.find(({ id }) => id === ship.id)?.motion
    if (from === undefined || a === undefined) return ship.motion
    if (to === undefined || b === undefined) {
      const onward = (Math.max(0, Math.min(tick - from.tick, ONWARD_TICKS)) * TICK_MS) / 1_000
      return { x: a.x + a.vx * onward, y: a.y + a.vy * onward }
    }
    const part = Math.max(0, (tick - from.tick) / (to.tick - from.tick))
    return { x: between(a.x, b.x, part), y: between(a.y, b.y, part) }
  }
}
