/** A price as it travels, with what a change is measured from: its last monthly close. And how both are written. */
export type Quote = readonly [hundredths: number, closeHundredths: number, trades: number]

/** What came as a quote; undefined when it is none. */
export const quoteOf = (data: unknown): Quote | undefined =>
  Array.isArray(data) && data.length === 3 && data.every(isPrice) ? (data as unknown as Quote) : undefined

/** Also a count of trades: a positive whole number. */
export const isPrice = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0

/** In hundredths of a percent. */
export const changeOf = ([hundredths, closeHundredths]: Quote): number =>
  Math.round(((hundredths - closeHundredths) / closeHundredths) * 10_000)

/** Faster than `toLocaleString`, which would be asked for thousands of times a second. */
export const formatPrice = (hundredths: number): string =>
  (hundredths / 100).toFixed(2).replace(/(\d)(\d{3}\.)/, '$1,$2')

/** With its sign, so that nobody has to see the colour. */
export const formatChange = (change: number): string =>
  `${change > 0 ? '+' : change < 0 ? '−' : ''}${formatPrice(Math.abs(change))} %`

export const wayOf = (change: number): string => (change > 0 ? 'up' : change < 0 ? 'down' : 'level')
