/** Whether a bid takes the next step. Everything in it may be forged. It appends nothing and knows no clock. */
import { type Bid, maximumOf, minimumOf, type State } from './lot.ts'

/** What a bidder sends, once it has been read. */
export interface BidRequest extends Pick<Bid, 'id' | 'cents'> {
  readonly lot: string
  readonly name: string
  /** If it comes later than this, by the server's clock, it does not count. */
  readonly notAfter: number
}

export const REFUSALS = {
  malformed: 'the auctioneer could not read it',
  closed: 'bidding on this lot had ended',
  late: 'the connection broke before the auctioneer heard it. It will not count later',
  leading: 'yours is the highest bid already',
  too_low: 'another bid was there first',
  too_high: 'a bid is at most ten times the next one, in case it is a slip',
  name_taken: 'somebody else bids on this lot under your name',
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly bid: Bid }
  /** `minimumCents`: the least that could be bid when this was refused. */
  | { readonly kind: 'refused'; readonly code: keyof typeof REFUSALS; readonly minimumCents: number }

const isId = (id: unknown): id is string => typeof id === 'string' && /^[\w-]{8,64}$/.test(id)

/** Undefined when it is no bid. */
export const readBid = (params: unknown): BidRequest | undefined => {
  const { lot, id, cents, name, notAfter } = (params ?? {}) as Record<string, unknown>
  if (!isId(lot) || !isId(id) || typeof notAfter !== 'number') return undefined
  if (typeof cents !== 'number' || !Number.isSafeInteger(cents) || cents <= 0) return undefined
  // Without what cannot be seen, so that no name only looks like another.
  const visible = typeof name === 'string' ? name.normalize('NFKC').replaceAll(/[\p{C}\p{Z}]+/gu, ' ') : ''
  const tidy = visible.trim()
  return tidy === '' || tidy.length > 40 ? undefined : { lot, id, cents, name: tidy, notAfter }
}

/** @param atMs when the bid reached the server. */
export const judge = (state: State, request: BidRequest, bidder: Bid['bidder'], atMs: number): Verdict => {
  const { lot, until, bids } = state
  const { id, cents } = request
  const minimumCents = minimumOf(state)
  const refused = (code: keyof typeof REFUSALS): Verdict => ({ kind: 'refused', code, minimumCents })
  const known = state.known.find((bid) => bid.id === id)
  // The same bid once more has the same answer; somebody else's is none of the asker's business.
  if (known) return known.bidder.id === bidder.id ? { kind: 'accepted', bid: known } : refused('malformed')
  if (lot?.id !== request.lot || state.closed || atMs >= until) return refused('closed')
  if (atMs > request.notAfter) return refused('late')
  if (bids.at(-1)?.bidder.id === bidder.id) return refused('leading')
  if (cents < minimumCents) return refused('too_low')
  if (cents > maximumOf(state)) return refused('too_high')
  const others = bids.filter((bid) => bid.bidder.id !== bidder.id)
  if (others.some(({ bidder: { name } }) => name.toLowerCase() === bidder.name.toLowerCase()))
    return refused('name_taken')
  const end = Math.max(until, atMs + lot.softCloseMs)
  return { kind: 'accepted', bid: { number: bids.length + 1, id, bidder, cents, until: end } }
}
