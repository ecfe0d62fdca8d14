/**
 * One arena as the server keeps it: the world, whose ships they are, and bots for company. It is told who comes, goes
 * and steers, and says what to publish; it knows no network and no clock.
 */
import { Referee } from 'holdfast/netcode'
import { game } from './game-rules.ts'
import { legalSteering, type Motion, type Place, type Ship } from './simulation.ts'
import { type State, type Steering, STILL, World } from './simulation.ts'

/** Whose ship it is, as it is published beside the state: names change seldom, places all the time. */
export interface Entrant {
  /** As in presence; undefined for a bot. */
  readonly member: string | undefined
  readonly name: string
}

/** Ships that play when there are fewer people. */
const COMPANY = 4
const MAX_PEOPLE = 16
const BOT_NAMES = ['Anchor', 'Bollard', 'Capstan', 'Dinghy']
const BOT_THROTTLE = 56

export class Arena {
  readonly world: World
  readonly referee = new Referee<State, Motion, Steering>(game)
  /** Their ships, by member. */
  readonly people = new Map<string, Ship>()
  readonly #tell: (id: number, entrant: Entrant | undefined) => void

  /** @param tell publishes who has a ship, or that nobody has it any more. */
  constructor(tell: (id: number, entrant: Entrant | undefined) => void, random?: () => number) {
    this.world = new World(random)
    this.#tell = tell
  }

  /** A member has come, or is called otherwise now. @param about what it says of itself: anything. */
  enter(member: string, about: unknown): void {
    let ship = this.people.get(member)
    if (ship === undefined) {
      if (this.people.size >= MAX_PEOPLE) return
      ship = this.world.add(false)
      this.people.set(member, ship)
      this.referee.admit(member, ship.id)
    }
    this.#tell(ship.id, { member, name: nameOf(about) })
    this.#keepCompany()
  }

  leave(member: string): void {
    const ship = this.people.get(member)
    if (ship === undefined) return
    this.people.delete(member)
    this.referee.dismiss(member)
    this.#remove(ship)
    this.#keepCompany()
  }

  /** One tick later. @returns the state, as it is published. */
  advance(): Uint8Array {
    const hands = this.referee.advance()
    for (const ship of this.people.values()) ship.away = hands.get(ship.id)?.away === true
    this.world.tick((ship) =>
      ship.bot ? botSteering(ship, this.world.dots) : (hands.get(ship.id)?.command ?? STILL),
    )
    return this.referee.snapshot(this.world)
  }

  /** As many bots as it takes; none without people. */
  #keepCompany(): void {
    const bots = this.world.ships.filter(({ bot }) => bot)
    const wanted = this.people.size === 0 ? 0 : Math.max(0, COMPANY - this.people.size)
    for (const bot of bots.slice(wanted)) this.#remove(bot)
    for (let count = bots.length; count < wanted; count++)
      this.#tell(this.world.add(true).id, { member: undefined, name: BOT_NAMES[count] ?? 'Bot' })
  }

  #remove(ship: Ship): void {
    this.world.remove(ship)
    this.#tell(ship.id, undefined)
  }
}

/** A bot goes for what is near, for gold from further away, and never at full speed. */
const botSteering = ({ motion }: Ship, dots: readonly Place[]): Steering => {
  const far = dots.map(({ x, y }, index) => Math.hypot(x - motion.x, y - motion.y) / (index === 0 ? 2 : 1))
  const { x, y } = dots[far.indexOf(Math.min(...far))] ?? motion
  const turn = Math.atan2(y - motion.y, x - motion.x)
  return legalSteering(Math.cos(turn) * BOT_THROTTLE, Math.sin(turn) * BOT_THROTTLE)
}

/** Controls, and marks that turn the direction of the text around them, are no part of a name of 24 letters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\s]+/gu

export const nameOf = (about: unknown): string => {
  const { name } = Object(about) as { name?: unknown }
  const tidy = typeof name === 'string' ? name.slice(0, 200).replaceAll(UNSEEN, ' ').trim() : ''
  return Array.from(tidy).slice(0, 24).join('') || 'Somebody'
}
