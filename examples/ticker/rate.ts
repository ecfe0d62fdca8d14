/** How many updates a second the node publishes, for everyone who looks: a viewer may choose among these. */
export const RATES = [1_000, 2_000, 5_000] as const
export type Rate = (typeof RATES)[number]

export const DEFAULT_RATE: Rate = 2_000

/** What somebody asked for as a rate; undefined when it is none of them. */
export const rateOf = (value: unknown): Rate | undefined => RATES.find((rate) => rate === value)

/** What the market is doing, on `ticker/market` under the key `now`. */
export interface MarketState {
  readonly perSecond: Rate
  /** Which month of history is replayed, as in `monthAt`. */
  readonly month: number
}

/** What came as a state; undefined when it is none. */
export const marketStateOf = (data: unknown): MarketState | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const { perSecond, month } = data as Record<string, unknown>
  const rate = rateOf(perSecond)
  if (rate === undefined || !Number.isSafeInteger(month) || (month as number) < 0) return undefined
  return { perSecond: rate, month: month as number }
}
