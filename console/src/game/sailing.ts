/**
 * Somebody's way through an arena: present in it, a player of the example's game, with names, with dots that are gone at
 * once, and with standings to read a few times a second.
 */
import type { Client, Subscription } from 'holdfast'
import { Player, type Sight } from 'holdfast/netcode'
import type { Entrant } from '../../../examples/game/arena.ts'
import { game } from '../../../examples/game/game-rules.ts'
import type { Motion, Place, Ship, State, Steering } from '../../../examples/game/simulation.ts'
import { Claims, type Dot } from './claims.ts'
import { type GuessError, errorOf } from './guess-error.ts'

const TELL_EVERY_MS = 250

export interface Sailor {
  readonly id: number
  readonly name: string
  readonly own: boolean
  readonly bot: boolean
  readonly away: boolean
}

export interface DrawnShip extends Sailor, Place {}

export interface Frame {
  readonly ships: readonly DrawnShip[]
  readonly own: DrawnShip | undefined
  readonly dots: readonly Dot[]
  /** Where dots were collected since the last frame. */
  readonly collected: readonly Place[]
}

export interface Standing extends Sailor, Place {
  readonly score: number
}

/** What there is to read of the game. */
export interface Standings {
  readonly tick: number
  readonly winner: Standing | undefined
  /** The best first. */
  readonly ships: readonly Standing[]
  readonly own: Standing | undefined
  readonly latenessMs: number
  readonly leadMs: number
  readonly error: GuessError
  readonly inputs: { readonly sent: number; readonly applied: number; readonly missed: number }
}

export class Sailing {
  readonly player: Player<State, Motion, Steering>
  /** By the number of the ship. */
  readonly roster = new Map<number, Entrant>()
  readonly #client: Client
  readonly #channel: string
  readonly #names: Subscription
  readonly #listeners = new Set<() => void>()
  readonly #claims = new Claims()
  #toldMs = 0
  #standings: Standings | undefined

  constructor(client: Client, arena: string) {
    this.#client = client
    this.#channel = `game/${arena}`
    this.#names = client
      .channel<Entrant | null>(`${this.#channel}/roster`)
      .subscribe({ from: 'start', conflate: true, onGap: () => this.roster.clear() }, ({ key, data }) => {
        if (data === null) this.roster.delete(Number(key))
        else this.roster.set(Number(key), data)
      })
    this.player = new Player(client, game, {
      states: `${this.#channel}/state`,
      inputs: `${this.#channel}/input`,
      player: () => this.own,
    })
    this.player.on(() => this.#tell(performance.now()))
  }

  /** The number of one's own ship. */
  get own(): number | undefined {
    const { member } = this.#client.state
    return [...this.roster].find(([, entrant]) => member !== undefined && entrant.member === member)?.[0]
  }

  nameOf(id: number): string {
    return this.roster.get(id)?.name ?? '…'
  }

  /** One comes, or is called otherwise now. Who is refused watches. */
  enter(name: string): void {
    const { presence } = this.#client.channel(this.#channel)
    presence.enter({ name }).catch(() => undefined)
  }

  close(): void {
    this.player.close()
    this.#names.close()
    const { presence } = this.#client.channel(this.#channel)
    presence.leave().catch(() => undefined)
  }

  /** A new object a few times a second; undefined before the first state. */
  get standings(): Standings | undefined {
    return this.#standings
  }

  /** Calls `listener` whenever there are other standings; returns what ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What to draw of what is seen. */
  frame(seen: Sight<State, Motion>): Frame {
    const ships = seen.newest.state.ships.map((ship) => {
      const { x, y } = seen.bodyOf(ship.id) ?? ship.motion
      return { ...this.#sailor(ship, seen.player), x, y }
    })
    const own = ships.find((ship) => ship.own)
    const collected = this.#claims.settle(seen, own?.away === true ? undefined : own)
    return { ships, own, dots: this.#claims.unclaimed(seen.shown.state), collected }
  }

  #sailor({ id, bot, away }: Ship, own: number | undefined): Sailor {
    return { id, name: this.nameOf(id), bot, away, own: id === own }
  }

  #tell(nowMs: number): void {
    const { newest } = this.player
    if (newest === undefined || nowMs - this.#toldMs < TELL_EVERY_MS) return
    this.#toldMs = nowMs
    const { own } = this
    const ships = newest.state.ships
      .map((ship): Standing => {
        const { x, y } = ship.motion
        return { ...this.#sailor(ship, own), x, y, score: ship.score }
      })
      .sort((a, b) => b.score - a.score || a.id - b.id)
    const { latenessMs, leadMs, errors, sent, heard } = this.player.measures
    this.#standings = {
      tick: newest.tick,
      winner: ships.find(({ id }) => id === newest.state.winner),
      ships,
      own: ships.find(({ own }) => own),
      latenessMs,
      leadMs,
      error: errorOf(errors),
      inputs: { sent, applied: heard.seq, missed: heard.missed },
    }
    for (const listener of this.#listeners) listener()
  }
}
