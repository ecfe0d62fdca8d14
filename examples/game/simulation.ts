/**
 * The game itself: ships glide through an arena and collect dots, one of them of gold. It knows no network and no clock.
 * The server runs the world; clients run `move` alone, for their own ship. What is on the wire is exact: places and
 * speeds are kept in the steps in which they travel.
 */

export const TICK_MS = 50
export const ARENA = { width: 1600, height: 1000 } as const
export const SHIP_RADIUS = 24
export const DOT_RADIUS = 7
/** Units per second. */
export const TOP_SPEED = 380
export const DOTS = 24
/** What the first of the dots counts, which is of gold. The others count one point. */
export const GOLD = 5
/** Points that win a round. */
export const GOAL = 100
/** Steering is a vector of whole numbers, at most this long. */
export const FULL = 127
/** Places are kept in sixteenths of a unit, speeds in sixteenths of a unit per second. */
export const STEPS = 16

const GRIP = 0.3
const PAUSE_TICKS = 80

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Motion extends Place {
  readonly vx: number
  readonly vy: number
}

export interface Steering {
  readonly dx: number
  readonly dy: number
}

export interface Ship {
  readonly id: number
  readonly bot: boolean
  motion: Motion
  score: number
  /** Nobody is at the helm: it takes part in nothing. */
  away: boolean
}

export interface State {
  /** Who has won the round, until the next begins. */
  readonly winner: number | undefined
  readonly ships: readonly Ship[]
  readonly dots: readonly Place[]
}

export const STILL: Steering = { dx: 0, dy: 0 }

/** What a hand says, cut down to what a hand can say. Anything but numbers is no hand at all. */
export const legalSteering = (dx: number, dy: number): Steering => {
  const length = Math.hypot(dx, dy)
  if (!Number.isFinite(length)) return STILL
  const scale = length > FULL ? FULL / length : 1
  return { dx: whole(dx * scale), dy: whole(dy * scale) }
}

/** One tick of one ship. */
export const move = ({ x, y, vx, vy }: Motion, { dx, dy }: Steering): Motion => {
  const [toX, speedX] = moveAlong(x, vx, dx, ARENA.width)
  const [toY, speedY] = moveAlong(y, vy, dy, ARENA.height)
  return { x: toX, y: toY, vx: speedX, vy: speedY }
}

/** A wall takes all speed. */
const moveAlong = (at: number, speed: number, by: number, length: number): readonly [number, number] => {
  const faster = step(speed + ((by / FULL) * TOP_SPEED - speed) * GRIP)
  const to = Math.min(Math.max(step(at + (faster * TICK_MS) / 1_000), SHIP_RADIUS), length - SHIP_RADIUS)
  return [to, to === SHIP_RADIUS || to === length - SHIP_RADIUS ? 0 : faster]
}

export const near = (a: Place, b: Place, distance: number): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) <= distance

export class World implements State {
  winner: number | undefined
  ships: Ship[] = []
  dots: Place[]
  readonly #random: () => number
  #pauseTicks = 0

  /** @param random in [0, 1). The same numbers and the same hands come to the same. */
  constructor(random = Math.random) {
    this.#random = random
    this.dots = Array.from({ length: DOTS }, () => this.#somewhere())
  }

  add(bot: boolean): Ship {
    let id = 0
    while (this.ships.some((ship) => ship.id === id)) id++
    const ship: Ship = { id, bot, motion: { ...this.#somewhere(), vx: 0, vy: 0 }, score: 0, away: false }
    this.ships.push(ship)
    return ship
  }

  remove({ id }: Ship): void {
    this.ships = this.ships.filter((ship) => ship.id !== id)
  }

  /** Everything that happens in one tick, in the order of the ships. */
  tick(steeringOf: (ship: Ship) => Steering): void {
    for (const ship of this.ships) ship.motion = move(ship.motion, ship.away ? STILL : steeringOf(ship))
    if (this.winner !== undefined && --this.#pauseTicks === 0) {
      this.winner = undefined
      this.dots = this.dots.map(() => this.#somewhere())
      for (const ship of this.ships) ship.score = 0
    }
    for (const ship of this.ships) if (!ship.away) this.#collect(ship)
  }

  #collect(ship: Ship): void {
    this.dots.forEach((dot, index) => {
      if (this.winner !== undefined || !near(ship.motion, dot, SHIP_RADIUS + DOT_RADIUS)) return
      this.dots[index] = this.#somewhere()
      ship.score += index === 0 ? GOLD : 1
      if (ship.score < GOAL) return
      this.winner = ship.id
      this.#pauseTicks = PAUSE_TICKS
    })
  }

  #somewhere(): Place {
    const margin = 2 * SHIP_RADIUS
    const along = (length: number): number => step(margin + this.#random() * (length - 2 * margin))
    return { x: along(ARENA.width), y: along(ARENA.height) }
  }
}

// Adding zero makes no difference but to −0, which the wire does not know.
const whole = (value: number): number => Math.trunc(value) + 0
const step = (value: number): number => Math.round(value * STEPS) / STEPS + 0
