/** Names in the order of their UTF-8 bytes, which is that of SQLite and of Redis, and not JavaScript's own. */
import type { ListRequest } from '../channel/index.ts'

/** Of two code units that differ: surrogates stand for what comes after all others. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

export const compareNames = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** The first names that are asked for, of names in any order. */
export const firstNames = (names: Iterable<string>, { after, contains, limit }: ListRequest): string[] => {
  let found: string[] = []
  for (const name of names) {
    if (!name.includes(contains) || compareNames(name, after) <= 0) continue
    found.push(name)
    // Those that will not be among the first are let go of now and then, not one by one.
    if (found.length >= 2 * limit + 1_000) found = found.sort(compareNames).slice(0, limit)
  }
  return found.sort(compareNames).slice(0, limit)
}
