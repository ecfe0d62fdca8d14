/** What becomes of inputs on the server: when they are applied, and what cheating comes to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeSnapshot, encodeInput, type Heard } from 'holdfast/netcode'
import { FULL, type Sled, TOP_SPEED, Track } from './sled.ts'

const ada = { member: 'ada', session: 'ada-1' }
const eve = { member: 'eve', session: 'eve-1' }

const input = (seq: number, tick: number, push = FULL): Uint8Array =>
  encodeInput({ seq, tick, command: Uint8Array.of(push) })

class Stage extends Track {
  heard: ReadonlyMap<number, Heard> = new Map()

  constructor(...members: string[]) {
    super()
    for (const [player, member] of members.entries()) this.enter(member, player)
    this.run(1)
  }

  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) this.heard = decodeSnapshot(this.advance())?.heard ?? new Map()
  }

  sled(player = 0): Sled {
    return this.sleds[player] as Sled
  }
}

describe('a referee', () => {
  it('applies each input once, in the order of its number, in the tick that it is meant for', () => {
    const stage = new Stage('ada')
    const { tick } = stage.referee
    stage.referee.hear(ada, input(1, tick + 3))
    stage.referee.hear(ada, input(1, tick + 3))
    stage.referee.hear(ada, input(2, tick + 5, 0))
    const speeds = Array.from({ length: 6 }, () => {
      stage.run(1)
      return stage.sled().v
    })
    assert.deepEqual(
      speeds.map((v) => v > 0),
      [false, false, true, true, true, true],
    )
    assert.ok((speeds[4] as number) < (speeds[3] as number), 'the second one was applied in its tick')
    assert.deepEqual(stage.heard.get(0), { seq: 2, early: 4, missed: 0 })
  })

  it('says how early an input came, and counts those that never did', () => {
    const stage = new Stage('ada')
    const { tick } = stage.referee
    stage.referee.hear(ada, input(1, tick + 3))
    stage.run(3)
    assert.equal(stage.heard.get(0)?.early, 2)
    stage.referee.hear(ada, input(4, tick))
    stage.run(1)
    assert.deepEqual(stage.heard.get(0), { seq: 4, early: -4, missed: 2 })
  })

  it('takes the hand of who is silent off the controls, then says that it is away, until it is heard of again', () => {
    const stage = new Stage('ada')
    stage.referee.hear(ada, input(1, 0))
    stage.run(10)
    assert.ok(stage.sled().v > 15)
    stage.run(40)
    assert.ok(Math.abs(stage.sled().v) < 0.1)
    assert.equal(stage.away.has(0), false)
    stage.run(30)
    assert.equal(stage.away.has(0), true)
    stage.referee.hear(ada, input(2, 0))
    stage.run(1)
    assert.equal(stage.away.has(0), false)
  })

  it('hears one window of a person at a time, and the other when that has been silent', () => {
    const stage = new Stage('ada')
    const other = { member: 'ada', session: 'ada-2' }
    stage.referee.hear(ada, input(1, 0, 0))
    stage.referee.hear(other, input(9, 0))
    stage.run(2)
    assert.deepEqual([stage.heard.get(0)?.seq, stage.sled().v], [1, 0])
    stage.run(60)
    stage.referee.hear(other, input(1, 0))
    stage.run(1)
    assert.ok(stage.sled().v > 0)
  })

  it('takes no number that the bytes have no room for', () => {
    const { referee } = new Stage()
    for (const number of [-1, 255, 1.5, Number.NaN])
      assert.throws(() => referee.admit('ada', number), RangeError)
    referee.admit('ada', 254)
  })

  it('hears nobody who was not admitted, or was dismissed', () => {
    const stage = new Stage('ada')
    stage.referee.hear(eve, input(1, 0))
    stage.run(2)
    assert.deepEqual([stage.sled().v, stage.heard.size], [0, 1])
    stage.referee.dismiss('ada')
    stage.referee.hear(ada, input(1, 0))
    stage.run(2)
    assert.deepEqual([stage.sled().v, stage.heard.size], [0, 0])
  })
})

describe('cheating', () => {
  it('does no more than a legal hand could, whatever the bytes are and however many', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 9, maxLength: 9 }).map((rest) => new Uint8Array([1, 2, ...rest])),
      fc.anything(),
    )
    fc.assert(
      fc.property(fc.array(fc.array(bytes, { maxLength: 30 }), { maxLength: 20 }), (ticks) => {
        const stage = new Stage('ada', 'eve')
        for (const each of ticks) {
          const { x } = stage.sled(1)
          for (const forged of each) stage.referee.hear(eve, forged)
          stage.run(1)
          assert.ok(Math.abs(stage.sled(1).x - x) <= TOP_SPEED)
          assert.deepEqual(stage.sled(0), { x: 0, v: 0 })
        }
      }),
    )
  })

  it('gains nothing by numbers from the end of the range, nor by ticks from the past or the far future', () => {
    const stage = new Stage('eve')
    const { tick } = stage.referee
    stage.referee.hear(eve, input(1, 0))
    stage.referee.hear(eve, input(2 ** 32 - 1, 2 ** 32 - 1))
    stage.run(41)
    assert.equal(stage.heard.get(0)?.seq, 2 ** 32 - 1, 'it waited for two seconds at most')
    stage.referee.hear(eve, input(1, tick))
    stage.run(1)
    assert.deepEqual([stage.heard.get(0)?.seq, stage.heard.get(0)?.missed], [2 ** 32 - 1, 255])
  })

  it('keeps a flood within bounds: what waits is cut off, and the body does what the last one said', () => {
    const stage = new Stage('eve')
    for (let seq = 1; seq <= 100_000; seq++) stage.referee.hear(eve, input(seq, 0))
    stage.run(1)
    assert.equal(stage.heard.get(0)?.seq, 64)
    assert.ok(stage.sled().v <= 0.3 * TOP_SPEED)
  })
})
