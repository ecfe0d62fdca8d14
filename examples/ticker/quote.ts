/** A price as it travels: three whole numbers, and nothing that the page knows already. */
export type QuoteData = readonly [hundredths: number, closeHundredths: number, trades: number]

export interface Quote {
  readonly hundredths: number
  /** The price at the end of the last month: what a change is measured from. */
  readonly closeHundredths: number
  /** How often it was traded since the node began. */
  readonly trades: number
}

export const encodeQuote = ({ hundredths, closeHundredths, trades }: Quote): QuoteData => [
  hundredths,
  closeHundredths,
  trades,
]

/** What came as a quote; undefined when it is none. */
export const decodeQuote = (data: unknown): Quote | undefined => {
  if (!Array.isArray(data) || data.length !== 3 || !data.every(isCount)) return undefined
  const [hundredths, closeHundredths, trades] = data as [number, number, number]
  return hundredths === 0 || closeHundredths === 0 ? undefined : { hundredths, closeHundredths, trades }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** In hundredths of a percent. */
export const changeOf = ({ hundredths, closeHundredths }: Quote): number =>
  Math.round(((hundredths - closeHundredths) / closeHundredths) * 10_000)

export const formatPrice = (hundredths: number): string => grouped(Math.floor(hundredths / 100), hundredths)

/** With its sign and its arrow, so that nobody has to see the colour. */
export const formatChange = (change: number): string => {
  const size = grouped(Math.floor(Math.abs(change) / 100), Math.abs(change))
  return `${change > 0 ? '+' : change < 0 ? '−' : ''}${size} %`
}

export const arrowOf = (change: number): string => (change > 0 ? '▲' : change < 0 ? '▼' : '')

/** Faster than `toLocaleString`, which is asked for thousands of times a second. */
const grouped = (whole: number, hundredths: number): string => {
  const cents = hundredths % 100
  const text = String(whole)
  const head = text.length > 3 ? `${text.slice(0, -3)},${text.slice(-3)}` : text
  return `${head}.${cents < 10 ? '0' : ''}${cents}`
}
