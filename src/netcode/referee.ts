/**
 * The server's half of a game: who plays, what their hands do in which tick, and what they are told. It is handed bytes
 * and members, and owns no channel, world or clock.
 */
import { decodeInput, encodeSnapshot } from './bytes.ts'
import type { Game, Numbers } from './game.ts'
import { InputQueue } from './input-queue.ts'

/** Who has not been heard of for so long is away. */
const AWAY_AFTER_MS = 3_000
/** Of two windows of one person the one plays that was first; after so long without a word of it, the other. */
const HANDOVER_MS = 2_000

/** They are counted in a byte. */
const MAX_PLAYER = 254

export interface Hand<Command> {
  readonly command: Command
  /** Nobody is at the controls, and has not been for a while. */
  readonly away: boolean
}

interface Seat<Command> {
  readonly player: number
  queue: InputQueue<Command>
  session: string | undefined
}

export class Referee<State, Body extends Numbers<Body>, Command> {
  readonly #game: Game<State, Body, Command>
  readonly #seats = new Map<string, Seat<Command>>()
  #tick = 0

  constructor(game: Game<State, Body, Command>) {
    this.#game = game
  }

  /** The last one that is over. */
  get tick(): number {
    return this.#tick
  }

  /**
   * Somebody plays.
   *
   * @param player its number in the game, 0 to 254, which nobody else has.
   * @throws RangeError for any other number.
   */
  admit(member: string, player: number): void {
    if (!Number.isInteger(player) || player < 0 || player > MAX_PLAYER)
      throw new RangeError(`a player's number is 0 to ${MAX_PLAYER}, and not ${player}`)
    this.#seats.set(member, { player, queue: new InputQueue(this.#game, this.#tick), session: undefined })
  }

  dismiss(member: string): void {
    this.#seats.delete(member)
  }

  /** An input. @param author who sent it, as the node vouches. @param bytes what they sent: anything. */
  hear(author: { readonly member: string; readonly session: string }, bytes: unknown): void {
    const seat = this.#seats.get(author.member)
    const input = decodeInput(bytes)
    const command = input && this.#game.commands.decode(input.command)
    if (seat === undefined || input === undefined || command === undefined) return
    if (seat.session !== author.session) {
      if (seat.session !== undefined && seat.queue.silentMs(this.#tick) <= HANDOVER_MS) return
      seat.session = author.session
      seat.queue = new InputQueue(this.#game, this.#tick)
    }
    seat.queue.take({ ...input, command }, this.#tick)
  }

  /** One tick on. @returns what each player's hand does in it, by the number of the player. */
  advance(): Map<number, Hand<Command>> {
    const tick = ++this.#tick
    const hands = new Map<number, Hand<Command>>()
    for (const { player, queue } of this.#seats.values())
      hands.set(player, { command: queue.commandAt(tick), away: queue.silentMs(tick) > AWAY_AFTER_MS })
    return hands
  }

  /** What to publish after a tick. @param state as it is then. */
  snapshot(state: State): Uint8Array {
    const heard = new Map([...this.#seats.values()].map(({ player, queue }) => [player, queue.heard]))
    return encodeSnapshot({ tick: this.#tick, heard, state: this.#game.states.encode(state) })
  }
}
