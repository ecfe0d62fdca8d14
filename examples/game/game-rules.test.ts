/** The bytes of the game: what is written is read again, and nothing else is. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { game } from './game-rules.ts'
import { ARENA, DOTS, FULL, legalSteering, type Ship, type State, STEPS } from './simulation.ts'

const steps = (most: number, least = 0): fc.Arbitrary<number> =>
  fc.integer({ min: least * STEPS, max: most * STEPS }).map((value) => value / STEPS)
const place = fc.record({ x: steps(ARENA.width), y: steps(ARENA.height) })
const id = fc.integer({ min: 0, max: 255 })
const speed = steps(400, -400)
const ship: fc.Arbitrary<Ship> = fc.record({
  id,
  bot: fc.boolean(),
  away: fc.boolean(),
  motion: fc.record({ x: steps(ARENA.width), y: steps(ARENA.height), vx: speed, vy: speed }),
  score: fc.integer({ min: 0, max: 60 }),
})
const state: fc.Arbitrary<State> = fc.record({
  winner: fc.option(id, { nil: undefined }),
  ships: fc.array(ship, { maxLength: 32 }),
  dots: fc.array(place, { minLength: DOTS, maxLength: DOTS }),
})
const whole = fc.integer({ min: -200, max: 200 })
const steering = fc.tuple(whole, whole).map(([dx, dy]) => legalSteering(dx, dy))

/** Arbitraries make objects without a prototype. */
const same = (read: unknown, written: unknown): void => assert.deepEqual(read, structuredClone(written))

describe('the bytes of the game', () => {
  it('are read as they were written', () => {
    const { states, commands } = game
    fc.assert(fc.property(state, (each) => same(states.decode(states.encode(each)), each)))
    fc.assert(fc.property(steering, (each) => same(commands.decode(commands.encode(each)), each)))
  })

  it('have the layout that is said', () => {
    const dots = Array.from({ length: DOTS }, () => ({ x: 1, y: 0.5 }))
    const motion = { x: 2, y: 3, vx: -1, vy: 0 }
    const bytes = game.states.encode({
      winner: 7,
      ships: [{ id: 7, bot: true, away: true, motion, score: 50 }],
      dots,
    })
    const ship = '0007' + '0003' + '00200030' + 'fff00000' + '0032'
    assert.equal(Buffer.from(bytes).toString('hex'), '00070001' + ship + '00100008'.repeat(DOTS))
    assert.deepEqual([...game.commands.encode({ dx: -1, dy: 127 })], [255, 127])
  })

  it('are refused at every other length', () => {
    fc.assert(
      fc.property(state, fc.nat(), (each, at) => {
        const bytes = game.states.encode(each)
        assert.equal(game.states.decode(bytes.subarray(0, at % bytes.length)), undefined)
        assert.equal(game.states.decode(new Uint8Array([...bytes, 0])), undefined)
      }),
    )
    for (const length of [0, 1, 3]) assert.equal(game.commands.decode(new Uint8Array(length)), undefined)
  })

  it('never throw, and give nothing out of bounds, whatever comes', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(state, fc.nat(), fc.nat(255)).map(([each, at, value]) => {
        const bytes = game.states.encode(each)
        return bytes.with(at % bytes.length, value)
      }),
    )
    fc.assert(
      fc.property(hostile, (bytes) => {
        const { ships = [], dots = [] } = game.states.decode(bytes) ?? {}
        for (const { x, y } of [...dots, ...ships.map(({ motion }) => motion)])
          assert.ok(x >= 0 && y >= 0 && x <= ARENA.width && y <= ARENA.height)
        const { dx, dy } = game.commands.decode(bytes.subarray(0, 2)) ?? { dx: 0, dy: 0 }
        assert.ok(Math.hypot(dx, dy) <= FULL)
      }),
      { numRuns: 2_000 },
    )
  })
})
