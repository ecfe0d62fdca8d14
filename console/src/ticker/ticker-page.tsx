/**
 * The ticker's page: the example in the frame of a use case. To the example's prices it adds how they were delivered,
 * what moved most, sorting, finding and pins, flashes, and words for screen readers.
 */
import type { JSX } from 'react'
import { UseCase } from '../page/use-case.tsx'
import { TickerDesk } from './ticker-desk.tsx'

export const View = (): JSX.Element => (
  <UseCase
    title="Ticker"
    summary="Whoever cannot keep up is sent the latest price of each symbol"
    panel={
      <p className="quiet">
        Prices are published in lots, ten times a second. The delay above counts from then until this page has
        come to each of them.
      </p>
    }
  >
    <TickerDesk />
  </UseCase>
)
