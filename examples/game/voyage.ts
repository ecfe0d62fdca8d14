/**
 * The client's half of the game: is present in an arena, follows its states, sends what the hand does, and says for
 * each frame where the ships are. It knows channels and ticks, no page and no canvas.
 */
import type { Client, Subscription } from 'holdfast'
import type { Entrant } from './arena.ts'
import { type Clock, PlainClock } from './clock.ts'
import { decodeState, encodeInput, type Input, type ShipState, type State } from './codec.ts'
import { Past } from './past.ts'
import { Prediction } from './prediction.ts'
import { type Place, STILL, type Steering, topSpeedOf } from './simulation.ts'

/** A hand that changes says so ten times a second; one that does not, four times a second that it is still there. */
const SPACING_TICKS = 2
const HEARTBEAT_TICKS = 5
const HEARTBEAT_MS = 250
/** Inputs that may be under way: more of them only say that nothing gets through. */
const MOST_UNDER_WAY = 12
/** An arena whose ticks are so far behind those that were seen has begun anew. */
const ANOTHER_LIFE_TICKS = 200

export interface Sighting {
  readonly newest: State
  /** The state that is as old as the others are drawn. */
  readonly shown: State
  readonly own: ShipState | undefined
  readonly places: ReadonlyMap<ShipState, Place>
}

export class Voyage {
  readonly roster = new Map<number, Entrant>()
  clock!: Clock
  past!: Past
  prediction!: Prediction
  sent: Input = { seq: 0, tick: 0, steering: STILL }
  readonly #client: Client
  readonly #channel: string
  readonly #names: Subscription
  #states: Subscription | undefined
  #sentMs = 0
  #hand: Steering = STILL
  #frameMs = 0

  constructor(client: Client, arena: string) {
    this.#client = client
    this.#channel = `game/${arena}`
    this.#names = client
      .channel<Entrant | null>(`${this.#channel}/roster`)
      .subscribe({ from: 'start', conflate: true, onGap: () => this.roster.clear() }, ({ key, data }) => {
        if (data === null) this.roster.delete(Number(key))
        else this.roster.set(Number(key), data)
      })
    this.resume()
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
    this.begin()
    this.#states = this.#client.channel<Uint8Array>(`${this.#channel}/state`).subscribe(({ data }) => {
      // What cannot be read is not of this version of the game.
      const state = decodeState(data)
      if (state !== undefined) this.arrived(state, performance.now())
    })
  }

  close(): void {
    this.pause()
    this.#names.close()
    const { presence } = this.#client.channel(this.#channel)
    presence.leave().catch(() => undefined)
  }

  /** What is seen now. @param hand what the player's hand does. */
  see(nowMs: number, hand: Steering): Sighting | undefined {
    this.#hand = hand
    if (this.#client.state.status !== 'connected') this.clock.interrupted()
    const elapsedMs = nowMs - this.#frameMs
    this.#frameMs = nowMs
    const at = this.clock.at(nowMs)
    const { newest } = this.past
    const own = newest && this.own(newest)
    // The hand is held out before there is a ship to steer: that is what opens an arena.
    if (own === undefined && nowMs - this.#sentMs > HEARTBEAT_MS) this.#send(0, STILL)
    if (at === undefined || newest === undefined) return undefined
    this.prediction.advance(Math.ceil(at.own), (tick) => this.#steer(tick))
    const predicted = own && this.prediction.at(at.own, elapsedMs)
    const places = newest.ships.map((ship): [ShipState, Place] => [
      ship,
      ship === own && predicted ? predicted : this.past.placeOf(ship, at.others),
    ])
    return { newest, shown: this.past.by(at.others) ?? newest, own, places: new Map(places) }
  }

  own({ ships }: State): ShipState | undefined {
    const { member } = this.#client.state
    return ships.find(({ id, bot }) => !bot && member !== undefined && this.roster.get(id)?.member === member)
  }

  /** For a page that has a better one. */
  protected newClock(): Clock {
    return new PlainClock()
  }

  /** Nothing is known of the arena, or no longer. */
  protected begin(): void {
    this.clock = this.newClock()
    this.past = new Past()
    this.prediction = new Prediction()
  }

  protected arrived(state: State, nowMs: number): void {
    if (state.tick < (this.past.newest?.tick ?? 0) - ANOTHER_LIFE_TICKS) this.begin()
    this.clock.arrived(state.tick, nowMs)
    this.past.add(state)
    const own = this.own(state)
    if (own === undefined || state !== this.past.newest) return
    this.clock.applied(own.seq, own.early, this.sent.seq)
    this.prediction.correct(state.tick, own, topSpeedOf(own, state.crown.holder))
  }

  #steer(tick: number): void {
    const { dx, dy } = this.sent.steering
    const since = tick - this.sent.tick
    const changed = this.#hand.dx !== dx || this.#hand.dy !== dy
    if (since >= (changed ? SPACING_TICKS : HEARTBEAT_TICKS)) this.#send(tick, this.#hand)
  }

  /** What cannot be sent now is not sent later: by then the hand does something else. */
  #send(tick: number, steering: Steering): void {
    const { status, outbox } = this.#client.state
    if (this.#states === undefined || status !== 'connected' || outbox >= MOST_UNDER_WAY) return
    this.sent = { seq: this.sent.seq + 1, tick, steering }
    this.#sentMs = performance.now()
    this.prediction.note(this.sent)
    const channel = this.#client.channel(`${this.#channel}/input`)
    channel.publish(encodeInput(this.sent)).catch(() => undefined)
  }
}
