/**
 * The client's guesses against the server's truth, over a network that exists only here: it delays, gathers what
 * comes into batches as polls do, and breaks. Time is a number that the test moves.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Arena } from '../../../examples/game/arena.ts'
import { decodeState, encodeInput, type Input } from '../../../examples/game/codec.ts'
import { type Clock, PlainClock } from '../../../examples/game/clock.ts'
import { Past } from '../../../examples/game/past.ts'
import { Prediction } from '../../../examples/game/prediction.ts'
import {
  FULL,
  legalSteering,
  STILL,
  type Steering,
  TICK_MS,
  topSpeedOf,
} from '../../../examples/game/simulation.ts'
import { errorOf } from './guess-error.ts'
import { Timeline } from './timeline.ts'

interface Network {
  /** One way, milliseconds; in turn. */
  readonly up: readonly number[]
  readonly down: readonly number[]
  /** States are fetched this often; 0: they come by themselves. */
  readonly batchMs?: number
  /** Nothing gets through in between, and what is sent meanwhile is not sent later. */
  readonly cut?: readonly [fromMs: number, toMs: number]
}

const FRAME_MS = 16

/** Plays for a while by a hand that turns now and then; says what became of it. */
const playBy = <C extends Clock>(timeline: C, network: Network, lastsMs: number) => {
  const arena = new Arena(11, () => undefined)
  arena.enter('ada', {})
  const ship = arena.world.ships.find(({ bot }) => !bot)
  const past = new Past()
  const prediction = new Prediction()
  const up: { atMs: number; bytes: Uint8Array }[] = []
  let down: { atMs: number; bytes: Uint8Array }[] = []
  const steps: number[] = []
  let sent: Input = { seq: 0, tick: 0, steering: STILL }
  let drawn: { x: number; y: number } | undefined
  let sends = 0
  let tickedMs = 0
  let fetchedMs = 0
  const isCut = (ms: number): boolean =>
    network.cut !== undefined && ms >= network.cut[0] && ms < network.cut[1]
  const hand = (tick: number): Steering =>
    legalSteering(FULL * Math.cos(tick >> 4), FULL * Math.sin(tick >> 4))
  const steer = (tick: number, nowMs: number): void => {
    const steering = hand(tick)
    const same = steering.dx === sent.steering.dx && steering.dy === sent.steering.dy
    if (isCut(nowMs) || tick - sent.tick < (same ? 5 : 2)) return
    sent = { seq: sent.seq + 1, tick, steering }
    prediction.note(sent)
    const before = up.at(-1)?.atMs ?? 0
    const atMs = Math.max(before, nowMs + (network.up[sends++ % network.up.length] as number))
    up.push({ atMs, bytes: encodeInput(sent) })
  }
  for (let nowMs = 0; nowMs < lastsMs; nowMs += FRAME_MS) {
    while (tickedMs + TICK_MS <= nowMs) {
      tickedMs += TICK_MS
      while (up[0] !== undefined && up[0].atMs <= tickedMs && !isCut(tickedMs)) {
        arena.steer({ member: 'ada', session: 's' }, up.shift()?.bytes)
      }
      const atMs = tickedMs + (network.down[down.length % network.down.length] as number)
      down.push({ atMs: Math.max(down.at(-1)?.atMs ?? 0, atMs), bytes: arena.advance() })
    }
    const fetches = nowMs - fetchedMs >= (network.batchMs ?? 0) && !isCut(nowMs)
    if (isCut(nowMs)) timeline.interrupted()
    const here = fetches ? down.filter(({ atMs }) => atMs <= nowMs) : []
    if (fetches) fetchedMs = nowMs
    down = down.filter((each) => !here.includes(each))
    for (const { bytes } of here) {
      const state = decodeState(bytes)
      const own = state?.ships.find(({ id }) => id === ship?.id)
      assert.ok(state !== undefined && own !== undefined)
      timeline.arrived(state.tick, nowMs)
      past.add(state)
      timeline.applied(own.seq, own.early, sent.seq)
      prediction.correct(state.tick, own, topSpeedOf(own, state.crown.holder))
    }
    const at = timeline.at(nowMs)
    if (at === undefined) continue
    prediction.advance(Math.ceil(at.own), (tick) => steer(tick, nowMs))
    const place = prediction.at(at.own, FRAME_MS)
    if (place !== undefined && drawn !== undefined)
      steps.push(Math.hypot(place.x - drawn.x, place.y - drawn.y))
    drawn = place
  }
  const truth = past.newest?.ships.find(({ id }) => id === ship?.id)
  return {
    error: errorOf(prediction.errors),
    truth,
    sent,
    timeline,
    past,
    longestStep: Math.max(...steps.slice(-300)),
  }
}

const play = (network: Network, lastsMs: number) => playBy(new Timeline(), network, lastsMs)

const CLOCKS: readonly (readonly [string, () => Clock])[] = [
  ['by the page’s clock', () => new Timeline()],
  ['by the example’s', () => new PlainClock()],
]

for (const [named, newClock] of CLOCKS)
  describe(`the own ship, ${named}`, () => {
    const play = (network: Network, lastsMs: number) => playBy(newClock(), network, lastsMs)

    it('is where the server will have it, exactly, once the client knows how far ahead to be', () => {
      for (const [name, network] of Object.entries({
        near: { up: [1], down: [1] },
        '100 ms each way': { up: [100], down: [100] },
        polling: { up: [20], down: [20], batchMs: 600 },
      })) {
        const { error, truth } = play(network, 40_000)
        assert.ok(error.count > 250, name)
        assert.ok(error.p95 < 1, `${name}: ${error.p95}`)
        assert.equal(truth?.missed, 0)
      }
    })

    it('is close to that over a way that trembles, and is never drawn in leaps', () => {
      const { error, longestStep } = play({ up: [40, 140, 60, 90], down: [50, 130, 70] }, 20_000)
      assert.ok(error.p95 < 24, `${error.p95}`)
      assert.ok(longestStep < 12, `${longestStep} units in a frame`)
    })

    it('stops where the server stops it when nothing gets through, and goes on from there', () => {
      const { error, truth, sent, longestStep } = play({ up: [50], down: [50], cut: [8_000, 9_500] }, 13_000)
      assert.ok(error.max < 120, `${error.max}`)
      assert.ok(longestStep < 20, `${longestStep} units in a frame`)
      assert.equal(truth?.missed, 0)
      assert.ok(sent.seq - (truth?.seq ?? 0) < 10, 'all but what is under way was applied')
    })
  })

describe('the lead', () => {
  it('grows when inputs come late, and shrinks again when the way has become short', () => {
    const late = play({ up: [200], down: [1] }, 10_000).timeline
    assert.ok(late.leadMs >= 200 && late.leadMs <= 450, `${late.leadMs}`)
    // A bad beginning: the first inputs take a second, those after them nothing.
    const recovered = play(
      { up: [...Array<number>(20).fill(900), ...Array<number>(400).fill(1)], down: [1] },
      30_000,
    )
    assert.ok(recovered.timeline.leadMs <= 300, `${recovered.timeline.leadMs}`)
  })
})

describe('the others', () => {
  it('are drawn late by the longest wait for news, whichever way it comes', () => {
    const often = play({ up: [1], down: [1] }, 8_000).timeline
    const seldom = play({ up: [1], down: [1], batchMs: 600 }, 8_000).timeline
    const [near, far] = [often.latenessMs - often.leadMs, seldom.latenessMs - seldom.leadMs]
    assert.ok(near >= TICK_MS && near < 150, `${near}`)
    assert.ok(far > 580 && far < 750, `${far}`)
  })

  it('are always between two places that are known, also when states come in batches', () => {
    const { timeline, past } = play({ up: [1], down: [1], batchMs: 600 }, 8_000)
    const at = timeline.at(8_000)
    assert.ok(at !== undefined && past.newest !== undefined)
    assert.ok(at.others <= past.newest.tick, `${at.others} is known, up to ${past.newest.tick}`)
    const bot = past.newest.ships.find((ship) => ship.bot)
    assert.ok(bot !== undefined)
    const [a, b] = [past.placeOf(bot, at.others), past.placeOf(bot, at.others + 0.5)]
    assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 12)
  })

  it('are in their place whatever order states come in, and however often', () => {
    const arena = new Arena(3, () => undefined)
    arena.enter('ada', {})
    const states = Array.from({ length: 10 }, () => decodeState(arena.advance())!)
    const straight = new Past()
    for (const state of states) straight.add(state)
    const shuffled = new Past()
    for (const index of [3, 0, 9, 9, 1, 2, 8, 7, 6, 5, 4, 0]) shuffled.add(states[index]!)
    const ship = states[9]!.ships[1]!
    for (let tick = 0; tick < 12; tick += 0.3) {
      assert.deepEqual(shuffled.placeOf(ship, tick), straight.placeOf(ship, tick))
    }
  })
})
