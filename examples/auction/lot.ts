/**
 * The auction as its log tells it: entries that only the auctioneer appends, and the state that they replay to. Server
 * and page run the same lines, so what a page shows is what was decided. Money is whole cents, times are the server's.
 */
export const ROOM = 'auction/room'

/** Entries that the log keeps. As prices grow a lot has fewer, so the lot that is up can always be replayed. */
export const KEPT = 400
export const HIGHEST_CENTS = 100_000_000

export interface Lot {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly text: string
  readonly startCents: number
  /** A bid in the last so many milliseconds moves the end to that far away. */
  readonly softCloseMs: number
}

export interface Bid {
  /** The step that it took: 1, 2, 3 … without holes, each once. */
  readonly number: number
  /** Made by the bidder, so that a bid can be asked about. */
  readonly id: string
  readonly bidder: { readonly id: string; readonly name: string }
  readonly cents: number
  /** When bidding ends from here on. */
  readonly until: number
}

export type Entry =
  /** Opened, or once more, with its bids, after the auctioneer was away. */
  | { readonly type: 'opened'; readonly lot: Lot; readonly until: number }
  | { readonly type: 'bid'; readonly bid: Bid }
  | { readonly type: 'closed' }

export interface State {
  readonly lot?: Lot
  readonly until: number
  /** The last one leads. */
  readonly bids: readonly Bid[]
  /** These, and those of the lot before. */
  readonly known: readonly Bid[]
  readonly closed: boolean
}

export const EMPTY: State = { until: 0, bids: [], known: [], closed: true }

export const applyEntry = (state: State, entry: Entry): State => {
  if (entry.type === 'closed') return { ...state, closed: true }
  if (entry.type === 'bid') {
    const { bid } = entry
    return { ...state, until: bid.until, bids: [...state.bids, bid], known: [...state.known, bid] }
  }
  const { lot, until } = entry
  if (lot.id === state.lot?.id) return { ...state, until }
  return { lot, until, bids: [], known: state.bids, closed: false }
}

/** The least that may be bid now: a twentieth more, in whole steps of five dollars. */
export const minimumOf = ({ lot, bids }: State): number => {
  const price = bids.at(-1)?.cents
  if (price === undefined) return lot?.startCents ?? 0
  return price + Math.max(500, Math.ceil(price / 10_000) * 500)
}

/** The most: ten times the least, as a guard against a slip of the finger. */
export const maximumOf = (state: State): number => Math.min(HIGHEST_CENTS, minimumOf(state) * 10)
