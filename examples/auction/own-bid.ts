/**
 * Placing a bid, and finding out what became of it. A bid is a statement about a price that one has just seen, so it says
 * for how long it stands. Until there is an answer the client asks again, over whatever connection there is: the same
 * bid has the same answer, and one that has not come in time does not count.
 */
import type { Client } from 'holdfast'
import { type BidRequest, REFUSALS, type Verdict } from './judge.ts'

const PATIENCE_MS = 5_000

export interface OwnBid {
  readonly kind: 'none' | 'placing' | 'accepted' | 'refused'
  readonly text: string
  /** As which it stands in the log, whether or not that has been seen here. */
  readonly number?: number
}

export type Placing = Omit<BidRequest, 'id' | 'notAfter'> & { readonly paddle: string }

export const placeBid = async (client: Client, placing: Placing): Promise<OwnBid> => {
  const sum = formatCents(placing.cents)
  const bid = { ...placing, id: newId(), notAfter: Date.now() + client.state.offsetMs + PATIENCE_MS }
  const asked = client.call('auction.bid', bid, { idempotent: true, timeoutMs: 60_000 })
  const verdict = (await asked.catch((error: Error) => error)) as Verdict | Error
  if (verdict instanceof Error)
    return { kind: 'refused', text: `${verdict.message}. Whether ${sum} counts, the list of bids says.` }
  if (verdict.kind === 'accepted')
    return { kind: 'accepted', text: `${sum} was accepted.`, number: verdict.bid.number }
  const next =
    verdict.code === 'too_low' ? ` The next bid is ${formatCents(verdict.minimumCents)} or more.` : ''
  return { kind: 'refused', text: `${sum} was not placed: ${REFUSALS[verdict.code]}.${next}` }
}

const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** `$1,250.00` */
export const formatCents = (cents: number): string => DOLLARS.format(cents / 100)

/** Random bits, as a name or a secret; `crypto.randomUUID` is missing on pages without TLS. */
export const newId = (): string => crypto.getRandomValues(new Uint32Array(5)).join('-')
