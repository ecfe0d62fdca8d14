import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeadlineSweep, TICK_MS } from './deadline.ts'
import { Liveness, type LivenessOwner, type LivenessSettings, type Verdict } from './liveness.ts'

/** A connection that only remembers, on a clock that only the test moves. */
class Patient implements LivenessOwner {
  isPaused = false
  isOver = false
  pings = 0
  verdict: Verdict | undefined
  readonly liveness: Liveness
  private ms = 0
  private readonly sweep: DeadlineSweep = new DeadlineSweep(() => this.ms)

  constructor(settings: Partial<LivenessSettings> = {}) {
    const defaults = {
      pingIntervalMs: 25_000,
      pongTimeoutMs: 10_000,
      stallTimeoutMs: 30_000,
      closeTimeoutMs: 5000,
    }
    this.liveness = new Liveness({ ...defaults, ...settings }, this, this.sweep)
  }

  ping(): void {
    this.pings++
  }

  timedOut(verdict: Verdict): void {
    this.verdict = verdict
  }

  pass(ms: number): void {
    for (const end = this.ms + ms; this.ms < end;) {
      this.ms += TICK_MS
      this.sweep.sweep()
    }
  }

  /** The process was busy: the clock moves without a sweep. */
  block(ms: number): void {
    this.ms += ms
    this.sweep.sweep()
  }
}

test('a silent peer is pinged after 25 s and gone 10 s later', () => {
  const patient = new Patient()
  patient.liveness.begin()
  patient.pass(24_900)
  assert.equal(patient.pings, 0)
  patient.pass(400)
  assert.equal(patient.pings, 1)
  patient.pass(9_800)
  assert.equal(patient.verdict, undefined)
  patient.pass(800)
  assert.deepEqual([patient.pings, patient.verdict], [1, 'gone'])
})

test('any frame proves life and puts off the next ping', () => {
  const patient = new Patient()
  patient.liveness.begin()
  for (let round = 0; round < 10; round++) {
    patient.pass(20_000)
    patient.liveness.heard()
  }
  assert.deepEqual([patient.pings, patient.verdict], [0, undefined])
  patient.pass(26_000)
  patient.liveness.heard()
  patient.pass(20_000)
  assert.deepEqual([patient.pings, patient.verdict], [1, undefined])
})

test('after a long turn a pong that lies unread gets one more tick', () => {
  const patient = new Patient()
  patient.liveness.begin()
  patient.pass(25_400)
  assert.equal(patient.pings, 1)
  patient.block(60_000)
  assert.equal(patient.verdict, undefined)
  patient.liveness.heard()
  patient.pass(1000)
  assert.equal(patient.verdict, undefined)
})

test('while reading is paused there is no sign of life, and none is asked for', () => {
  const patient = new Patient()
  patient.isPaused = true
  patient.liveness.begin()
  patient.pass(200_000)
  assert.deepEqual([patient.pings, patient.verdict], [0, undefined])
  patient.isPaused = false
  patient.liveness.heard()
  patient.pass(80_000)
  assert.deepEqual([patient.pings, patient.verdict], [1, 'gone'])
})

test('above the mark there must be progress within 30 s; each progress begins them anew', () => {
  const patient = new Patient({ pingIntervalMs: 0 })
  patient.liveness.begin()
  patient.isOver = true
  patient.liveness.watchProgress()
  for (let round = 0; round < 5; round++) {
    patient.pass(29_000)
    assert.equal(patient.verdict, undefined)
    patient.liveness.progressed()
  }
  patient.pass(30_500)
  assert.equal(patient.verdict, 'stalled')
})

test('below the mark nobody stalls, and without pings nobody is watched', () => {
  const patient = new Patient({ pingIntervalMs: 0 })
  patient.liveness.begin()
  patient.isOver = true
  patient.liveness.watchProgress()
  patient.isOver = false
  patient.pass(100_000)
  assert.deepEqual([patient.pings, patient.verdict], [0, undefined])
})

test('closing has 5 s of its own, whatever else was due', () => {
  const patient = new Patient()
  patient.liveness.begin()
  patient.pass(24_900)
  patient.liveness.watchClose()
  patient.liveness.watchProgress()
  patient.pass(4_900)
  assert.deepEqual([patient.pings, patient.verdict], [0, undefined])
  patient.pass(400)
  assert.equal(patient.verdict, 'unclosed')
})

test('what has ended is not judged', () => {
  const patient = new Patient()
  patient.liveness.begin()
  patient.liveness.end()
  patient.pass(100_000)
  assert.deepEqual([patient.pings, patient.verdict], [0, undefined])
})
