/**
 * The market: real prices go from one real monthly close to the next and meet each exactly; on the way, and for every
 * invented company, they are simulated. It owns no clock and no chance: time and both are handed in.
 */
import { type Chance, chanceFrom, normal } from './chance.ts'
import { CLOSES, MONTHS, type RealSymbol } from './closes.ts'
import { LISTINGS, type Listing } from './listing.ts'
import type { Quote } from './quote.ts'

/** How long a month of history lasts here, milliseconds. */
export const MONTH_MS = 15_000

export interface Trade {
  readonly symbol: string
  readonly quote: Quote
}

const INDEX_FIRST = CLOSES.SPX.at(0) ?? 1

interface Stock {
  readonly symbol: string
  /** Undefined for what is invented. */
  readonly closes: readonly number[] | undefined
  /** How far an invented one moves, and how much of the index's way it goes with it. */
  readonly unrest: number
  readonly lean: number
  /** What an invented one is drawn back to while the index stands where it began. */
  readonly homeHundredths: number
  /** The logarithm of how far it is from where it is drawn to. */
  drift: number
  hundredths: number
  closeHundredths: number
  trades: number
}

export class Market {
  readonly #chance: Chance
  readonly #stocks: readonly Stock[]
  #atMs = 0
  #month = 0

  constructor(chance: Chance) {
    this.#chance = chance
    this.#stocks = LISTINGS.map(found)
  }

  /** Which month is being replayed, from 0; after the last it begins again. */
  get month(): number {
    return this.#month
  }

  quote(symbol: string): Quote | undefined {
    return this.#stocks.find((stock) => stock.symbol === symbol)
  }

  quotes(): readonly Trade[] {
    return this.#stocks.map(tradeOf)
  }

  /** Time passes. At the end of a month everything closes: real shares at their real price. */
  pass(ms: number): void {
    this.#atMs = (this.#atMs + ms) % (MONTH_MS * (MONTHS - 1))
    const month = Math.floor(this.#atMs / MONTH_MS)
    if (month === this.#month) return
    const restarted = month < this.#month
    this.#month = month
    for (const stock of this.#stocks) {
      if (restarted) stock.drift = 0
      stock.closeHundredths = stock.closes?.[month] ?? this.#price(stock)
    }
  }

  /** Trades `count` times: a few are traded often, most of them now and then. */
  trade(count: number): Trade[] {
    const trades: Trade[] = []
    for (let i = 0; i < count; i++) {
      const index = Math.floor(this.#chance() ** 1.5 * this.#stocks.length)
      const stock = this.#stocks.at(index) as Stock
      stock.drift = stock.drift * 0.999 + normal(this.#chance) * stock.unrest
      stock.hundredths = this.#price(stock)
      stock.trades++
      trades.push(tradeOf(stock))
    }
    return trades
  }

  #price(stock: Stock): number {
    const part = (this.#atMs % MONTH_MS) / MONTH_MS
    if (stock.closes === undefined) {
      const index = between(CLOSES.SPX, this.#month, part) / INDEX_FIRST
      return Math.max(1, Math.round(stock.homeHundredths * index ** stock.lean * Math.exp(stock.drift)))
    }
    // The nearer a close, the less may chance take the price away from the way there.
    const leash = 2 * Math.sqrt(part * (1 - part))
    return Math.max(1, Math.round(between(stock.closes, this.#month, part) * Math.exp(stock.drift * leash)))
  }
}

/** The way from one close to the next, even in its logarithm. */
const between = (closes: readonly number[], month: number, part: number): number => {
  const [from = 1, to = from] = closes.slice(month, month + 2)
  return from * (to / from) ** part
}

const found = ({ symbol, source }: Listing, index: number): Stock => {
  const closes = source === 'real' ? CLOSES[symbol as RealSymbol] : undefined
  const chance = chanceFrom(index)
  const home = Math.round(300 * 80 ** chance())
  const first = closes?.[0] ?? home
  return {
    symbol,
    closes,
    unrest: 0.0004 + chance() * 0.0016,
    lean: 0.3 + chance() * 1.4,
    homeHundredths: home,
    drift: 0,
    hundredths: first,
    closeHundredths: first,
    trades: 0,
  }
}

const tradeOf = ({ symbol, hundredths, closeHundredths, trades }: Stock): Trade => ({
  symbol,
  quote: { hundredths, closeHundredths, trades },
})
