/** Randomness from a seed (mulberry32): the same seed gives the same numbers, everywhere. */
export type Chance = () => number

export const chanceFrom = (seed: number): Chance => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Normally distributed about 0, with deviation 1 (the sum of twelve even ones, less six). */
export const normal = (chance: Chance): number => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += chance()
  return sum
}
