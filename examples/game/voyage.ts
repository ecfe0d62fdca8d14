/**
 * The client's half of the game: is present in an arena, follows its states, sends what the hand does, and says for
 * each frame what is to be drawn. It knows channels and ticks, no page and no canvas.
 */
import type { Client, Subscription } from 'holdfast'
import type { Entrant } from './arena.ts'
import { Claims } from './claims.ts'
import { decodeState, encodeInput, type Input, type ShipState, type State } from './codec.ts'
import { Past } from './past.ts'
import { Prediction } from './prediction.ts'
import { type Place, STILL, type Steering, topSpeedOf } from './simulation.ts'
import { Timeline } from './timeline.ts'

/** Without a change the hand says that it is still there, this often. */
const HEARTBEAT_TICKS = 5
/** A hand that changes all the time says so ten times a second. */
const SPACING_TICKS = 2
const HEARTBEAT_MS = 250
/** Inputs that may be under way: more of them only say that nothing gets through. */
const MOST_UNDER_WAY = 12
const TELL_EVERY_MS = 250
/** An arena whose ticks are so far behind those that were seen has begun anew. */
const ANOTHER_LIFE_TICKS = 200

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
  readonly error: Prediction['error']
  readonly inputs: { readonly sent: number; readonly applied: number; readonly missed: number }
}

export class Voyage {
  readonly #client: Client
  readonly #channel: string
  readonly #roster = new Map<number, Entrant>()
  readonly #names: Subscription
  readonly #listeners = new Set<() => void>()
  #states: Subscription | undefined
  #timeline = new Timeline()
  #past = new Past()
  #prediction = new Prediction()
  #claims = new Claims()
  #sent: Input = { seq: 0, tick: 0, steering: STILL }
  #sentMs = 0
  #hand: Steering = STILL
  #frameMs = 0
  #toldMs = 0
  #standings: Standings | undefined

  constructor(client: Client, arena: string) {
    this.#client = client
    this.#channel = `game/${arena}`
    this.#names = client
      .channel<Entrant | null>(`${this.#channel}/roster`)
      .subscribe({ from: 'start', conflate: true, onGap: () => this.#roster.clear() }, ({ key, data }) => {
        if (data === null) this.#roster.delete(Number(key))
        else this.#roster.set(Number(key), data)
      })
    this.resume()
  }

  /** A new object a few times a second; undefined before the first state. */
  get standings(): Standings | undefined {
    return this.#standings
  }

  /** One comes, or is called otherwise now. Who is refused watches. */
  enter(name: string): void {
    const { presence } = this.#client.channel(this.#channel)
    presence.enter({ name }).catch(() => undefined)
  }

  /** Nobody looks: nothing is followed and nothing is sent. The ship comes to rest, and is left alone. */
  pause(): void {
    this.#states?.close()
    this.#states = undefined
  }

  resume(): void {
    if (this.#states !== undefined) return
    this.#begin()
    this.#states = this.#client
      .channel<Uint8Array>(`${this.#channel}/state`)
      .subscribe(({ data }) => this.#arrived(decodeState(data), performance.now()))
  }

  close(): void {
    this.pause()
    this.#names.close()
    const { presence } = this.#client.channel(this.#channel)
    presence.leave().catch(() => undefined)
  }

  /** Calls `listener` whenever there are other standings; returns what ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What to draw now. @param hand what the player's hand does. */
  frame(nowMs: number, hand: Steering): Frame | undefined {
    this.#hand = hand
    if (this.#client.state.status !== 'connected') this.#timeline.interrupted()
    const elapsedMs = nowMs - this.#frameMs
    this.#frameMs = nowMs
    const at = this.#timeline.at(nowMs)
    const { newest } = this.#past
    const self = newest && this.#own(newest)
    // The hand is held out before there is a ship to steer: that is what opens an arena.
    if (self === undefined && nowMs - this.#sentMs > HEARTBEAT_MS) this.#send(0, STILL)
    if (at === undefined || newest === undefined) return undefined
    this.#prediction.advance(Math.ceil(at.own), (tick) => this.#steer(tick))
    const predicted = self && this.#prediction.at(at.own, elapsedMs)
    const ships = newest.ships.map((ship) => {
      const place = ship === self && predicted ? predicted : this.#past.placeOf(ship, at.others)
      return { ...this.#sailor(ship, newest, self), ...place }
    })
    const own = ships.find((ship) => ship.own)
    const shown = this.#past.by(at.others) ?? newest
    const hungry = own && !own.away ? { ...own, tick: this.#prediction.tick } : undefined
    const collected = this.#claims.settle(shown, newest, hungry)
    const crown = newest.crown.holder === undefined ? newest.crown.at : undefined
    return { ships, own, dots: this.#claims.unclaimed(shown), crown, collected }
  }

  #begin(): void {
    this.#timeline = new Timeline()
    this.#past = new Past()
    this.#prediction = new Prediction()
    this.#claims = new Claims()
  }

  #arrived(state: State | undefined, nowMs: number): void {
    // What cannot be read is not of this version of the game.
    if (state === undefined) return
    if (state.tick < (this.#past.newest?.tick ?? 0) - ANOTHER_LIFE_TICKS) this.#begin()
    this.#timeline.arrived(state.tick, nowMs)
    this.#past.add(state)
    const own = this.#own(state)
    if (own !== undefined && state === this.#past.newest) {
      this.#timeline.applied(own.seq, own.early, this.#sent.seq)
      this.#prediction.correct(state.tick, own, topSpeedOf(own, state.crown.holder))
    }
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return
    this.#toldMs = nowMs
    this.#standings = this.#standingsOf(this.#past.newest ?? state)
    for (const listener of this.#listeners) listener()
  }

  #steer(tick: number): void {
    const { tick: sentTick, steering } = this.#sent
    const same = this.#hand.dx === steering.dx && this.#hand.dy === steering.dy
    const since = tick - sentTick
    if (since >= HEARTBEAT_TICKS || (!same && since >= SPACING_TICKS)) this.#send(tick, this.#hand)
  }

  /** What cannot be sent now is not sent later: by then the hand does something else. */
  #send(tick: number, steering: Steering): void {
    const { status, outbox } = this.#client.state
    if (this.#states === undefined || status !== 'connected' || outbox >= MOST_UNDER_WAY) return
    this.#sent = { seq: this.#sent.seq + 1, tick, steering }
    this.#sentMs = performance.now()
    this.#prediction.note(this.#sent)
    const channel = this.#client.channel(`${this.#channel}/input`)
    channel.publish(encodeInput(this.#sent)).catch(() => undefined)
  }

  #own({ ships }: State): ShipState | undefined {
    const { member } = this.#client.state
    return ships.find(
      ({ id, bot }) => !bot && member !== undefined && this.#roster.get(id)?.member === member,
    )
  }

  #sailor({ id, bot, away }: ShipState, state: State, own: ShipState | undefined): Sailor {
    const { member, name = '' } = this.#roster.get(id) ?? {}
    return { id, member, name, bot, away, own: id === own?.id, crowned: state.crown.holder === id }
  }

  #standingsOf(state: State): Standings {
    const self = this.#own(state)
    const ships = state.ships
      .map((ship): Standing => {
        const { x, y } = ship.motion
        return { ...this.#sailor(ship, state, self), x, y, score: ship.score }
      })
      .sort((a, b) => b.score - a.score || a.id - b.id)
    const { tick, round, winner } = state
    const { latenessMs, leadMs } = this.#timeline
    const inputs = { sent: this.#sent.seq, applied: self?.seq ?? 0, missed: self?.missed ?? 0 }
    return {
      tick,
      round,
      winner: ships.find(({ id }) => id === winner),
      ships,
      own: ships.find(({ own }) => own),
      latenessMs,
      leadMs,
      error: this.#prediction.error,
      inputs,
    }
  }
}
