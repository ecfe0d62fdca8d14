/**
 * What is traded: five real shares, the real index, and three hundred companies that do not exist, whose symbols end in
 * `.X` as no real one does. Page and node make the list alike, so that it never travels.
 */
import shares from './shares.json' with { type: 'json' }

export interface Listing {
  readonly symbol: string
  readonly name: string
  /** Real monthly ones, in hundredths, from August 2004 on; undefined where all of it is invented. */
  readonly closes: readonly number[] | undefined
}

const begin = (word: string): string => word.slice(0, 2).toUpperCase()

const invented = (first: string, second: string): Listing => ({
  symbol: `${begin(first)}${begin(second)}.X`,
  name: `${first} ${second}`,
  closes: undefined,
})

export const LISTINGS: readonly Listing[] = [
  ...shares.real,
  ...shares.first.flatMap((first) => shares.second.map((second) => invented(first, second))),
]
