/** How a bot steers: to the crown when its wearer is close, else to the nearest dot, and never at full speed. */
import { chance, legalSteering, type Place, type Ship, type Steering, type World } from './simulation.ts'

const THROTTLE = 84
const CHASE_WITHIN = 320
const CHASE_TICKS = 80
/** A bot thinks anew this often, in ticks, so that it overshoots and turns like somebody who has to look. */
const THINKS_EVERY = 5

export const steerBot = (world: World, ship: Ship): Steering => {
  if ((world.tick + ship.id) % THINKS_EVERY !== 0) return ship.steering
  const target = targetOf(world, ship)
  const turn = Math.atan2(target.y - ship.motion.y, target.x - ship.motion.x) + (chance(world) - 0.5) * 0.5
  return legalSteering(Math.cos(turn) * THROTTLE, Math.sin(turn) * THROTTLE)
}

const targetOf = (world: World, ship: Ship): Place => {
  const { holder, at } = world.crown
  const wearer = world.ships.find(({ id }) => id === holder)
  const crown = wearer?.motion ?? at
  // One after the other, so that they do not all hang on to it.
  const chases = Math.floor(world.tick / CHASE_TICKS) % 3 === ship.id % 3
  if (chases && holder !== ship.id && distance(crown, ship.motion) < CHASE_WITHIN) return crown
  return world.dots.reduce((best, dot) =>
    distance(dot, ship.motion) < distance(best, ship.motion) ? dot : best,
  )
}

const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y)
