/** The rules of the game, whatever the hands at the wheels do. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { steerBot } from './bots.ts'
import {
  addShip,
  ARENA,
  CROWNED_SPEED,
  DOTS,
  FULL,
  GOAL,
  legalSteering,
  move,
  newWorld,
  removeShip,
  SHIP_RADIUS,
  STEPS,
  STILL,
  tick,
  TICK_MS,
  TOP_SPEED,
  type World,
} from './simulation.ts'

const RIGHT = { dx: FULL, dy: 0 }
const anyNumber = fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.double())
const hand = fc.record({ dx: anyNumber, dy: anyNumber })

const run = (world: World, ticks: number): void => {
  for (let i = 0; i < ticks; i++) tick(world)
}

/** A world without dots in the way. */
const quiet = (): World => ({ ...newWorld(7), dots: [] })

describe('the simulation', () => {
  it('comes to the same from the same seed and the same hands', () => {
    const play = (): World => {
      const world = newWorld(42)
      for (let id = 0; id < 4; id++) addShip(world, id, true)
      for (let i = 0; i < 400; i++) {
        for (const ship of world.ships) ship.steering = steerBot(world, ship)
        tick(world)
      }
      return world
    }
    assert.deepEqual(play(), play())
    assert.ok(play().ships.some(({ score }) => score > 5) || play().round > 1, 'bots collect')
  })

  it('keeps every ship in the arena, no faster than its speed and on the steps of the wire', () => {
    fc.assert(
      fc.property(fc.array(hand, { minLength: 1, maxLength: 60 }), fc.integer(), (hands, seed) => {
        const world = newWorld(seed)
        const ship = addShip(world, 0, false)
        for (const { dx, dy } of hands) {
          ship.steering = legalSteering(dx, dy)
          const before = ship.motion
          tick(world)
          const { x, y, vx, vy } = ship.motion
          assert.ok(x >= SHIP_RADIUS && x <= ARENA.width - SHIP_RADIUS)
          assert.ok(y >= SHIP_RADIUS && y <= ARENA.height - SHIP_RADIUS)
          for (const value of [x, y, vx, vy]) assert.ok(Number.isInteger(value * STEPS))
          const moved = Math.hypot(x - before.x, y - before.y)
          assert.ok(moved <= (TOP_SPEED * TICK_MS) / 1_000 + 1 / STEPS, `${moved} in one tick`)
        }
      }),
    )
  })

  it('cuts every hand down to what a hand can say', () => {
    fc.assert(
      fc.property(hand, ({ dx, dy }) => {
        const legal = legalSteering(dx, dy)
        assert.ok(Number.isInteger(legal.dx) && Number.isInteger(legal.dy))
        assert.ok(Math.hypot(legal.dx, legal.dy) <= FULL)
      }),
    )
    assert.deepEqual(legalSteering(Number.NaN, 5), STILL)
    assert.deepEqual(legalSteering(Infinity, 5), STILL)
    assert.deepEqual(legalSteering(254, 0), RIGHT)
  })

  it('comes to rest when the hand is taken off', () => {
    let motion = { x: 400, y: 400, vx: TOP_SPEED, vy: 0 }
    for (let i = 0; i < 40; i++) motion = move(motion, STILL, TOP_SPEED)
    assert.ok(Math.abs(motion.vx) < 1, `${motion.vx}`)
  })

  it('gives a point for a dot, two to who wears the crown, and the dot comes again elsewhere', () => {
    const world = quiet()
    const ship = addShip(world, 0, false)
    ship.motion = { x: 300, y: 300, vx: 0, vy: 0 }
    world.dots = [{ x: 310, y: 300 }]
    tick(world)
    assert.equal(ship.score, 1)
    assert.notDeepEqual(world.dots, [{ x: 310, y: 300 }])
    world.crown = { holder: 0, at: { x: 0, y: 0 }, safeUntilTick: 0 }
    world.dots = [{ x: 310, y: 300 }]
    tick(world)
    assert.equal(ship.score, 3)
    assert.equal(newWorld(1).dots.length, DOTS)
  })

  it('gives the crown to who touches it, lets it be taken by touch but not at once, and slows its wearer', () => {
    const world = quiet()
    const [a, b] = [addShip(world, 0, false), addShip(world, 1, false)]
    a.motion = { x: ARENA.width / 2, y: ARENA.height / 2, vx: 0, vy: 0 }
    b.motion = { x: 100, y: 100, vx: 0, vy: 0 }
    tick(world)
    assert.equal(world.crown.holder, 0)
    b.motion = a.motion
    run(world, 5)
    assert.equal(world.crown.holder, 0, 'its wearer is safe for a while')
    run(world, 30)
    assert.equal(world.crown.holder, 1)
    b.steering = RIGHT
    run(world, 30)
    assert.ok(Math.abs(b.motion.vx - CROWNED_SPEED) < 1, `${b.motion.vx}`)
  })

  it('drops the crown of who leaves or is away, where they were', () => {
    for (const go of [
      (world: World): void => removeShip(world, 0),
      (world: World): void => {
        world.ships[0]!.away = true
        tick(world)
      },
    ]) {
      const world = quiet()
      addShip(world, 0, false).motion = { x: 200, y: 600, vx: 0, vy: 0 }
      world.crown = { holder: 0, at: { x: 1, y: 1 }, safeUntilTick: 0 }
      go(world)
      assert.equal(world.crown.holder, undefined)
      assert.deepEqual(world.crown.at, { x: 200, y: 600 })
    }
  })

  it('ends a round at the goal, pauses, and begins the next from nothing', () => {
    const world = quiet()
    const ship = addShip(world, 3, false)
    ship.motion = { x: 300, y: 300, vx: 0, vy: 0 }
    ship.score = GOAL - 1
    world.dots = [{ x: 300, y: 300 }]
    tick(world)
    assert.equal(world.over?.winner, 3)
    world.dots = [{ x: 300, y: 300 }]
    tick(world)
    assert.equal(ship.score, GOAL, 'nothing counts while it is over')
    run(world, 100)
    assert.deepEqual([world.over, world.round, ship.score], [undefined, 2, 0])
  })
})
