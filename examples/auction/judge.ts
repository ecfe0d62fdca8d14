/**
 * Whether a bid takes the next step. Everything about it may be forged, so everything is looked at; who bids is never
 * read from the bid. It appends nothing and knows no clock.
 */
import { type Bid, type Bidder, leaderOf, type LotState, maximumOf, minimumOf } from './lot.ts'

/** What a bidder sends, once it has been read. */
export interface BidRequest {
  readonly lot: string
  /** Made by the bidder, so that a bid can be asked about. */
  readonly id: string
  readonly cents: number
  readonly name: string
}

export type RefusalCode =
  'malformed' | 'closed' | 'too_low' | 'too_high' | 'leading' | 'name_taken' | 'withdrawn'

export type Verdict =
  | { readonly kind: 'accepted'; readonly bid: Bid }
  /** `minimumCents`: the least that could be bid when this was refused. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly minimumCents: number }

const ID = /^[\w-]{8,64}$/
const MAX_NAME_LENGTH = 40

/** Which bid is meant; undefined when none is. */
export const readBidName = (params: unknown): Pick<BidRequest, 'lot' | 'id'> | undefined => {
  if (typeof params !== 'object' || params === null) return undefined
  const { lot, id } = params as Record<string, unknown>
  if (typeof lot !== 'string' || typeof id !== 'string' || !ID.test(lot) || !ID.test(id)) return undefined
  return { lot, id }
}

/** Undefined when it is no bid. */
export const readBid = (params: unknown): BidRequest | undefined => {
  const named = readBidName(params)
  if (named === undefined) return undefined
  const { cents, name } = params as Record<string, unknown>
  if (typeof name !== 'string' || typeof cents !== 'number' || !Number.isSafeInteger(cents) || cents <= 0)
    return undefined
  const tidy = tidyName(name)
  return tidy === '' || tidy.length > MAX_NAME_LENGTH ? undefined : { ...named, cents, name: tidy }
}

/** Without what cannot be seen, so that no name only looks like another. */
const tidyName = (name: string): string =>
  name
    .normalize('NFKC')
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()

/** @param atMs when the bid reached the server. */
export const judge = (state: LotState, request: BidRequest, bidder: Bidder, atMs: number): Verdict => {
  const minimumCents = minimumOf(state)
  const refused = (code: RefusalCode): Verdict => ({ kind: 'refused', code, minimumCents })
  const known = state.bids.find(({ id }) => id === request.id)
  // The same bid once more has the same answer; somebody else's is none of the asker's business.
  if (known !== undefined)
    return known.bidder.id === bidder.id ? { kind: 'accepted', bid: known } : refused('malformed')
  if (state.lot?.id !== request.lot || state.closed || atMs >= state.until) return refused('closed')
  if (leaderOf(state)?.bidder.id === bidder.id) return refused('leading')
  if (request.cents < minimumCents) return refused('too_low')
  if (request.cents > maximumOf(state)) return refused('too_high')
  if (state.bids.some((bid) => bid.bidder.id !== bidder.id && isSameName(bid.bidder.name, bidder.name)))
    return refused('name_taken')
  const { id, cents } = request
  const until = Math.max(state.until, atMs + state.lot.softCloseMs)
  return { kind: 'accepted', bid: { number: state.bids.length + 1, id, bidder, cents, until } }
}

const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
