/** A bidder, by name: oneself, somebody else, or one of the simulated. */
import type { JSX } from 'react'
import type { Bid } from '../../../examples/auction/lot.ts'
import { isRival } from './rival.ts'

export interface WhoProps {
  readonly of: Bid['bidder']
  readonly own: string | undefined
}

export const Who = ({ of: { id, name }, own }: WhoProps): JSX.Element => (
  <span className="auction-who">
    <span className="auction-name">{id === own ? `${name} (you)` : name}</span>
    {isRival(id) && <span className="auction-simulated">simulated</span>}
  </span>
)
