/** Everything that happened to the lot that is up, the latest first, with the server's time. */
import type { JSX } from 'react'
import type { Publication } from 'holdfast'
import type { Entry } from '../../../examples/auction/lot.ts'
import { formatCents } from '../../../examples/auction/own-bid.ts'
import type { Room } from '../../../examples/auction/room.ts'
import { Who } from './who.tsx'

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

export const Bids = ({ room: { log, state, bidder } }: { readonly room: Room }): JSX.Element => {
  const opened = log.publications.findIndex((each) => isOpening(each, state.lot?.id))
  return (
    <section className="auction-bids" aria-labelledby="auction-bids">
      <h2 id="auction-bids">Bids</h2>
      <ol className="auction-history" tabIndex={0} aria-labelledby="auction-bids">
        {log.publications
          .slice(opened)
          .map(({ data, offset, time }, index) => (
            <li
              key={offset}
              data-entry={data.type}
              data-own={(data.type === 'bid' && data.bid.bidder.id === bidder) || undefined}
            >
              <EntryText entry={data} again={index > 0} bidder={bidder} />
              <time dateTime={new Date(time).toISOString()}>{TIME.format(time)}</time>
            </li>
          ))
          .reverse()}
      </ol>
    </section>
  )
}

const isOpening = ({ data }: Publication<Entry>, lot: string | undefined): boolean =>
  data.type === 'opened' && data.lot.id === lot

interface EntryTextProps {
  readonly entry: Entry
  /** It is not the first of its lot. */
  readonly again: boolean
  readonly bidder: string | undefined
}

const EntryText = ({ entry, again, bidder }: EntryTextProps): JSX.Element => {
  if (entry.type === 'closed') return <span className="auction-event">Bidding ended</span>
  if (entry.type === 'bid')
    return (
      <>
        <span className="auction-sum">{formatCents(entry.bid.cents)}</span>
        <Who of={entry.bid.bidder} own={bidder} />
      </>
    )
  return (
    <span className="auction-event">
      {again
        ? 'The auctioneer was away. The end was moved.'
        : `Opened at ${formatCents(entry.lot.startCents)}`}
    </span>
  )
}
