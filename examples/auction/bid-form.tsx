/** Bidding: the next step with one press, whether one leads, and what became of one's own bid. */
import { type JSX, type ReactNode, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { minimumOf, type State } from './lot.ts'
import { formatCents, type OwnBid, placeBid } from './own-bid.ts'
import type { Room } from './room.ts'

export interface BidFormProps {
  readonly room: Room
  /** Another way to bid. */
  readonly children?: (place: (cents: number) => void, disabled: boolean) => ReactNode
}

export const BidForm = ({ room: { state, bidder, name, paddle }, children }: BidFormProps): JSX.Element => {
  const client = useClient()
  const connected = useConnection(({ status }) => status === 'connected')
  const [own, setOwn] = useState<OwnBid>({ kind: 'none', text: '' })
  const [standing, text] = standingOf(state, bidder)
  const { lot, closed, bids } = state
  // What was accepted is on its way in the log, too.
  const busy = own.kind === 'placing' || bids.length < (own.number ?? 0)
  const disabled = closed || bidder === undefined || busy || !connected || standing === 'leading'
  const place = async (cents: number): Promise<void> => {
    if (lot === undefined || disabled) return
    setOwn({ kind: 'placing', text: `Placing ${formatCents(cents)} …` })
    setOwn(await placeBid(client, { lot: lot.id, cents, name, paddle }))
  }
  const offline = busy
    ? 'The connection broke with your bid on its way. Asking what became of it …'
    : 'You are not connected. The price may have moved, so no bid is kept for later.'
  return (
    <section className="auction-bidding" aria-label="Your bid">
      <p className="auction-standing" role="status" data-standing={standing}>
        {text}
      </p>
      <button className="auction-bid" disabled={disabled} onClick={() => void place(minimumOf(state))}>
        Bid {formatCents(minimumOf(state))}
      </button>
      {children?.((cents) => void place(cents), disabled)}
      <p className="auction-own" role="status" data-kind={own.kind}>
        {connected ? (busy || own.kind === 'refused') && own.text : offline}
      </p>
    </section>
  )
}

const standingOf = ({ bids, closed }: State, bidder?: string): readonly [standing: string, text: string] => {
  const leader = bids.at(-1)
  const price = formatCents(leader?.cents ?? 0)
  if (leader === undefined || !bids.some((bid) => bid.bidder.id === bidder))
    return ['none', closed ? 'Bidding has ended.' : 'You have not bid on this lot.']
  if (leader.bidder.id === bidder)
    return closed ? ['won', `It is yours, for ${price}.`] : ['leading', 'Yours is the highest bid.']
  if (closed) return ['lost', `You were outbid. It went to ${leader.bidder.name}.`]
  return ['outbid', `You have been outbid by ${leader.bidder.name}, with ${price}.`]
}
