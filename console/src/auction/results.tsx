/** What has been sold before, and to whom. */
import type { JSX } from 'react'
import { formatCents } from '../../../examples/auction/own-bid.ts'
import type { Room } from '../../../examples/auction/room.ts'
import { soldIn } from './sold.ts'

const SHOWN = 8

export const Results = ({ room: { log, bidder } }: { readonly room: Room }): JSX.Element | false => {
  const sold = soldIn(log.publications.map(({ data }) => data)).slice(0, SHOWN)
  return (
    sold.length > 0 && (
      <section className="auction-results" aria-labelledby="auction-results">
        <h2 id="auction-results">Sold before</h2>
        <ul>
          {sold.map(({ lot, bid }) => (
            <li key={lot.id} data-own={(bid !== undefined && bid.bidder.id === bidder) || undefined}>
              <span className="auction-result-lot">
                {lot.number}. {lot.title}
              </span>
              <span className="auction-note">
                {bid === undefined
                  ? 'not sold'
                  : `${formatCents(bid.cents)} to ${bid.bidder.id === bidder ? 'you' : bid.bidder.name}`}
              </span>
            </li>
          ))}
        </ul>
      </section>
    )
  )
}
