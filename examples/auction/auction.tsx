/** An auction room: the lot that is up, what it stands at, how long, one's own bid, and every bid so far. */
import { type JSX, useEffect, useState } from 'react'
import { useConnection } from 'holdfast/react'
import { BidForm } from './bid-form.tsx'
import { formatCents, newId } from './own-bid.ts'
import { type Room, useRoom } from './room.ts'
import './auction.css'

/** Each page is a bidder. With a paddle from where the browser keeps things, a reloaded page is still the same one. */
const PADDLE = newId()

export const Auction = ({ person }: { readonly person: { readonly name: string } }): JSX.Element => {
  const room = useRoom(person.name, PADDLE)
  const { lot, bids } = room.state
  const title = lot ? `${lot.number}. ${lot.title}` : 'The auctioneer is opening the first lot …'
  return (
    <div className="auction">
      <h2>{title}</h2>
      <p className="auction-note">{lot?.text}</p>
      <Figures room={room} />
      <BidForm key={lot?.id} room={room} />
      <ol className="auction-history" aria-label="Bids">
        {[...bids].reverse().map(({ number, cents, bidder }) => (
          <li key={number} data-entry="bid" data-own={bidder.id === room.bidder || undefined}>
            <span className="auction-sum">{formatCents(cents)}</span>
            <span className="auction-name">{bidder.name}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** What it stands at, and how long, by the server's clock: what this computer believes the time to be does not matter. */
export const Figures = ({ room: { state } }: { readonly room: Room }): JSX.Element => {
  const { lot, bids, until, closed } = state
  const offsetMs = useConnection((connection) => connection.offsetMs)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 200)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((until - now - offsetMs) / 1_000))
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const soft = !closed && seconds * 1_000 < (lot?.softCloseMs ?? 0)
  const leader = bids.at(-1)
  return (
    <dl className="auction-figures" data-soft={soft || undefined}>
      <dt>{leader === undefined ? 'Starts at' : closed ? 'Sold for' : 'Highest bid'}</dt>
      <dd className="auction-amount">{formatCents(leader?.cents ?? lot?.startCents ?? 0)}</dd>
      <dt>{closed ? 'Bidding' : 'Time left'}</dt>
      <dd className="auction-time">{closed ? 'has ended' : seconds === 0 ? 'closing …' : left}</dd>
    </dl>
  )
}
