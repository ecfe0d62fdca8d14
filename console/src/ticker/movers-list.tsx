/** A few symbols that moved most, with how far. Its places stay where they are, whoever stands in them. */
import type { JSX } from 'react'
import type { Mover } from './arrangement.ts'
import { formatChange, wayOf } from '../../../examples/ticker/quote.ts'

export interface MoversListProps {
  readonly title: string
  readonly movers: readonly Mover[]
}

const PLACES = [0, 1, 2]

export const MoversList = ({ title, movers }: MoversListProps): JSX.Element => (
  <section className="ticker-movers" aria-label={`${title} since the last close`}>
    <h2>{title}</h2>
    <ol>
      {PLACES.map((place) => (
        <Place key={place} mover={movers[place]} />
      ))}
    </ol>
  </section>
)

const Place = ({ mover }: { mover: Mover | undefined }): JSX.Element =>
  mover === undefined ? (
    <li className="quiet">–</li>
  ) : (
    <li>
      <strong>{mover.symbol}</strong>
      <span data-way={wayOf(mover.change)}>{formatChange(mover.change)}</span>
    </li>
  )
