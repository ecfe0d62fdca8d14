/** The rules of the game, whatever the hands at the wheels do. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Arena } from './arena.ts'
import { ARENA, DOTS, FULL, GOAL, GOLD, legalSteering, move, type Ship } from './simulation.ts'
import { SHIP_RADIUS, STEPS, STILL, TICK_MS, TOP_SPEED, World } from './simulation.ts'

const RIGHT = { dx: FULL, dy: 0 }
const anyNumber = fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.double())
const hand = fc.record({ dx: anyNumber, dy: anyNumber })

/** The same numbers each time. */
const seeded = (seed: number) => (): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}

/** A ship at rest in the way of nothing. */
const alone = (): { world: World; ship: Ship } => {
  const world = new World(seeded(7))
  const ship = world.add(false)
  ship.motion = { x: 300, y: 300, vx: 0, vy: 0 }
  world.dots = []
  return { world, ship }
}

const run = (world: World, ticks = 1, steering = STILL): void => {
  for (let i = 0; i < ticks; i++) world.tick(() => steering)
}

describe('the simulation', () => {
  it('comes to the same from the same numbers and the same hands', () => {
    const play = (): Arena => {
      const arena = new Arena(() => undefined, seeded(42))
      arena.enter('ada', {})
      for (let i = 0; i < 400; i++) arena.advance()
      return arena
    }
    const { ships, dots, winner } = play().world
    const again = play().world
    assert.deepEqual([ships, dots, winner], [again.ships, again.dots, again.winner])
    assert.ok(
      ships.some(({ bot, score }) => bot && score > 5),
      'bots collect',
    )
  })

  it('keeps every ship in the arena, no faster than its speed and on the steps of the wire', () => {
    fc.assert(
      fc.property(fc.array(hand, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1 }), (hands, seed) => {
        const world = new World(seeded(seed))
        const ship = world.add(false)
        for (const { dx, dy } of hands) {
          const before = ship.motion
          run(world, 1, legalSteering(dx, dy))
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

  it('comes to rest when the hand is taken off, and at once where nobody is at the helm', () => {
    let motion = { x: 400, y: 400, vx: TOP_SPEED, vy: 0 }
    for (let i = 0; i < 40; i++) motion = move(motion, STILL)
    assert.ok(Math.abs(motion.vx) < 1, `${motion.vx}`)
    const { world, ship } = alone()
    ship.away = true
    run(world, 20, RIGHT)
    assert.deepEqual(ship.motion, { x: 300, y: 300, vx: 0, vy: 0 })
  })

  it('gives a point for a dot and more for gold, and the dot comes again elsewhere; none to who is away', () => {
    const { world, ship } = alone()
    const far = { x: 1_200, y: 800 }
    const near = { x: 310, y: 300 }
    world.dots = [far, near]
    run(world)
    assert.equal(ship.score, 1)
    assert.notDeepEqual(world.dots[1], near)
    world.dots = [near, far]
    run(world)
    assert.equal(ship.score, 1 + GOLD)
    ship.away = true
    world.dots = [near, near]
    run(world)
    assert.deepEqual([ship.score, world.dots], [1 + GOLD, [near, near]])
    assert.equal(new World().dots.length, DOTS)
  })

  it('ends a round at the goal, pauses, and begins the next from nothing', () => {
    const { world, ship } = alone()
    const other = world.add(false)
    other.motion = ship.motion
    ship.score = GOAL - 1
    other.score = GOAL - 1
    world.dots = [{ x: 1_200, y: 800 }, ship.motion, ship.motion]
    run(world)
    assert.deepEqual([world.winner, ship.score, other.score], [ship.id, GOAL, GOAL - 1])
    world.dots = [ship.motion]
    run(world, 79)
    assert.deepEqual([world.winner, ship.score], [ship.id, GOAL], 'nothing counts while it is over')
    world.dots = []
    run(world)
    assert.deepEqual([world.winner, ship.score, other.score], [undefined, 0, 0])
  })
})
