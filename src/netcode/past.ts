/**
 * The latest snapshots, to draw the others from: between two that are known, never ahead of the last one by more than a
 * moment. One that comes late or twice is put in its place or left out; nothing here depends on the order.
 */
import { between, type Game, type Numbers, type Snapshot } from './game.ts'

const KEPT_MS = 4_000
/** How long a body goes on straight when nothing has come. */
const ONWARD_MS = 150

interface Known<Body> {
  readonly index: number
  readonly tick: number
  readonly body: Body
}

export class Past<State, Body extends Numbers<Body>, Command> {
  readonly #game: Game<State, Body, Command>
  #snapshots: Snapshot<State>[] = []

  constructor(game: Game<State, Body, Command>) {
    this.#game = game
  }

  get newest(): Snapshot<State> | undefined {
    return this.#snapshots.at(-1)
  }

  add(snapshot: Snapshot<State>): void {
    if (this.#snapshots.some(({ tick }) => tick === snapshot.tick)) return
    this.#snapshots.push(snapshot)
    this.#snapshots.sort((a, b) => a.tick - b.tick)
    const newest = this.#snapshots.at(-1) as Snapshot<State>
    const oldest = newest.tick - KEPT_MS / this.#game.tickMs
    this.#snapshots = this.#snapshots.filter(({ tick }) => tick >= oldest)
  }

  /** What had happened by a tick; the oldest that is known for one before all. */
  by(tick: number): Snapshot<State> | undefined {
    return this.#snapshots.findLast((snapshot) => snapshot.tick <= tick) ?? this.#snapshots[0]
  }

  /** A body at a moment, in ticks with fractions; as it was when it had just come, for a moment before. */
  bodyAt(player: number, tick: number): Body | undefined {
    const next = this.#snapshots.findIndex((snapshot) => snapshot.tick > tick)
    const ahead = next === -1 ? undefined : this.#known(player, next, 1)
    const to = ahead ?? this.#known(player, this.#snapshots.length - 1, -1)
    const from = to && this.#known(player, to.index - 1, -1)
    if (to === undefined || from === undefined) return to?.body
    const until = Math.min(tick, to.tick + ONWARD_MS / this.#game.tickMs)
    return between(from.body, to.body, (until - from.tick) / (to.tick - from.tick))
  }

  /** The first snapshot, from one on in a direction, in which a player has a body. */
  #known(player: number, index: number, by: 1 | -1): Known<Body> | undefined {
    for (let at = index; ; at += by) {
      const snapshot = this.#snapshots[at]
      if (snapshot === undefined) return undefined
      const body = this.#game.bodyOf(snapshot.state, player)
      if (body !== undefined) return { index: at, tick: snapshot.tick, body }
    }
  }
}
