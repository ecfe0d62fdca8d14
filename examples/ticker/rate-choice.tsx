/** How many updates the node publishes a second: anyone may change it, and everyone who looks has what was chosen. */
import { type JSX, useId, useState } from 'react'
import { CallError } from 'holdfast'
import { useClient } from 'holdfast/react'
import { type MarketState, type Rate, RATES } from './rate.ts'

export const RateChoice = ({ market }: { market: MarketState | undefined }): JSX.Element => {
  const client = useClient()
  const name = useId()
  const [asked, setAsked] = useState<Rate>()
  const [failure, setFailure] = useState('')

  const choose = (rate: Rate): void => {
    setAsked(rate)
    setFailure('')
    client
      .call('ticker.rate', rate)
      .catch((error: unknown) =>
        setFailure(
          error instanceof CallError
            ? 'Not changed: the node did not answer. Choose again.'
            : 'Not changed: there is no connection.',
        ),
      )
      .finally(() => setAsked(undefined))
  }

  return (
    <fieldset className="ticker-rate">
      <legend>Updates a second</legend>
      <div className="ticker-segments">
        {RATES.map((rate) => (
          <label key={rate}>
            <input
              type="radio"
              name={name}
              value={rate}
              checked={(asked ?? market?.perSecond) === rate}
              onChange={() => choose(rate)}
            />
            <span>{rate.toLocaleString('en')}</span>
          </label>
        ))}
      </div>
      <p className="quiet" role="status">
        {failure === '' ? 'Changes it for everyone who looks.' : failure}
      </p>
    </fieldset>
  )
}
