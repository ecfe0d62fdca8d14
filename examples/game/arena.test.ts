/** Who may do what in an arena, and what cheating comes to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Arena, type Entrant, nameOf } from './arena.ts'
import { decodeState, encodeInput, type ShipState, type State } from './codec.ts'
import { FULL, SHIP_RADIUS, STILL, TICK_MS, TOP_SPEED } from './simulation.ts'

const RIGHT = { dx: FULL, dy: 0 }
const ada = { member: 'ada', session: 'ada-1' }
const eve = { member: 'eve', session: 'eve-1' }

class Stage {
  readonly roster = new Map<number, Entrant>()
  readonly arena: Arena
  state: State | undefined

  constructor(seed = 1) {
    this.arena = new Arena(seed, (id, entrant) => {
      if (entrant === undefined) this.roster.delete(id)
      else this.roster.set(id, entrant)
    })
  }

  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      this.state = decodeState(this.arena.advance())
      assert.ok(this.state)
    }
  }

  shipOf(member: string): ShipState {
    const [id] = [...this.roster].find(([, entrant]) => entrant.member === member) ?? []
    const ship = this.state?.ships.find((each) => each.id === id)
    assert.ok(ship, `${member} has a ship`)
    return ship
  }
}

const staged = (...members: string[]): Stage => {
  const stage = new Stage()
  for (const member of members) stage.arena.enter(member, { name: member })
  stage.run(1)
  return stage
}

const input = (seq: number, tick: number, steering = RIGHT): Uint8Array =>
  encodeInput({ seq, tick, steering })

describe('an arena', () => {
  it('keeps company: bots for one person alone, fewer as people come, none when all have left', () => {
    const stage = new Stage()
    const bots = (): number => [...stage.roster.values()].filter(({ member }) => member === undefined).length
    const seen = ['a', 'b', 'c', 'd', 'e'].map((member) => {
      stage.arena.enter(member, {})
      return bots()
    })
    assert.deepEqual(seen, [3, 2, 1, 0, 0])
    for (const member of ['a', 'b', 'c', 'd', 'e']) stage.arena.leave(member)
    assert.equal(stage.roster.size, 0)
    assert.equal(stage.arena.world.ships.length, 0)
  })

  it('takes sixteen people; the next one watches', () => {
    const stage = new Stage()
    for (let i = 0; i < 40; i++) stage.arena.enter(`member-${i}`, {})
    assert.equal(stage.arena.people, 16)
    stage.run(1)
    stage.arena.steer({ member: 'member-30', session: 's' }, input(1, 1))
    stage.run(1)
    assert.equal(stage.state?.ships.length, 16)
  })

  it('applies each input once, in the order of its number, in the tick that it is meant for', () => {
    const stage = staged('ada')
    const { tick } = stage.state as State
    stage.arena.steer(ada, input(1, tick + 3))
    stage.arena.steer(ada, input(1, tick + 3))
    stage.arena.steer(ada, input(2, tick + 5, STILL))
    const speeds = Array.from({ length: 6 }, () => {
      stage.run(1)
      return stage.shipOf('ada').motion.vx
    })
    assert.deepEqual(
      speeds.map((vx) => vx > 0),
      [false, false, true, true, true, true],
    )
    assert.ok((speeds[4] as number) < (speeds[3] as number), 'the second one was applied in its tick')
    assert.deepEqual([stage.shipOf('ada').seq, stage.shipOf('ada').missed], [2, 0])
  })

  it('says how early an input came, and counts those that never did', () => {
    const stage = staged('ada')
    const { tick } = stage.state as State
    stage.arena.steer(ada, input(1, tick + 3))
    stage.run(3)
    assert.equal(stage.shipOf('ada').early, 2)
    stage.arena.steer(ada, input(4, tick))
    stage.run(1)
    assert.deepEqual([stage.shipOf('ada').early, stage.shipOf('ada').missed], [-4, 2])
  })

  it('takes the hand of who is silent off the wheel, then leaves the ship alone, until it is heard of again', () => {
    const stage = staged('ada')
    stage.arena.steer(ada, input(1, 0))
    stage.run(10)
    assert.ok(stage.shipOf('ada').motion.vx > 300)
    stage.run(40)
    assert.ok(Math.abs(stage.shipOf('ada').motion.vx) < 1)
    assert.equal(stage.shipOf('ada').away, false)
    stage.run(30)
    assert.equal(stage.shipOf('ada').away, true)
    stage.arena.steer(ada, input(2, 0))
    stage.run(1)
    assert.equal(stage.shipOf('ada').away, false)
  })

  it('lets one window of a person steer at a time', () => {
    const stage = staged('ada')
    const other = { member: 'ada', session: 'ada-2' }
    stage.arena.steer(ada, input(1, 0, STILL))
    stage.arena.steer(other, input(9, 0))
    stage.run(2)
    assert.deepEqual([stage.shipOf('ada').seq, stage.shipOf('ada').motion.vx], [1, 0])
    stage.run(60)
    stage.arena.steer(other, input(1, 0))
    stage.run(1)
    assert.ok(stage.shipOf('ada').motion.vx > 0)
  })
})

describe('cheating', () => {
  it('has no way to say whose ship it is: an input steers its author, and nobody without a ship', () => {
    const stage = staged('ada')
    const before = stage.shipOf('ada').motion
    stage.arena.steer(eve, input(1, 0))
    stage.run(5)
    assert.deepEqual(stage.shipOf('ada').motion, before)
  })

  it('does no more than a legal hand could, whatever the bytes are and however many', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }).map((rest) => new Uint8Array([1, 2, ...rest])),
      fc.anything(),
    )
    fc.assert(
      fc.property(fc.array(fc.array(bytes, { maxLength: 30 }), { maxLength: 20 }), (ticks) => {
        const stage = staged('ada', 'eve')
        const still = stage.shipOf('ada').motion
        let before = stage.shipOf('eve').motion
        for (const each of ticks) {
          for (const forged of each) stage.arena.steer(eve, forged)
          stage.run(1)
          const { motion } = stage.shipOf('eve')
          const moved = Math.hypot(motion.x - before.x, motion.y - before.y)
          assert.ok(moved <= (TOP_SPEED * TICK_MS) / 1_000 + 0.1, `${moved} in one tick`)
          assert.ok(motion.x >= SHIP_RADIUS && motion.y >= SHIP_RADIUS)
          assert.deepEqual(stage.shipOf('ada').motion, still)
          before = motion
        }
      }),
    )
  })

  it('gains nothing by numbers from the end of the range, nor by ticks from the past or the far future', () => {
    const stage = staged('eve')
    const { tick } = stage.state as State
    stage.arena.steer(eve, input(1, 0))
    stage.arena.steer(eve, input(2 ** 32 - 1, 2 ** 32 - 1))
    stage.run(41)
    assert.equal(stage.shipOf('eve').seq, 2 ** 32 - 1, 'it waited for two seconds at most')
    stage.arena.steer(eve, input(1, tick))
    stage.run(1)
    assert.equal(stage.shipOf('eve').seq, 2 ** 32 - 1)
    assert.equal(stage.shipOf('eve').missed, 255)
  })

  it('keeps a flood within bounds: what waits is cut off, and the ship does what the last one said', () => {
    const stage = staged('eve')
    for (let seq = 1; seq <= 100_000; seq++) stage.arena.steer(eve, input(seq, 0))
    stage.run(1)
    assert.equal(stage.shipOf('eve').seq, 64)
    assert.ok(stage.shipOf('eve').motion.vx <= 0.3 * TOP_SPEED)
  })

  it('makes names of whatever people say of themselves', () => {
    fc.assert(
      fc.property(fc.anything(), (about) => {
        const name = nameOf(about)
        assert.ok([...name].length > 0 && [...name].length <= 24)
        assert.ok(!/[\p{Cc}\p{Cf}]/u.test(name))
      }),
    )
    assert.equal(nameOf({ name: '  Ada\u202e\n Lovelace ' }), 'Ada Lovelace')
    assert.equal(nameOf({ name: 5 }), 'Somebody')
    assert.equal(nameOf(null), 'Somebody')
  })
})
