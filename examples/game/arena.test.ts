/** Who may do what in an arena. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeSnapshot, encodeInput } from 'holdfast/netcode'
import { Arena, type Entrant, nameOf } from './arena.ts'
import { game } from './game-rules.ts'
import { FULL, type Ship } from './simulation.ts'

const RIGHT = encodeInput({ seq: 1, tick: 0, command: game.commands.encode({ dx: FULL, dy: 0 }) })

class Stage {
  readonly roster = new Map<number, Entrant>()
  readonly arena: Arena

  constructor() {
    const tell = (id: number, entrant: Entrant | undefined): void => {
      if (entrant === undefined) this.roster.delete(id)
      else this.roster.set(id, entrant)
    }
    // Everything is somewhere else, and each time there: nobody begins at a wall.
    let chance = 0
    this.arena = new Arena(tell, () => (chance = (chance + 0.37) % 1))
  }

  /** The ships, as they are told after so many ticks. */
  run(ticks: number): readonly Ship[] {
    let bytes = new Uint8Array()
    for (let i = 0; i < ticks; i++) bytes = Uint8Array.from(this.arena.advance())
    const snapshot = decodeSnapshot(bytes)
    const state = snapshot && game.states.decode(snapshot.state)
    assert.ok(state)
    return state.ships
  }

  shipOf(member: string, ships: readonly Ship[]): Ship {
    const [id] = [...this.roster].find(([, entrant]) => entrant.member === member) ?? []
    const ship = ships.find((each) => each.id === id)
    assert.ok(ship, `${member} has a ship`)
    return ship
  }
}

describe('an arena', () => {
  it('keeps company: bots for one person alone, fewer as people come, none when all have left', () => {
    const { arena, roster } = new Stage()
    const bots = (): number => [...roster.values()].filter(({ member }) => member === undefined).length
    const seen = ['a', 'b', 'c', 'd', 'e'].map((member) => {
      arena.enter(member, {})
      return bots()
    })
    assert.deepEqual(seen, [3, 2, 1, 0, 0])
    for (const member of ['a', 'b', 'c', 'd', 'e']) arena.leave(member)
    assert.equal(roster.size, 0)
    assert.equal(arena.world.ships.length, 0)
  })

  it('takes sixteen people; the next one watches', () => {
    const stage = new Stage()
    for (let i = 0; i < 40; i++) stage.arena.enter(`member-${i}`, {})
    assert.equal(stage.arena.people.size, 16)
    stage.arena.referee.hear({ member: 'member-30', session: 's' }, RIGHT)
    assert.equal(stage.run(2).length, 16)
  })

  it('has no way to say whose ship it is: an input steers its author, and nobody without a ship', () => {
    const stage = new Stage()
    for (const member of ['ada', 'wen']) stage.arena.enter(member, { name: member })
    const before = stage.shipOf('ada', stage.run(1)).motion
    stage.arena.referee.hear({ member: 'eve', session: 's' }, RIGHT)
    stage.arena.referee.hear({ member: 'wen', session: 's' }, RIGHT)
    const ships = stage.run(5)
    assert.deepEqual(stage.shipOf('ada', ships).motion, before)
    assert.ok(stage.shipOf('wen', ships).motion.vx > 0)
  })

  it('leaves the ship of who is silent alone', () => {
    const stage = new Stage()
    stage.arena.enter('ada', {})
    assert.equal(stage.shipOf('ada', stage.run(60)).away, false)
    assert.equal(stage.shipOf('ada', stage.run(20)).away, true)
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
