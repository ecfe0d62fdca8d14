// Deadlines for many connections with one timer: items lie in buckets of 100 ms, and a sweep visits only the buckets
// that are due. An item has one deadline, its earliest; it is not precise, never early, and it keeps no process alive.

import { Roster } from '../roster/index.ts'

export const TICK_MS = 100

export interface Timed {
  /** The tick of its bucket, 0 when it is in none; owned by the sweep. */
  dueTick: number
  /** Its place there. */
  bucketPlace?: number
  /** Its deadline has passed. Returns how many milliseconds from now the next one lies, 0 for none. */
  expire(): number
}

/** Runs something again and again until the returned function is called; keeps no process alive. */
export type Every = (ms: number, run: () => void) => () => void

const interval: Every = (ms, run) => {
  const timer = setInterval(run, ms).unref()
  return () => clearInterval(timer)
}

export class DeadlineSweep {
  /** The time in ticks, as of the last sweep. */
  tick = 1
  private readonly buckets = new Map<number, Roster<'bucketPlace', Timed>>()
  private readonly now: () => number
  private readonly every: Every
  private stopTimer: (() => void) | undefined

  /** `now` is a monotonic clock in milliseconds. */
  constructor(now: () => number, every: Every = interval) {
    this.now = now
    this.every = every
  }

  /** Calls `expire` in `delayMs`, or earlier if the item already waits for something earlier. */
  arm(item: Timed, delayMs: number): void {
    const dueTick = this.currentTick() + Math.ceil(delayMs / TICK_MS) + 1
    if (item.dueTick !== 0) {
      if (item.dueTick <= dueTick) return
      this.disarm(item)
    }
    item.dueTick = dueTick
    let bucket = this.buckets.get(dueTick)
    if (bucket === undefined) this.buckets.set(dueTick, (bucket = new Roster('bucketPlace')))
    bucket.add(item)
    this.start()
  }

  disarm(item: Timed): void {
    const { dueTick } = item
    const bucket = this.buckets.get(dueTick)
    item.dueTick = 0
    if (bucket === undefined || !bucket.delete(item) || bucket.size > 0) return
    // An empty bucket must not keep the timer going until its time comes.
    this.buckets.delete(dueTick)
    if (this.buckets.size === 0) this.stop()
  }

  /** Expires whatever is due. The timer calls it; tests may. */
  sweep(): void {
    const now = this.currentTick()
    while (this.tick < now) {
      const tick = ++this.tick
      const bucket = this.buckets.get(tick)
      if (bucket === undefined) continue
      this.buckets.delete(tick)
      for (const item of bucket.clear()) {
        // Whoever came before it may have disarmed it, and armed it anew.
        if (item.dueTick !== tick) continue
        item.dueTick = 0
        const delayMs = item.expire()
        if (delayMs > 0) this.arm(item, delayMs)
      }
    }
    if (this.buckets.size === 0) this.stop()
  }

  private currentTick(): number {
    const tick = Math.floor(this.now() / TICK_MS) + 1
    // With no timer running nothing has kept the time, and nothing can be due.
    if (this.stopTimer === undefined) this.tick = tick
    return tick
  }

  private start(): void {
    this.stopTimer ??= this.every(TICK_MS, () => this.sweep())
  }

  private stop(): void {
    this.stopTimer?.()
    this.stopTimer = undefined
  }
}

/** The one that all connections of the process share. */
export const deadlines: DeadlineSweep = new DeadlineSweep(() => performance.now())
