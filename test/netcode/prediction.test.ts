/**
 * The client's guesses against the server's truth, over a network that exists only here: it delays, gathers what
 * comes into batches as polls do, and breaks. Time is a number that the test moves.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeSnapshot, encodeInput, type Input, type Snapshot } from 'holdfast/netcode'
import { Clock } from '../../src/netcode/clock.ts'
import { Past } from '../../src/netcode/past.ts'
import { Prediction } from '../../src/netcode/prediction.ts'
import { FULL, game, type Sled, type Sleds, TICK_MS, Track } from './sled.ts'

interface Network {
  /** One way, milliseconds; in turn. */
  readonly up: readonly number[]
  readonly down: readonly number[]
  /** Snapshots are fetched this often; 0: they come by themselves. */
  readonly batchMs?: number
  /** Nothing gets through in between, and what is sent meanwhile is not sent later. */
  readonly cut?: readonly [fromMs: number, toMs: number]
}

const FRAME_MS = 16
const ADA = 0
const OTHER = 1

const read = (bytes: Uint8Array): Snapshot<Sleds> => {
  const snapshot = decodeSnapshot(bytes)
  const state = snapshot && game.states.decode(snapshot.state)
  assert.ok(snapshot !== undefined && state !== undefined)
  return { ...snapshot, state }
}

/** Of errors: what half of them and 95 of 100 did not exceed, and the largest. */
const errorOf = (errors: readonly number[]) => {
  const sorted = errors.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0, count: sorted.length }
}

/** Plays for a while by a hand that turns now and then; says what became of it. */
const play = (network: Network, lastsMs: number) => {
  const track = new Track()
  track.enter('ada', ADA)
  const clock = new Clock(TICK_MS)
  const past = new Past(game)
  const prediction = new Prediction(game)
  const up: { atMs: number; bytes: Uint8Array }[] = []
  let down: { atMs: number; bytes: Uint8Array }[] = []
  const steps: number[] = []
  let sent: Input<number> = { seq: 0, tick: 0, command: 0 }
  let drawn: Sled | undefined
  let sends = 0
  let tickedMs = 0
  let fetchedMs = 0
  const isCut = (ms: number): boolean =>
    network.cut !== undefined && ms >= network.cut[0] && ms < network.cut[1]
  const steer = (tick: number, nowMs: number): void => {
    const command = Math.round(FULL * Math.cos(tick >> 4))
    if (isCut(nowMs) || tick - sent.tick < (command === sent.command ? 5 : 2)) return
    sent = { seq: sent.seq + 1, tick, command }
    prediction.note(sent)
    const before = up.at(-1)?.atMs ?? 0
    const atMs = Math.max(before, nowMs + (network.up[sends++ % network.up.length] as number))
    up.push({ atMs, bytes: encodeInput({ ...sent, command: game.commands.encode(command) }) })
  }
  for (let nowMs = 0; nowMs < lastsMs; nowMs += FRAME_MS) {
    while (tickedMs + TICK_MS <= nowMs) {
      tickedMs += TICK_MS
      while (up[0] !== undefined && up[0].atMs <= tickedMs && !isCut(tickedMs)) {
        track.referee.hear({ member: 'ada', session: 's' }, up.shift()?.bytes)
      }
      // Another goes to and fro.
      track.sleds[OTHER] = { x: 300 * Math.sin(track.referee.tick / 20), v: 0 }
      const atMs = tickedMs + (network.down[down.length % network.down.length] as number)
      down.push({ atMs: Math.max(down.at(-1)?.atMs ?? 0, atMs), bytes: track.advance() })
    }
    const fetches = nowMs - fetchedMs >= (network.batchMs ?? 0) && !isCut(nowMs)
    if (isCut(nowMs)) clock.interrupted()
    const here = fetches ? down.filter(({ atMs }) => atMs <= nowMs) : []
    if (fetches) fetchedMs = nowMs
    down = down.filter((each) => !here.includes(each))
    for (const { bytes } of here) {
      const snapshot = read(bytes)
      const { seq = 0, early = 0 } = snapshot.heard.get(ADA) ?? {}
      clock.arrived(snapshot.tick, nowMs)
      past.add(snapshot)
      clock.applied(seq, early, sent.seq)
      prediction.correct(snapshot.tick, snapshot.state[ADA] as Sled, seq)
    }
    const at = clock.at(nowMs)
    if (at === undefined) continue
    prediction.advance(Math.ceil(at.own), (tick) => steer(tick, nowMs))
    const body = prediction.at(at.own, FRAME_MS)
    if (body !== undefined && drawn !== undefined) steps.push(Math.abs(body.x - drawn.x))
    drawn = body
  }
  const heard = past.newest?.heard.get(ADA)
  const longestStep = Math.max(...steps.slice(-300))
  return { error: errorOf(prediction.errors), heard, sent, clock, past, longestStep }
}

describe('one’s own body', () => {
  it('is where the server will have it, exactly, once the client knows how far ahead to be', () => {
    for (const [name, network] of Object.entries({
      near: { up: [1], down: [1] },
      '100 ms each way': { up: [100], down: [100] },
      polling: { up: [20], down: [20], batchMs: 600 },
    })) {
      const { error, heard } = play(network, 40_000)
      assert.ok(error.count > 250, name)
      assert.ok(error.p95 < 1, `${name}: ${error.p95}`)
      assert.equal(heard?.missed, 0)
    }
  })

  it('is close to that over a way that trembles, and is never drawn in leaps', () => {
    const { error, longestStep } = play({ up: [40, 140, 60, 90], down: [50, 130, 70] }, 20_000)
    assert.ok(error.p95 < 24, `${error.p95}`)
    assert.ok(longestStep < 12, `${longestStep} units in a frame`)
  })

  it('stops where the server stops it when nothing gets through, and goes on from there', () => {
    const { error, heard, sent, longestStep } = play({ up: [50], down: [50], cut: [8_000, 9_500] }, 13_000)
    assert.ok(error.max < 120, `${error.max}`)
    assert.ok(longestStep < 20, `${longestStep} units in a frame`)
    assert.equal(heard?.missed, 0)
    assert.ok(sent.seq - (heard?.seq ?? 0) < 10, 'all but what is under way was applied')
  })

  it('leaps where it was far off, and is drawn there softly where it was not', () => {
    const drawnAfter = (truth: number): number => {
      const prediction = new Prediction(game)
      prediction.correct(1, { x: 0, v: 0 }, 0)
      prediction.correct(2, { x: truth, v: 0 }, 0)
      return prediction.at(2, 0)?.x ?? Number.NaN
    }
    assert.equal(drawnAfter(game.leap - 1), 0)
    assert.equal(drawnAfter(game.leap + 1), game.leap + 1)
  })
})

describe('the lead', () => {
  it('grows when inputs come late, and shrinks again when the way has become short', () => {
    const late = play({ up: [200], down: [1] }, 10_000).clock
    assert.ok(late.leadMs >= 200 && late.leadMs <= 450, `${late.leadMs}`)
    // A bad beginning: the first inputs take a second, those after them nothing.
    const up = [...Array<number>(20).fill(900), ...Array<number>(400).fill(1)]
    const recovered = play({ up, down: [1] }, 30_000)
    assert.ok(recovered.clock.leadMs <= 300, `${recovered.clock.leadMs}`)
  })
})

describe('the others', () => {
  it('are drawn late by the longest wait for news, whichever way it comes', () => {
    const often = play({ up: [1], down: [1] }, 8_000).clock
    const seldom = play({ up: [1], down: [1], batchMs: 600 }, 8_000).clock
    const [near, far] = [often.latenessMs - often.leadMs, seldom.latenessMs - seldom.leadMs]
    assert.ok(near >= TICK_MS && near < 150, `${near}`)
    assert.ok(far > 580 && far < 750, `${far}`)
  })

  it('are always between two places that are known, also when snapshots come in batches', () => {
    const { clock, past } = play({ up: [1], down: [1], batchMs: 600 }, 8_000)
    const at = clock.at(8_000)
    assert.ok(at !== undefined && past.newest !== undefined)
    assert.ok(at.others <= past.newest.tick, `${at.others} is known, up to ${past.newest.tick}`)
    const [a, b] = [past.bodyAt(OTHER, at.others), past.bodyAt(OTHER, at.others + 0.5)]
    assert.ok(a !== undefined && b !== undefined)
    assert.ok(Math.abs(a.x - b.x) < 12 && a.x !== b.x, `${a.x}, ${b.x}`)
  })

  const moving = (ticks: readonly number[]): Past<Sleds, Sled, number> => {
    const past = new Past(game)
    for (const tick of ticks) past.add({ tick, heard: new Map(), state: { 1: { x: 10 * tick, v: 10 } } })
    return past
  }

  it('are in their place whatever order snapshots come in, and however often', () => {
    const straight = moving([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    const shuffled = moving([3, 0, 9, 9, 1, 2, 8, 7, 6, 5, 4, 0])
    for (let tick = 0; tick < 14; tick += 0.3)
      assert.deepEqual(shuffled.bodyAt(1, tick), straight.bodyAt(1, tick))
  })

  it('go straight on for a moment when nothing comes, and have a place also just after they came', () => {
    const past = moving([0, 1, 2])
    assert.deepEqual(past.bodyAt(1, 1.5), { x: 15, v: 10 })
    assert.deepEqual([past.bodyAt(1, 4)?.x, past.bodyAt(1, 5)?.x, past.bodyAt(1, 50)?.x], [40, 50, 50])
    assert.equal(past.bodyAt(2, 1), undefined)
    past.add({ tick: 3, heard: new Map(), state: { 2: { x: 7, v: 0 } } })
    assert.deepEqual(past.bodyAt(2, 1.5), { x: 7, v: 0 })
    // Who has gone is where it was.
    assert.equal(past.bodyAt(1, 2.5)?.x, 25)
  })

  it('are forgotten but for the last seconds', () => {
    const past = moving(Array.from({ length: 200 }, (_, tick) => tick))
    assert.equal(past.by(0)?.tick, 199 - 4_000 / TICK_MS)
  })
})
