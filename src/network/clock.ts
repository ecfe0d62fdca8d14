/** Time and chance of a network, handed in so that tests need not wait and runs can be repeated. */

export interface NetworkClock {
  /** Monotonic, milliseconds. */
  now(): number
  /** @returns what takes it back. */
  after(ms: number, run: () => void): () => void
}

export const REAL_CLOCK: NetworkClock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export const seededChance = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
