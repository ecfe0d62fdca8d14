/**
 * The game itself: ships glide through an arena, collect dots, and chase whoever wears the crown. One tick after
 * another, from a seed, with no clock and no I/O, so that the server and a test come to the same. Clients run `move`
 * alone, for their own ship. What is on the wire is exact: every number is kept in the steps that the codec writes.
 */

export const TICK_MS = 50
export const ARENA = { width: 1600, height: 1000 } as const
export const SHIP_RADIUS = 24
export const DOT_RADIUS = 7
/** Units per second. */
export const TOP_SPEED = 380
/** The crown is heavy, so that its wearer can be caught. */
export const CROWNED_SPEED = 320
export const DOTS = 24
/** Points that win a round. */
export const GOAL = 50
/** Steering is a vector of whole numbers, at most this long. */
export const FULL = 127
/** Positions are kept in sixteenths of a unit, speeds in sixteenths of a unit per second. */
export const STEPS = 16

/** A hand that has not been heard of for so many ticks is taken off the wheel. */
export const STILL_AFTER_TICKS = 15

const GRIP = 0.3
const SAFE_TICKS = 30
const PAUSE_TICKS = 80
const DT = TICK_MS / 1_000

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Steering {
  readonly dx: number
  readonly dy: number
}

export interface Motion extends Place {
  readonly vx: number
  readonly vy: number
}

export interface Ship {
  readonly id: number
  readonly bot: boolean
  motion: Motion
  steering: Steering
  score: number
  /** Nobody is at the helm: it takes part in nothing. */
  away: boolean
}

export interface World {
  tick: number
  round: number
  /** Who has won the round, and when the next begins. */
  over: { readonly winner: number; readonly untilTick: number } | undefined
  ships: Ship[]
  dots: Place[]
  crown: { readonly holder: number | undefined; readonly at: Place; readonly safeUntilTick: number }
  /** State of the random numbers. */
  seed: number
}

export const STILL: Steering = { dx: 0, dy: 0 }
const MIDDLE: Place = { x: ARENA.width / 2, y: ARENA.height / 2 }
const FREE_CROWN: World['crown'] = { holder: undefined, at: MIDDLE, safeUntilTick: 0 }

export const newWorld = (seed: number): World => {
  const world: World = { tick: 0, round: 1, over: undefined, ships: [], dots: [], crown: FREE_CROWN, seed }
  for (let i = 0; i < DOTS; i++) world.dots.push(somewhere(world))
  return world
}

/** In [0, 1): the next random number of the world (mulberry32). */
export const chance = (world: World): number => {
  world.seed = (world.seed + 0x6d2b79f5) | 0
  let t = Math.imul(world.seed ^ (world.seed >>> 15), 1 | world.seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

/** What a ship's hand says, cut down to what a hand can say. Anything but numbers is no hand at all. */
export const legalSteering = (dx: number, dy: number): Steering => {
  const length = Math.hypot(dx, dy)
  if (!Number.isFinite(length)) return STILL
  const scale = length > FULL ? FULL / length : 1
  return { dx: whole(dx * scale), dy: whole(dy * scale) }
}

/** One tick of one ship. */
export const move = ({ x, y, vx, vy }: Motion, { dx, dy }: Steering, topSpeed: number): Motion => {
  const gain = (speed: number, wanted: number): number => step(speed + (wanted - speed) * GRIP)
  const speedX = gain(vx, (dx / FULL) * topSpeed)
  const speedY = gain(vy, (dy / FULL) * topSpeed)
  const toX = within(step(x + speedX * DT), ARENA.width)
  const toY = within(step(y + speedY * DT), ARENA.height)
  return {
    x: toX,
    y: toY,
    vx: atWall(toX, ARENA.width) ? 0 : speedX,
    vy: atWall(toY, ARENA.height) ? 0 : speedY,
  }
}

export const topSpeedOf = (ship: { readonly id: number }, wearer: number | undefined): number =>
  ship.id === wearer ? CROWNED_SPEED : TOP_SPEED

export const near = (a: Place, b: Place, distance: number): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) <= distance

export const addShip = (world: World, id: number, bot: boolean): Ship => {
  const motion = { ...somewhere(world), vx: 0, vy: 0 }
  const ship: Ship = { id, bot, motion, steering: STILL, score: 0, away: false }
  world.ships.push(ship)
  return ship
}

export const removeShip = (world: World, id: number): void => {
  dropCrownOf(world, id)
  world.ships = world.ships.filter((ship) => ship.id !== id)
}

/** Everything that happens in one tick, in the order of the ships. */
export const tick = (world: World): void => {
  world.tick++
  for (const ship of world.ships) {
    ship.motion = move(ship.motion, ship.away ? STILL : ship.steering, topSpeedOf(ship, world.crown.holder))
    if (ship.away) dropCrownOf(world, ship.id)
  }
  if (world.over !== undefined) {
    if (world.tick >= world.over.untilTick) beginRound(world)
    return
  }
  for (const ship of world.ships) {
    if (ship.away) continue
    takeCrown(world, ship)
    collect(world, ship)
    if (ship.score < GOAL) continue
    world.over = { winner: ship.id, untilTick: world.tick + PAUSE_TICKS }
    return
  }
}

const takeCrown = (world: World, ship: Ship): void => {
  const { holder, at, safeUntilTick } = world.crown
  if (holder === ship.id) return
  const wearer = world.ships.find(({ id }) => id === holder)
  const reach = wearer === undefined ? SHIP_RADIUS + DOT_RADIUS : 2 * SHIP_RADIUS
  if (world.tick < safeUntilTick || !near(ship.motion, wearer?.motion ?? at, reach)) return
  world.crown = { holder: ship.id, at, safeUntilTick: world.tick + SAFE_TICKS }
}

const collect = (world: World, ship: Ship): void => {
  world.dots.forEach((dot, index) => {
    if (!near(ship.motion, dot, SHIP_RADIUS + DOT_RADIUS)) return
    world.dots[index] = somewhere(world)
    ship.score += world.crown.holder === ship.id ? 2 : 1
  })
}

const beginRound = (world: World): void => {
  world.round++
  world.over = undefined
  world.crown = FREE_CROWN
  for (const ship of world.ships) ship.score = 0
  world.dots = world.dots.map(() => somewhere(world))
}

/** It lies where its wearer was. */
const dropCrownOf = (world: World, id: number): void => {
  if (world.crown.holder !== id) return
  const at = world.ships.find((ship) => ship.id === id)?.motion ?? MIDDLE
  world.crown = { holder: undefined, at: { x: at.x, y: at.y }, safeUntilTick: world.tick + SAFE_TICKS }
}

const somewhere = (world: World): Place => {
  const margin = 2 * SHIP_RADIUS
  const along = (length: number): number => step(margin + chance(world) * (length - 2 * margin))
  return { x: along(ARENA.width), y: along(ARENA.height) }
}

// Adding zero makes no difference but to −0, which the wire does not know.
const whole = (value: number): number => Math.trunc(value) + 0
const step = (value: number): number => Math.round(value * STEPS) / STEPS + 0
const within = (value: number, length: number): number =>
  Math.min(Math.max(value, SHIP_RADIUS), length - SHIP_RADIUS)
const atWall = (value: number, length: number): boolean =>
  value === SHIP_RADIUS || value === length - SHIP_RADIUS
