/** The ticker's page: the application in the frame of a use case. */
import type { JSX } from 'react'
import { Ticker } from '../../../examples/ticker/ticker.tsx'
import { UseCase } from '../page/use-case.tsx'

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
    <Ticker />
  </UseCase>
)
