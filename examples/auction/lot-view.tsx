/** The lot that is up: what it is, what it stands at, how long, one's own bid, and every bid so far. */
import type { JSX } from 'react'
import type { Publication } from 'holdfast'
import { useConnection, useLog } from 'holdfast/react'
import { BidForm } from './bid-form.tsx'
import { Countdown } from './countdown.tsx'
import { Drawing } from './drawing.tsx'
import { applyEntry, leaderOf, type Lot, type LotEntry, type LotState, UNOPENED } from './lot.ts'
import { formatCents } from './money.ts'

export interface LotViewProps {
  readonly lot: Lot
  readonly name: string
  readonly bidder: string | undefined
}

type Entries = readonly Publication<LotEntry>[]

export const LotView = ({ lot, name, bidder }: LotViewProps): JSX.Element => {
  const { publications } = useLog<LotEntry>(`auction/lot/${lot.id}`, { from: 'start', limit: 2_000 })
  const connected = useConnection().status === 'connected'
  const state = publications.reduce((state, { data }) => applyEntry(state, data), UNOPENED)
  return (
    <div className="auction-lot" data-closed={state.closed || undefined} data-stale={!connected || undefined}>
      <section className="auction-item" aria-labelledby="auction-title">
        <Drawing of={lot.drawing} />
        <div>
          <p className="auction-label">Lot {lot.number}</p>
          <h2 id="auction-title">{lot.title}</h2>
          <p className="auction-text">{lot.text}</p>
        </div>
      </section>
      <div className="auction-desk">
        <div className="auction-figures">
          <Price state={state} bidder={bidder} />
          <Countdown until={state.until} softCloseMs={lot.softCloseMs} closed={state.closed} />
        </div>
        <BidForm state={state} name={name} bidder={bidder} />
      </div>
      <History entries={publications} bidder={bidder} />
    </div>
  )
}

const Price = ({ state, bidder }: { state: LotState; bidder: string | undefined }): JSX.Element => {
  const leader = leaderOf(state)
  const label = state.closed
    ? leader === undefined
      ? 'Not sold'
      : 'Sold for'
    : leader
      ? 'Highest bid'
      : 'Starts at'
  return (
    <div className="auction-price">
      <p>
        <span className="auction-label">{label}</span>
        <span className="auction-amount">{formatCents(leader?.cents ?? state.lot?.startCents ?? 0)}</span>
      </p>
      <p className="auction-note">
        {leader === undefined ? (
          state.closed ? (
            'Nobody has bid.'
          ) : (
            'Nobody has bid yet.'
          )
        ) : (
          <Who
            name={leader.bidder.name}
            own={leader.bidder.id === bidder}
            simulated={leader.bidder.simulated}
          />
        )}
      </p>
    </div>
  )
}

interface WhoProps {
  readonly name: string
  readonly own: boolean
  readonly simulated?: boolean | undefined
}

const Who = ({ name, own, simulated }: WhoProps): JSX.Element => (
  <span className="auction-who">
    <span className="auction-name">{own ? `${name} (you)` : name}</span>
    {simulated === true && <span className="auction-simulated">simulated</span>}
  </span>
)

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

const History = ({ entries, bidder }: { entries: Entries; bidder: string | undefined }): JSX.Element => (
  <section className="auction-history" aria-labelledby="auction-history">
    <h2 id="auction-history">Bids</h2>
    <ol tabIndex={0} aria-labelledby="auction-history">
      {entries
        .map(({ data, offset, time }) => (
          <li
            key={offset}
            data-entry={data.type}
            data-own={(data.type === 'bid' && data.bidder.id === bidder) || undefined}
          >
            <EntryText entry={data} bidder={bidder} />
            <time dateTime={new Date(time).toISOString()}>{TIME.format(time)}</time>
          </li>
        ))
        .reverse()}
    </ol>
  </section>
)

const EntryText = ({ entry, bidder }: { entry: LotEntry; bidder: string | undefined }): JSX.Element => {
  switch (entry.type) {
    case 'opened':
      return <span className="auction-event">Opened at {formatCents(entry.lot.startCents)}</span>
    case 'extended':
      return <span className="auction-event">The auctioneer was away. The end was moved.</span>
    case 'closed':
      return <span className="auction-event">Bidding ended</span>
    case 'bid':
      return (
        <>
          <span className="auction-sum">{formatCents(entry.cents)}</span>
          <Who name={entry.bidder.name} own={entry.bidder.id === bidder} simulated={entry.bidder.simulated} />
        </>
      )
  }
}
