// Order and delay under a clock that stands still until it is told to go on; what is held has a bound.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '../../test/network/virtual-clock.ts'
import { Lane } from './lane.ts'

class Run {
  readonly clock = new VirtualClock()
  readonly out: { readonly atMs: number; readonly byte: number }[] = []
  readonly lane: Lane
  latencyMs = 0
  ended: number | undefined
  paused = false
  takes = Infinity

  constructor() {
    this.lane = new Lane(
      {
        write: ([byte]) => {
          this.out.push({ atMs: this.clock.now(), byte: byte! })
          return --this.takes > 0
        },
        end: () => (this.ended = this.clock.now()),
        pause: () => (this.paused = true),
        resume: () => (this.paused = false),
      },
      this.clock,
      () => this.latencyMs,
    )
  }
}

test('without delay a piece passes in the call that brings it', () => {
  const run = new Run()
  run.lane.push(Uint8Array.of(1))
  run.lane.finish()
  assert.deepEqual(run.out, [{ atMs: 0, byte: 1 }])
  assert.equal(run.ended, 0)
  assert.equal(run.clock.timers, 0)
})

test('each piece takes the delay, and the end takes it too', () => {
  const run = new Run()
  run.latencyMs = 50
  run.lane.push(Uint8Array.of(1))
  run.clock.advance(20)
  run.lane.push(Uint8Array.of(2))
  run.lane.finish()
  run.clock.advance(29)
  assert.deepEqual(run.out, [])
  run.clock.advance(1)
  assert.deepEqual(run.out, [{ atMs: 50, byte: 1 }])
  assert.equal(run.ended, undefined)
  run.clock.advance(20)
  assert.deepEqual(run.out[1], { atMs: 70, byte: 2 })
  assert.equal(run.ended, 70)
})

test('whatever the delays are, nothing overtakes, nothing is early, and nothing is late but for what goes before', () => {
  const steps = fc.array(fc.record({ latencyMs: fc.nat(200), waitMs: fc.nat(60) }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (list) => {
      const run = new Run()
      const due: number[] = []
      for (const [index, { latencyMs, waitMs }] of list.entries()) {
        run.latencyMs = latencyMs
        due.push(Math.max(run.clock.now() + latencyMs, due.at(-1) ?? 0))
        run.lane.push(Uint8Array.of(index))
        run.clock.advance(waitMs)
      }
      run.clock.advance(500)
      assert.deepEqual(
        run.out,
        due.map((atMs, byte) => ({ atMs, byte })),
      )
      assert.equal(run.lane.heldBytes, 0)
      assert.equal(run.clock.timers, 0)
    }),
  )
})

test('a full destination gets nothing more until it drains', () => {
  const run = new Run()
  run.takes = 2
  for (const byte of [1, 2, 3]) run.lane.push(Uint8Array.of(byte))
  run.lane.finish()
  assert.deepEqual(
    run.out.map(({ byte }) => byte),
    [1, 2],
  )
  run.takes = Infinity
  run.lane.drained()
  assert.deepEqual(
    run.out.map(({ byte }) => byte),
    [1, 2, 3],
  )
  assert.equal(run.ended, 0)
})

for (const [kind, size, most] of [
  ['large', 65_536, 17],
  ['single-byte', 1, 4_097],
] as const) {
  test(`the source is stopped while too much is under way in ${kind} pieces, and goes on when half of it has left`, () => {
    const run = new Run()
    run.latencyMs = 10
    let pieces = 0
    while (!run.paused) {
      run.lane.push(new Uint8Array(size))
      pieces++
      assert.ok(pieces <= most, `${pieces} pieces`)
    }
    assert.ok(pieces > most / 2)
    run.clock.advance(10)
    assert.equal(run.paused, false)
    assert.equal(run.lane.heldBytes, 0)
  })
}

test('a lane that is closed lets go of everything', () => {
  const run = new Run()
  run.latencyMs = 10
  run.lane.push(Uint8Array.of(1))
  run.lane.close()
  run.clock.advance(100)
  assert.deepEqual(run.out, [])
  assert.equal(run.lane.heldBytes, 0)
  assert.equal(run.clock.timers, 0)
})
