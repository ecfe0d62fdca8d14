/** Bidding: the next step with one press, or another amount. It says what became of the bid, and when one cannot bid. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { leaderOf, type LotState, maximumOf, minimumOf } from './lot.ts'
import { formatCents, parseCents } from './money.ts'
import { type OwnBid, placeBid } from './own-bid.ts'

export interface BidFormProps {
  readonly state: LotState
  readonly name: string
  /** Undefined until the auctioneer has said who this is. */
  readonly bidder: string | undefined
}

export const BidForm = ({ state, name, bidder }: BidFormProps): JSX.Element => {
  const client = useClient()
  const connected = useConnection().status === 'connected'
  const [own, setOwn] = useState<OwnBid>({ kind: 'none' })
  const leading = leaderOf(state)?.bidder.id === bidder && bidder !== undefined
  const unseen = own.kind === 'accepted' && state.bids.length < own.number
  const busy = own.kind === 'placing' || own.kind === 'checking' || unseen
  const open = state.lot !== undefined && !state.closed && bidder !== undefined
  const disabled = !open || busy || !connected || leading
  const place = (cents: number): void => {
    if (state.lot !== undefined && !disabled)
      void placeBid(client, { lot: state.lot.id, cents, name }, setOwn)
  }
  const minimum = minimumOf(state)
  return (
    <section className="auction-bidding" aria-label="Your bid">
      <Standing state={state} bidder={bidder} />
      <button type="button" className="auction-bid" disabled={disabled} onClick={() => place(minimum)}>
        Bid {formatCents(minimum)}
      </button>
      <OtherAmount minimum={minimum} maximum={maximumOf(state)} disabled={disabled} onBid={place} />
      <p className="auction-own" role="status" data-kind={own.kind}>
        {connected || busy
          ? textOf(own, unseen)
          : 'You are not connected. The price may have moved, so no bid is kept for later.'}
      </p>
    </section>
  )
}

/** @param unseen it was accepted, and the log that says so is still on its way. */
const textOf = (own: OwnBid, unseen: boolean): string => {
  switch (own.kind) {
    case 'none':
      return ''
    case 'placing':
      return `Placing ${formatCents(own.cents)} …`
    case 'checking':
      return `The connection broke while ${formatCents(own.cents)} was on its way. Asking what became of it …`
    case 'accepted':
      return unseen ? `${formatCents(own.cents)} was accepted.` : ''
    case 'refused':
      return own.text
  }
}

/** Whether one leads: said at once, and for as long as it is so. */
const Standing = ({ state, bidder }: Pick<BidFormProps, 'state' | 'bidder'>): JSX.Element => {
  const leader = leaderOf(state)
  const leading = leader !== undefined && leader.bidder.id === bidder
  const mine = state.bids.some((bid) => bid.bidder.id === bidder)
  const standing = leading
    ? state.closed
      ? 'won'
      : 'leading'
    : mine
      ? state.closed
        ? 'lost'
        : 'outbid'
      : 'none'
  return (
    <p className="auction-standing" role="status" data-standing={standing}>
      {standing === 'leading' && <>Yours is the highest bid.</>}
      {standing === 'won' && <>It is yours, for {formatCents(leader?.cents ?? 0)}.</>}
      {standing === 'outbid' && (
        <>
          You have been outbid by {leader?.bidder.name}, with {formatCents(leader?.cents ?? 0)}.
        </>
      )}
      {standing === 'lost' && <>You were outbid. It went to {leader?.bidder.name}.</>}
      {standing === 'none' && (state.closed ? <>Bidding has ended.</> : <>You have not bid on this lot.</>)}
    </p>
  )
}

interface OtherAmountProps {
  readonly minimum: number
  readonly maximum: number
  readonly disabled: boolean
  readonly onBid: (cents: number) => void
}

const OtherAmount = ({ minimum, maximum, disabled, onBid }: OtherAmountProps): JSX.Element => {
  const field = useId()
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const cents = parseCents(text)
    if (cents === undefined) return setFault('That is no amount. Write it like 450 or 1,250.50.')
    if (cents < minimum) return setFault(`The next bid is ${formatCents(minimum)} or more.`)
    if (cents > maximum)
      return setFault(`A bid is at most ${formatCents(maximum)} now, in case it is a slip.`)
    setFault('')
    setText('')
    onBid(cents)
  }
  return (
    <form className="auction-other" onSubmit={submit} noValidate>
      <label htmlFor={field}>Another amount, in dollars</label>
      <div>
        <input
          id={field}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          placeholder={(minimum / 100).toFixed(2)}
          aria-describedby={`${field}-fault`}
          aria-invalid={fault !== ''}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" disabled={disabled || text.trim() === ''}>
          Bid
        </button>
      </div>
      <p id={`${field}-fault`} className="auction-fault" role="status">
        {fault}
      </p>
    </form>
  )
}
