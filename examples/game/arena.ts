/**
 * One arena as the server keeps it: the world, who steers which ship, and bots for company. It is told who comes, goes
 * and steers, and says what to publish; it knows no network and no clock.
 */
import { steerBot } from './bots.ts'
import { decodeInput, encodeState } from './codec.ts'
import { Helm } from './helm.ts'
import { addShip, newWorld, removeShip, type Ship, tick, type World } from './simulation.ts'

/** Whose ship it is, as it is published beside the state: names change seldom, positions all the time. */
export interface Entrant {
  /** As in presence; undefined for a bot. */
  readonly member: string | undefined
  readonly name: string
}

/** Ships that play when there are fewer people. */
const COMPANY = 4
const MAX_PEOPLE = 16
const MAX_NAME_LENGTH = 24
/** A helm that another session of the same person has left for so long may be taken, in ticks. */
const HANDOVER_TICKS = 40
const BOT_NAMES = ['Anchor', 'Bollard', 'Capstan', 'Dinghy']

interface Player {
  readonly ship: Ship
  helm: Helm
  /** Whose inputs count: of two windows of one person, the one that steered first, until it is silent. */
  session: string | undefined
  heardTick: number
}

export class Arena {
  readonly world: World
  readonly #players = new Map<string, Player>()
  readonly #tell: (id: number, entrant: Entrant | undefined) => void

  /** @param tell publishes who has a ship, or that nobody has it any more. */
  constructor(seed: number, tell: (id: number, entrant: Entrant | undefined) => void) {
    this.world = newWorld(seed)
    this.#tell = tell
  }

  get people(): number {
    return this.#players.size
  }

  /** A member has come, or is called otherwise now. @param about what it says of itself: anything. */
  enter(member: string, about: unknown): void {
    let player = this.#players.get(member)
    if (player === undefined) {
      if (this.#players.size >= MAX_PEOPLE) return
      const ship = addShip(this.world, this.#freeId(), false)
      player = { ship, helm: new Helm(this.world.tick), session: undefined, heardTick: this.world.tick }
      this.#players.set(member, player)
    }
    this.#tell(player.ship.id, { member, name: nameOf(about) })
    this.#keepCompany()
  }

  leave(member: string): void {
    const player = this.#players.get(member)
    if (player === undefined) return
    this.#players.delete(member)
    this.#remove(player.ship.id)
    this.#keepCompany()
  }

  /** Bytes from a client, whose author the node vouches for; the bytes are anybody's. */
  steer(author: { readonly member: string; readonly session: string }, bytes: unknown): void {
    const player = this.#players.get(author.member)
    const input = decodeInput(bytes)
    if (player === undefined || input === undefined) return
    if (player.session !== author.session) {
      const silent = this.world.tick - player.heardTick > HANDOVER_TICKS
      if (player.session !== undefined && !silent) return
      player.session = author.session
      player.helm = new Helm(this.world.tick)
    }
    player.heardTick = this.world.tick
    player.helm.take(input, this.world.tick)
  }

  /** One tick later. @returns the state, as it is published. */
  advance(): Uint8Array {
    const { world } = this
    const next = world.tick + 1
    for (const { ship, helm } of this.#players.values()) {
      ship.steering = helm.steer(next)
      ship.away = helm.away(next)
    }
    for (const ship of world.ships) if (ship.bot) ship.steering = steerBot(world, ship)
    tick(world)
    return this.#state()
  }

  #state(): Uint8Array {
    const { tick, round, over, crown, dots } = this.world
    const helms = new Map([...this.#players.values()].map(({ ship, helm }) => [ship.id, helm]))
    const ships = this.world.ships.map(({ id, bot, away, motion, score }) => {
      const { seq = 0, early = 0, missed = 0 } = helms.get(id) ?? {}
      return { id, bot, away, motion, score, seq, early, missed }
    })
    const { holder, at } = crown
    return encodeState({ tick, round, winner: over?.winner, crown: { holder, at }, ships, dots })
  }

  /** As many bots as it takes; none without people. */
  #keepCompany(): void {
    const bots = this.world.ships.filter(({ bot }) => bot)
    const wanted = this.people === 0 ? 0 : Math.max(0, COMPANY - this.people)
    for (const { id } of bots.slice(wanted)) this.#remove(id)
    for (let count = bots.length; count < wanted; count++) {
      const { id } = addShip(this.world, this.#freeId(), true)
      this.#tell(id, { member: undefined, name: BOT_NAMES[count] ?? 'Bot' })
    }
  }

  #remove(id: number): void {
    removeShip(this.world, id)
    this.#tell(id, undefined)
  }

  #freeId(): number {
    for (let id = 0; ; id++) if (!this.world.ships.some((ship) => ship.id === id)) return id
  }
}

/** Controls, and marks that turn the direction of the text around them, are no part of a name. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\s]+/gu

export const nameOf = (about: unknown): string => {
  const { name } = (typeof about === 'object' && about !== null ? about : {}) as { name?: unknown }
  const tidy = typeof name === 'string' ? name.slice(0, 200).replaceAll(UNSEEN, ' ').trim() : ''
  return Array.from(tidy).slice(0, MAX_NAME_LENGTH).join('') || 'Somebody'
}
