/**
 * The client's half of a game: follows the snapshots, sends what the hand does, and says for each frame where everybody
 * is. It knows channels and ticks, no page and no canvas.
 */
import type { Client, Subscription } from '../client/index.ts'
import { decodeSnapshot, encodeInput } from './bytes.ts'
import { Clock } from './clock.ts'
import type { Game, Heard, Input, Numbers, Snapshot } from './game.ts'
import { Past } from './past.ts'
import { Prediction } from './prediction.ts'

/** A hand that changes says so ten times a second; one that does not, four times a second that it is still there. */
const SPACING_MS = 100
const HEARTBEAT_MS = 250
/** Inputs that may be under way: more of them only say that nothing gets through. */
const MOST_UNDER_WAY = 12
/** A game whose ticks are so far behind those that were seen has begun anew. */
const ANOTHER_LIFE_MS = 10_000

export interface PlayerOptions {
  /** The channel of the snapshots. */
  readonly states: string
  /** The channel of the inputs. */
  readonly inputs: string
  /** One's own number in the game; undefined for who has none, or does not know it yet. */
  readonly player: () => number | undefined
}

/** What is seen at a moment. */
export interface Sight<State, Body> {
  readonly newest: Snapshot<State>
  /** The snapshot that is as old as the others are drawn. */
  readonly shown: Snapshot<State>
  /** One's own number, where it has a body. */
  readonly player: number | undefined
  /** The tick that one's own body is in. */
  readonly tick: number
  /** Where a player's body is drawn: one's own where it will be, the others where they were. */
  bodyOf(player: number): Body | undefined
}

/** What the network does to the game. */
export interface Measures {
  /** How far ahead of what is heard one's own body is drawn. */
  readonly leadMs: number
  /** How late the others are drawn, as seen from one's own body. */
  readonly latenessMs: number
  /** How far off the latest guesses were, 400 at most, in the units of the axes. */
  readonly errors: readonly number[]
  /** Inputs so far. */
  readonly sent: number
  /** What the server has heard of them, by the newest snapshot. */
  readonly heard: Heard
}

const UNHEARD: Heard = { seq: 0, early: 0, missed: 0 }

export class Player<State, Body extends Numbers<Body>, Command> {
  readonly #client: Client
  readonly #game: Game<State, Body, Command>
  readonly #options: PlayerOptions
  readonly #listeners = new Set<() => void>()
  #states: Subscription | undefined
  // Made by `#begin`, which `resume` calls.
  #clock!: Clock
  #past!: Past<State, Body, Command>
  #prediction!: Prediction<State, Body, Command>
  #sent: Input<Command>
  #sentBytes: Uint8Array
  #sentMs = 0
  #hand: Command
  #frameMs = 0
  #stopAnimation: (() => void) | undefined

  /** Follows at once. */
  constructor(client: Client, game: Game<State, Body, Command>, options: PlayerOptions) {
    this.#client = client
    this.#game = game
    this.#options = options
    this.#hand = game.still
    this.#sent = { seq: 0, tick: 0, command: game.still }
    this.#sentBytes = game.commands.encode(game.still)
    this.resume()
  }

  /** The newest snapshot that is known. */
  get newest(): Snapshot<State> | undefined {
    return this.#past.newest
  }

  get measures(): Measures {
    const { leadMs, latenessMs } = this.#clock
    const own = this.#options.player()
    const heard = (own !== undefined && this.newest?.heard.get(own)) || UNHEARD
    return { leadMs, latenessMs, errors: this.#prediction.errors, sent: this.#sent.seq, heard }
  }

  /** Calls `listener` whenever a snapshot has come; returns what ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Nobody looks: nothing is followed and nothing is sent, and the body comes to rest. */
  pause(): void {
    this.#states?.close()
    this.#states = undefined
  }

  resume(): void {
    if (this.#states !== undefined) return
    this.#begin()
    this.#states = this.#client.channel<Uint8Array>(this.#options.states).subscribe(({ data }) => {
      const snapshot = decodeSnapshot(data)
      const state = snapshot && this.#game.states.decode(snapshot.state)
      // What cannot be read is not of this version of the game.
      if (state !== undefined)
        this.#arrived({ ...(snapshot as Snapshot<Uint8Array>), state }, performance.now())
    })
  }

  close(): void {
    this.#stopAnimation?.()
    this.pause()
    this.#listeners.clear()
  }

  /**
   * In a page: looks once for each frame that the screen shows, and pauses while the page is hidden, until `close`.
   *
   * @param hand what the player's hand does, by where one's own body was drawn last.
   */
  animate(
    hand: (own: Body | undefined) => Command,
    draw: (seen: Sight<State, Body> | undefined) => void,
  ): void {
    this.#stopAnimation?.()
    let own: Body | undefined
    let request = 0
    const frame = (nowMs: number): void => {
      request = requestAnimationFrame(frame)
      const seen = this.see(nowMs, hand(own))
      own = seen?.player === undefined ? undefined : seen.bodyOf(seen.player)
      draw(seen)
    }
    const look = (): void => {
      cancelAnimationFrame(request)
      if (document.hidden) return this.pause()
      this.resume()
      request = requestAnimationFrame(frame)
    }
    document.addEventListener('visibilitychange', look)
    this.#stopAnimation = () => {
      document.removeEventListener('visibilitychange', look)
      cancelAnimationFrame(request)
    }
    look()
  }

  /**
   * What is seen now; undefined before the first snapshot. To be called for each frame: it sends what the hand does
   * when that is due.
   *
   * @param nowMs as of `performance.now`. @param hand what the player's hand does.
   */
  see(nowMs: number, hand: Command): Sight<State, Body> | undefined {
    this.#hand = hand
    if (this.#client.state.status !== 'connected') this.#clock.interrupted()
    const elapsedMs = nowMs - this.#frameMs
    this.#frameMs = nowMs
    const at = this.#clock.at(nowMs)
    const { newest } = this
    const player = newest && this.#playerIn(newest)
    // The hand is held out before there is a body: whoever opens games for who comes hears of it.
    if (player === undefined && nowMs - this.#sentMs > HEARTBEAT_MS) this.#send(0, this.#game.still)
    if (at === undefined || newest === undefined) return undefined
    this.#prediction.advance(Math.ceil(at.own), (tick) => this.#steer(tick))
    const predicted = player === undefined ? undefined : this.#prediction.at(at.own, elapsedMs)
    return {
      newest,
      shown: this.#past.by(at.others) ?? newest,
      player,
      tick: this.#prediction.tick,
      bodyOf: (other) =>
        other === player && predicted !== undefined ? predicted : this.#past.bodyAt(other, at.others),
    }
  }

  /** Nothing is known of the game, or no longer. */
  #begin(): void {
    this.#clock = new Clock(this.#game.tickMs)
    this.#past = new Past(this.#game)
    this.#prediction = new Prediction(this.#game)
  }

  #arrived(snapshot: Snapshot<State>, nowMs: number): void {
    const { tick } = snapshot
    const lost = ANOTHER_LIFE_MS / this.#game.tickMs
    if (tick < (this.newest?.tick ?? 0) - lost) this.#begin()
    this.#clock.arrived(tick, nowMs)
    this.#past.add(snapshot)
    const player = this.#playerIn(snapshot)
    if (player !== undefined && snapshot === this.newest) {
      const { seq, early } = snapshot.heard.get(player) ?? UNHEARD
      this.#clock.applied(seq, early, this.#sent.seq)
      this.#prediction.correct(tick, this.#game.bodyOf(snapshot.state, player) as Body, seq)
    }
    for (const listener of this.#listeners) listener()
  }

  #playerIn({ state }: Snapshot<State>): number | undefined {
    const player = this.#options.player()
    return player !== undefined && this.#game.bodyOf(state, player) !== undefined ? player : undefined
  }

  #steer(tick: number): void {
    const bytes = this.#game.commands.encode(this.#hand)
    const sent = this.#sentBytes
    const changed = bytes.length !== sent.length || bytes.some((byte, index) => byte !== sent[index])
    const since = (tick - this.#sent.tick) * this.#game.tickMs
    if (since >= (changed ? SPACING_MS : HEARTBEAT_MS)) this.#send(tick, this.#hand)
  }

  /** What cannot be sent now is not sent later: by then the hand does something else. */
  #send(tick: number, command: Command): void {
    const { status, outbox } = this.#client.state
    if (this.#states === undefined || status !== 'connected' || outbox >= MOST_UNDER_WAY) return
    const { seq } = this.#sent
    this.#sent = { seq: seq + 1, tick, command }
    this.#sentBytes = this.#game.commands.encode(command)
    this.#sentMs = performance.now()
    this.#prediction.note(this.#sent)
    const bytes = encodeInput({ ...this.#sent, command: this.#sentBytes })
    this.#client
      .channel(this.#options.inputs)
      .publish(bytes)
      .catch(() => undefined)
  }
}
