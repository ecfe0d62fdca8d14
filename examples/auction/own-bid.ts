/**
 * Placing a bid, and finding out what became of it. A bid is a statement about a price that one has just seen, so it is
 * sent once, now or not at all, and never again by itself. When its answer is lost the auctioneer is asked what became
 * of it, which gives up a bid that has not come: either way the bidder gets to know.
 */
import { CallError, type Client, HoldfastError, RefusedError } from 'holdfast'
import type { RefusalCode, Verdict } from './judge.ts'
import { formatCents } from './money.ts'
import { newId, paddle } from './paddle.ts'

/** A bid that has not left the page after this is not sent any more. */
const PATIENCE_MS = 5_000
/** The question is asked until there is a connection, within reason. */
const QUESTION_MS = 600_000

export type OwnBid =
  | { readonly kind: 'none' }
  /** On its way; `checking` when its answer was lost and the auctioneer is asked what became of it. */
  | { readonly kind: 'placing' | 'checking'; readonly cents: number }
  /** It counts, and stands in the log as this number, whether or not that has been seen here. */
  | { readonly kind: 'accepted'; readonly cents: number; readonly number: number }
  /** It does not count, and why. */
  | { readonly kind: 'refused'; readonly cents: number; readonly text: string }

export interface Placing {
  readonly lot: string
  readonly cents: number
  readonly name: string
}

/** Tells `changed` how it goes. Never rejects. */
export const placeBid = async (
  client: Client,
  { lot, cents, name }: Placing,
  changed: (bid: OwnBid) => void,
): Promise<void> => {
  const bid = { lot, id: newId(), cents, name, paddle: paddle() }
  const end = (verdict: Verdict): void =>
    changed(
      verdict.kind === 'accepted'
        ? { kind: 'accepted', cents, number: verdict.bid.number }
        : { kind: 'refused', cents, text: reasonOf(verdict.code, cents, verdict.minimumCents) },
    )
  changed({ kind: 'placing', cents })
  try {
    end((await client.call('auction.bid', bid, { timeoutMs: PATIENCE_MS })) as Verdict)
  } catch (error) {
    if (isCertain(error)) return changed({ kind: 'refused', cents, text: textOf(error) })
    changed({ kind: 'checking', cents })
    try {
      const question = { lot, id: bid.id, paddle: bid.paddle }
      const options = { idempotent: true, timeoutMs: QUESTION_MS }
      end((await client.call('auction.outcome', question, options)) as Verdict)
    } catch {
      changed({
        kind: 'refused',
        cents,
        text: 'What became of your bid could not be found out. The list of bids says.',
      })
    }
  }
}

/** The bid was not decided, and will not be. */
const isCertain = (error: unknown): boolean =>
  (error instanceof CallError && error.code === 'not_sent') ||
  (error instanceof RefusedError && error.code !== 'call_failed') ||
  !(error instanceof HoldfastError)

const textOf = (error: unknown): string => {
  if (error instanceof CallError) return 'Your bid was not placed: there was no connection to send it on.'
  if (error instanceof RefusedError && error.code === 'rate_limited')
    return 'Your bid was not placed: too many came from here at once. Wait a moment.'
  return 'Your bid was not placed.'
}

const reasonOf = (code: RefusalCode, cents: number, minimumCents: number): string => {
  const [bid, least] = [formatCents(cents), formatCents(minimumCents)]
  switch (code) {
    case 'too_low':
      return `${bid} was not placed: another bid was there first. The next bid is ${least} or more.`
    case 'too_high':
      return `${bid} was not placed: a bid is at most ten times the next one, in case it is a slip. That is ${formatCents(minimumCents * 10)}.`
    case 'closed':
      return `${bid} was not placed: bidding on this lot had ended.`
    case 'leading':
      return `${bid} was not placed: yours is the highest bid already.`
    case 'name_taken':
      return `${bid} was not placed: somebody else bids on this lot under your name. Change your name to bid.`
    case 'withdrawn':
      return `${bid} was not placed: the connection broke before the auctioneer heard it. It will not count later.`
    case 'malformed':
      return `${bid} was not placed: the auctioneer could not read it.`
  }
}
