/** Randomness from a seed (mulberry32): the same seed gives the same match, on every node and whenever it is asked. */
export type Chance = () => number

export const chanceFrom = (seed: number): Chance => {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const among = <T>(list: readonly T[], chance: Chance): T =>
  list.at(Math.floor(chance() * list.length)) as T
