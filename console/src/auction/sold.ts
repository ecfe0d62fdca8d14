/** The lots that have been closed, as far back as the log has been read. */
import { applyEntry, type Bid, EMPTY, type Entry, type Lot } from '../../../examples/auction/lot.ts'

export interface Sold {
  readonly lot: Lot
  /** Undefined when nobody bid. */
  readonly bid: Bid | undefined
}

/** The latest first. A lot whose opening is not among the entries is not known. */
export const soldIn = (entries: readonly Entry[]): readonly Sold[] => {
  const sold: Sold[] = []
  let state = EMPTY
  for (const entry of entries) {
    if (entry.type === 'closed' && state.lot !== undefined && !state.closed)
      sold.unshift({ lot: state.lot, bid: state.bids.at(-1) })
    state = applyEntry(state, entry)
  }
  return sold
}
