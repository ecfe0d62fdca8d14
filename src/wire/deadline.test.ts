import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeadlineSweep, TICK_MS, type Timed } from './deadline.ts'

interface Clock {
  ms: number
}

class Item implements Timed {
  dueTick = 0
  readonly expiredAt: number[] = []
  private readonly clock: Clock
  private readonly next: number[]

  constructor(clock: Clock, next: number[] = []) {
    this.clock = clock
    this.next = next
  }

  expire(): number {
    this.expiredAt.push(this.clock.ms)
    return this.next.shift() ?? 0
  }
}

/** Sweeps tick by tick. */
function pass(sweep: DeadlineSweep, clock: Clock, untilMs: number): void {
  while (clock.ms < untilMs) {
    clock.ms += TICK_MS
    sweep.sweep()
  }
}

test('a deadline is never early and at most two ticks late', () => {
  for (const delay of [1, 99, 100, 101, 250, 25_000]) {
    const clock = { ms: 1234.5 }
    const sweep = new DeadlineSweep(() => clock.ms)
    const item = new Item(clock)
    sweep.arm(item, delay)
    pass(sweep, clock, 40_000)
    assert.equal(item.expiredAt.length, 1)
    const late = item.expiredAt[0]! - 1234.5 - delay
    assert(late >= 0 && late <= 2 * TICK_MS, `${late} ms late`)
  }
})

test('an item has one deadline, the earliest; disarmed it has none', () => {
  const clock = { ms: 0 }
  const sweep = new DeadlineSweep(() => clock.ms)
  const [early, late, gone] = [new Item(clock), new Item(clock), new Item(clock)]
  sweep.arm(early, 5000)
  sweep.arm(early, 1000)
  sweep.arm(late, 1000)
  sweep.arm(late, 5000)
  sweep.arm(gone, 1000)
  sweep.disarm(gone)
  sweep.disarm(gone)
  pass(sweep, clock, 10_000)
  assert.deepEqual([early.expiredAt.length, late.expiredAt.length, gone.expiredAt.length], [1, 1, 0])
  assert(early.expiredAt[0]! <= 1200)
})

test('an item that asks again is asked again, and a long turn skips nothing', () => {
  const clock = { ms: 0 }
  const sweep = new DeadlineSweep(() => clock.ms)
  const item = new Item(clock, [1000, 1000])
  sweep.arm(item, 1000)
  clock.ms = 60_000
  sweep.sweep()
  assert.equal(item.expiredAt.length, 1)
  pass(sweep, clock, 70_000)
  assert.equal(item.expiredAt.length, 3)
  assert.equal(item.dueTick, 0)
})

test('what is disarmed or armed anew in the sweep in which it is due does not expire in it', () => {
  const clock = { ms: 0 }
  const sweep = new DeadlineSweep(() => clock.ms)
  const [disarmed, later] = [new Item(clock), new Item(clock)]
  const first: Timed = {
    dueTick: 0,
    expire: () => {
      sweep.disarm(disarmed)
      sweep.disarm(later)
      sweep.arm(later, 1_000)
      return 0
    },
  }
  for (const item of [first, disarmed, later]) sweep.arm(item, 100)
  pass(sweep, clock, 900)
  assert.deepEqual([disarmed.expiredAt, later.expiredAt], [[], []])
  pass(sweep, clock, 2_000)
  assert.deepEqual([disarmed.expiredAt.length, later.expiredAt.length], [0, 1])
})
