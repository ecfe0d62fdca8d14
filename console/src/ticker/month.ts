/** Which month of history is being replayed: the one whose real close the index is measured from. */
import { LISTINGS } from '../../../examples/ticker/listing.ts'
import type { Quote } from '../../../examples/ticker/quote.ts'

const INDEX_CLOSES = LISTINGS.find(({ symbol }) => symbol === 'SPX')?.closes ?? []

/** The closes begin in August 2004, and no two of the index's are equal. @returns `March 2007`, once it is known */
export const monthOf = (index: Quote | undefined): string | undefined => {
  const month = index === undefined ? -1 : INDEX_CLOSES.indexOf(index[1])
  if (month < 0) return undefined
  const date = new Date(Date.UTC(2004, 7 + month))
  return date.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
}
