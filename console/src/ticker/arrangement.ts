/** Which rows of the board are shown, and in which order. Pure: it is given prices and says symbols. */
import { LISTINGS, type Listing } from '../../../examples/ticker/listing.ts'
import { changeOf, type Quote } from '../../../examples/ticker/quote.ts'

/** `listed`: as they are listed, the real ones first. */
export type SortBy = 'listed' | 'symbol' | 'price' | 'change' | 'trades'
export type Show = 'all' | 'pinned' | 'real' | 'simulated'

export interface Arrangement {
  readonly sortBy: SortBy
  readonly descending: boolean
  readonly show: Show
  readonly search: string
  readonly pinned: ReadonlySet<string>
}

/** Pinned ones first, then by what was asked for; where that is equal, as they are listed. */
export const arrange = (
  { sortBy, descending, show, search, pinned }: Arrangement,
  quoteOf: (symbol: string) => Quote | undefined,
): Listing[] => {
  const wanted = search.trim().toLowerCase()
  const shown = LISTINGS.filter(
    (listing) =>
      isAmong(listing, show, pinned) &&
      (wanted === '' || `${listing.symbol} ${listing.name}`.toLowerCase().includes(wanted)),
  )
  const sign = descending ? -1 : 1
  const measure = new Map(shown.map((each) => [each, measureOf(sortBy, quoteOf(each.symbol))]))
  return shown.sort((a, b) => {
    const first = Number(pinned.has(b.symbol)) - Number(pinned.has(a.symbol))
    if (first !== 0) return first
    if (sortBy === 'symbol') return sign * (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0)
    return sign * ((measure.get(a) as number) - (measure.get(b) as number))
  })
}

const isAmong = ({ symbol, closes }: Listing, show: Show, pinned: ReadonlySet<string>): boolean => {
  if (show === 'all') return true
  return show === 'pinned' ? pinned.has(symbol) : (show === 'real') === (closes !== undefined)
}

const measureOf = (sortBy: SortBy, quote: Quote | undefined): number => {
  if (quote === undefined || sortBy === 'symbol' || sortBy === 'listed') return 0
  if (sortBy === 'change') return changeOf(quote)
  const [hundredths, , trades] = quote
  return sortBy === 'price' ? hundredths : trades
}

export interface Mover {
  readonly symbol: string
  /** Since the last close, as `changeOf` says it. */
  readonly change: number
}

export interface Movers {
  readonly up: readonly Mover[]
  readonly down: readonly Mover[]
}

/** What has risen and fallen most since the last close, the most first; never one that has not moved that way. */
export const moversOf = (count: number, quoteOf: (symbol: string) => Quote | undefined): Movers => {
  const movers = LISTINGS.flatMap(({ symbol }): Mover[] => {
    const quote = quoteOf(symbol)
    return quote === undefined ? [] : [{ symbol, change: changeOf(quote) }]
  }).sort((a, b) => b.change - a.change)
  return {
    up: movers.slice(0, count).filter(({ change }) => change > 0),
    down: movers
      .slice(-count)
      .reverse()
      .filter(({ change }) => change < 0),
  }
}
