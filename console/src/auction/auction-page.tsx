/** The auction, in the console's frame. */
import type { JSX } from 'react'
import { Auction } from '../../../examples/auction/auction.tsx'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'

export const View = (): JSX.Element => (
  <UseCase title="Auction" summary="Bids decided by the server in order, none lost, none counted twice">
    <Auction person={usePerson()} />
  </UseCase>
)
