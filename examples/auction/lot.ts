/**
 * One lot as its log tells it: entries that only the auctioneer appends, and the state that they replay to. Server and
 * page run the same lines, so what a page shows is what was decided, and the log alone says who has won.
 */
import { HIGHEST_CENTS, stepAt } from './money.ts'

export interface Lot {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly text: string
  /** Which drawing stands for it. */
  readonly drawing: string
  readonly startCents: number
  /** A bid in the last so many milliseconds moves the end to that far away. */
  readonly softCloseMs: number
}

export interface Bidder {
  /** Given by the server: a user, or what follows from the bidder's own secret. */
  readonly id: string
  readonly name: string
  /** One of the house's own rivals, who are there so that one person can try it. */
  readonly simulated?: true
}

export interface Bid {
  /** The step that it took: 1, 2, 3 … without holes, each once. */
  readonly number: number
  /** The bidder's own name for it, by which a repetition is known. */
  readonly id: string
  readonly bidder: Bidder
  readonly cents: number
  /** When bidding ends from here on, by the server's clock, milliseconds since 1970. */
  readonly until: number
}

export type LotEntry =
  | { readonly type: 'opened'; readonly lot: Lot; readonly until: number }
  | ({ readonly type: 'bid' } & Bid)
  /** Nobody could bid for a while, since the auctioneer was away. */
  | { readonly type: 'extended'; readonly until: number }
  | { readonly type: 'closed' }

/** What stands in the list of lots. */
export type LotsEntry =
  | { readonly type: 'opened'; readonly lot: Lot }
  | { readonly type: 'closed'; readonly lot: Lot; readonly winner?: Bidder; readonly cents?: number }

export interface LotState {
  /** Undefined until it is opened. */
  readonly lot: Lot | undefined
  readonly until: number
  /** The first one first; the last one leads. */
  readonly bids: readonly Bid[]
  readonly closed: boolean
}

export const UNOPENED: LotState = { lot: undefined, until: 0, bids: [], closed: false }

export const applyEntry = (state: LotState, entry: LotEntry): LotState => {
  switch (entry.type) {
    case 'opened':
      return { ...state, lot: entry.lot, until: entry.until }
    case 'bid': {
      const { type: _, ...bid } = entry
      return { ...state, until: bid.until, bids: [...state.bids, bid] }
    }
    case 'extended':
      return { ...state, until: entry.until }
    case 'closed':
      return { ...state, closed: true }
  }
}

export const leaderOf = ({ bids }: LotState): Bid | undefined => bids.at(-1)

/** The least that may be bid now. */
export const minimumOf = (state: LotState): number => {
  const leader = leaderOf(state)
  return leader === undefined ? (state.lot?.startCents ?? 0) : leader.cents + stepAt(leader.cents)
}

/** The most: ten times the least, as a guard against a slip of the finger. */
export const maximumOf = (state: LotState): number => Math.min(HIGHEST_CENTS, minimumOf(state) * 10)
