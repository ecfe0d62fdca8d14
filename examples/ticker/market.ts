/**
 * The market: every price goes from one monthly close to the next and meets each exactly; what is traded on the way is
 * simulated. It owns no clock and no chance: both are handed in.
 */
import { LISTINGS } from './listing.ts'
import type { Quote } from './quote.ts'

/** How long a month of history lasts here, milliseconds. */
export const MONTH_MS = 15_000
export const MONTHS: number = LISTINGS[0]?.closes?.length ?? 0

/** As it is published: under its symbol. */
export type Trade = { readonly key: string; readonly data: Quote }

interface Share {
  readonly symbol: string
  readonly closes: readonly number[]
  /** The logarithm of how far chance has taken it from its way. */
  drift: number
  hundredths: number
  trades: number
}

export class Market {
  readonly #shares: readonly Share[]
  readonly #chance: () => number
  #passedMs = 0

  constructor(chance: () => number = Math.random) {
    this.#chance = chance
    this.#shares = LISTINGS.map(({ symbol, closes = invent(chance) }) => {
      return { symbol, closes, drift: 0, hundredths: closes[0] ?? 1, trades: 1 }
    })
  }

  /** Which month is being replayed, from 0; after the last it begins again. */
  get month(): number {
    return Math.floor(this.#passedMs / MONTH_MS) % (MONTHS - 1)
  }

  /** Every price as it is, in the order of `LISTINGS`. */
  get prices(): readonly Trade[] {
    return this.#shares.map((share) => this.#tradeOf(share))
  }

  pass(ms: number): void {
    this.#passedMs += ms
  }

  /** Trades `count` times: a few are traded often, most of them now and then. */
  trade(count: number): readonly Trade[] {
    return Array.from({ length: count }, () => {
      const share = this.#shares.at(Math.floor(this.#chance() ** 1.5 * this.#shares.length)) as Share
      share.drift = share.drift * 0.999 + (this.#chance() - 0.5) / 300
      share.hundredths = this.#priceOf(share)
      share.trades++
      return this.#tradeOf(share)
    })
  }

  /** The nearer a close, the less may chance take a price away from the way there. */
  #priceOf({ closes, drift }: Share): number {
    const part = (this.#passedMs % MONTH_MS) / MONTH_MS
    const [from = 1, to = from] = closes.slice(this.month, this.month + 2)
    const leash = 2 * Math.sqrt(part * (1 - part))
    return Math.max(1, Math.round(from * (to / from) ** part * Math.exp(drift * leash)))
  }

  #tradeOf({ symbol, closes, hundredths, trades }: Share): Trade {
    return { key: symbol, data: [hundredths, closes[this.month] ?? 1, trades] }
  }
}

/** The closes of a company that there is not. */
const invent = (chance: () => number): readonly number[] => {
  let close = 300 * 80 ** chance()
  return Array.from({ length: MONTHS }, () => Math.ceil((close *= Math.exp((chance() - 0.5) / 5))))
}
