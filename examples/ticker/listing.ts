/**
 * What is traded: five real shares, the real index, and three hundred companies that do not exist. Page and node make
 * the list alike, so that it never travels.
 */
import type { RealSymbol } from './closes.ts'

export interface Listing {
  readonly symbol: string
  readonly name: string
  /** `real`: its monthly closes are history, what lies between them is not. `simulated`: all of it is invented. */
  readonly source: 'real' | 'simulated'
}

const REAL: readonly (readonly [RealSymbol, string])[] = [
  ['SPX', 'S&P 500 index'],
  ['AAPL', 'Apple'],
  ['AMZN', 'Amazon'],
  ['GOOG', 'Google'],
  ['IBM', 'IBM'],
  ['MSFT', 'Microsoft'],
]

const FIRST_WORDS = [
  'Alder',
  'Beacon',
  'Cinder',
  'Dovetail',
  'Ember',
  'Fallow',
  'Gannet',
  'Heron',
  'Inkwell',
  'Juniper',
  'Kestrel',
  'Lantern',
  'Marl',
  'Nettle',
  'Osier',
  'Pebble',
  'Quill',
  'Rowan',
  'Sorrel',
  'Thistle',
]

const SECOND_WORDS = [
  ['Bakeries', 'BK'],
  ['Cables', 'CB'],
  ['Dairies', 'DY'],
  ['Engines', 'EN'],
  ['Freight', 'FR'],
  ['Glass', 'GL'],
  ['Holdings', 'HO'],
  ['Instruments', 'IN'],
  ['Kilns', 'KI'],
  ['Lighting', 'LT'],
  ['Mills', 'MI'],
  ['Networks', 'NW'],
  ['Optics', 'OP'],
  ['Power', 'PW'],
  ['Shipping', 'SH'],
] as const

/** Their symbols end in `.X`, as no real one does. */
const INVENTED: readonly Listing[] = FIRST_WORDS.flatMap((first) =>
  SECOND_WORDS.map(([second, letters]) => ({
    symbol: `${first.slice(0, 2).toUpperCase()}${letters}.X`,
    name: `${first} ${second}`,
    source: 'simulated' as const,
  })),
)

export const LISTINGS: readonly Listing[] = [
  ...REAL.map(([symbol, name]) => ({ symbol, name, source: 'real' as const })),
  ...INVENTED,
]
