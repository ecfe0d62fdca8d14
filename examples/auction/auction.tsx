/** An auction room: one lot after the other, who watches, and what has been sold. */
import { type JSX, useEffect, useState } from 'react'
import { useClient, useLog, usePresence } from 'holdfast/react'
import type { LotsEntry } from './lot.ts'
import { LotView } from './lot-view.tsx'
import { formatCents } from './money.ts'
import { paddle } from './paddle.ts'
import './auction.css'

const LOTS = 'auction/lots'
const SHOWN = 8

export interface AuctionProps {
  readonly person: { readonly id: string; readonly name: string }
}

export const Auction = ({ person: { name } }: AuctionProps): JSX.Element => {
  const { publications, ready, ended } = useLog<LotsEntry>(LOTS, { from: { last: 2 * SHOWN }, limit: 200 })
  const watching = usePresence(LOTS, { name }).size
  const bidder = useBidder()
  const entries = publications.map(({ data }) => data)
  const current = entries.at(-1)?.lot
  return (
    <div className="auction">
      <p className="auction-room">
        <span>{watching === 1 ? '1 person watches' : `${watching} people watch`}</span>
        <span className="auction-note">
          Everything sold here is invented. Bidders marked{' '}
          <span className="auction-simulated">simulated</span> are the node’s own.
        </span>
      </p>
      {current === undefined ? (
        <p className="auction-empty" role="status">
          {ended !== undefined
            ? 'This node holds no auction.'
            : ready
              ? 'The auctioneer is opening the first lot …'
              : 'Opening the auction room …'}
        </p>
      ) : (
        <LotView key={current.id} lot={current} name={name} bidder={bidder} />
      )}
      <Results entries={entries} bidder={bidder} />
    </div>
  )
}

/** Who this browser bids as, as the auctioneer shows it. */
const useBidder = (): string | undefined => {
  const client = useClient()
  const [bidder, setBidder] = useState<string>()
  useEffect(() => {
    let shown = true
    client.call('auction.join', { paddle: paddle() }, { idempotent: true, timeoutMs: 600_000 }).then(
      (answer) => shown && setBidder((answer as { bidder: string }).bidder),
      // Without an auctioneer there is nothing to bid on, which is said elsewhere.
      () => undefined,
    )
    return () => {
      shown = false
    }
  }, [client])
  return bidder
}

const Results = ({
  entries,
  bidder,
}: {
  entries: readonly LotsEntry[]
  bidder: string | undefined
}): JSX.Element | false => {
  const closed = entries
    .filter((entry) => entry.type === 'closed')
    .slice(-SHOWN)
    .reverse()
  return (
    closed.length > 0 && (
      <section className="auction-results" aria-labelledby="auction-results">
        <h2 id="auction-results">Sold before</h2>
        <ul>
          {closed.map(({ lot, winner, cents }) => (
            <li key={lot.id} data-own={winner?.id === bidder || undefined}>
              <span className="auction-result-lot">
                {lot.number}. {lot.title}
              </span>
              <span className="auction-note">
                {winner === undefined || cents === undefined
                  ? 'not sold'
                  : `${formatCents(cents)} to ${winner.id === bidder ? 'you' : winner.name}`}
              </span>
            </li>
          ))}
        </ul>
      </section>
    )
  )
}
