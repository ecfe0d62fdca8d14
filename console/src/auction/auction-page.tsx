/**
 * The auction, in the console's frame. To the example's figures and form it adds drawings, any amount, who watches, who
 * is simulated, everything that happened to the lot with its time, and what was sold before; and a paddle that is kept.
 */
import type { JSX } from 'react'
import { useConnection, usePresence } from 'holdfast/react'
import { Figures } from '../../../examples/auction/auction.tsx'
import { BidForm } from '../../../examples/auction/bid-form.tsx'
import { type Lot, ROOM } from '../../../examples/auction/lot.ts'
import { type Room, useRoom } from '../../../examples/auction/room.ts'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'
import { Bids } from './bids.tsx'
import { Drawing } from './drawing.tsx'
import { OtherAmount } from './other-amount.tsx'
import { paddle } from './paddle.ts'
import { Results } from './results.tsx'
import { Who } from './who.tsx'
import './auction-page.css'

export const View = (): JSX.Element => (
  <UseCase title="Auction" summary="Bids decided by the server in order, none lost, none counted twice">
    <AuctionRoom />
  </UseCase>
)

const AuctionRoom = (): JSX.Element => {
  const { name } = usePerson()
  const room = useRoom(name, paddle())
  const watching = usePresence(ROOM, { name }).size
  return (
    <div className="auction auction-page">
      <p className="auction-room">
        <span>{watching === 1 ? '1 person watches' : `${watching} people watch`}</span>
        <span className="auction-note">
          Everything sold here is invented. Bidders marked{' '}
          <span className="auction-simulated">simulated</span> are the node’s own.
        </span>
      </p>
      {room.state.lot === undefined ? (
        <p className="auction-empty" role="status">
          {waitingFor(room)}
        </p>
      ) : (
        <LotView key={room.state.lot.id} room={room} lot={room.state.lot} />
      )}
      <Results room={room} />
    </div>
  )
}

const waitingFor = ({ log: { ended, ready } }: Room): string => {
  if (ended !== undefined) return 'This node holds no auction.'
  return ready ? 'The auctioneer is opening the first lot …' : 'Opening the auction room …'
}

const LotView = ({ room, lot }: { readonly room: Room; readonly lot: Lot }): JSX.Element => {
  const stale = useConnection(({ status }) => status !== 'connected')
  return (
    <div className="auction-lot" data-stale={stale || undefined}>
      <section className="auction-item" aria-labelledby="auction-title">
        <Drawing of={lot.title} />
        <div>
          <p className="auction-note">Lot {lot.number}</p>
          <h2 id="auction-title">{lot.title}</h2>
          <p className="auction-note auction-text">{lot.text}</p>
        </div>
      </section>
      <div className="auction-desk">
        <div>
          <Figures room={room} />
          <Notes room={room} lot={lot} />
        </div>
        <BidForm room={room}>
          {(place, disabled) => <OtherAmount state={room.state} disabled={disabled} onBid={place} />}
        </BidForm>
      </div>
      <Bids room={room} />
    </div>
  )
}

/** Beneath the figures: whose the highest bid is, and what a late one does. */
const Notes = ({ room: { state, bidder }, lot }: { readonly room: Room; readonly lot: Lot }): JSX.Element => {
  const leader = state.bids.at(-1)?.bidder
  const nobody = state.closed ? 'Not sold: nobody has bid.' : 'Nobody has bid yet.'
  return (
    <div className="auction-notes auction-note">
      <p>{leader === undefined ? nobody : <Who of={leader} own={bidder} />}</p>
      <p>
        {state.closed
          ? 'The result stands in the log.'
          : `A bid in the last ${lot.softCloseMs / 1_000} seconds moves the end.`}
      </p>
    </div>
  )
}
