/**
 * The last minute, on `ticker/minute`: once a second all prices, in the order of `LISTINGS`. Their key is the second's
 * place in the minute, so that a conflated log holds one minute, whole, for readers of any speed.
 */
import { LISTINGS } from './listing.ts'
import { isPrice } from './quote.ts'

export const MINUTE_SECONDS = 60
export type Second = readonly number[]

/** From the earliest second on; what is none is passed over. */
export const minuteOf = (came: Iterable<{ offset: number; data: unknown }>): readonly Second[] =>
  [...came]
    .sort((a, b) => a.offset - b.offset)
    .map(({ data }) => data)
    .filter(isSecond)

const isSecond = (data: unknown): data is Second =>
  Array.isArray(data) && data.length === LISTINGS.length && data.every(isPrice)
