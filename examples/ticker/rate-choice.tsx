/** How many updates the node publishes a second: anyone may change it, and everyone who looks has what was chosen. */
import { type JSX, useEffect, useState } from 'react'
import { useClient, useLatest } from 'holdfast/react'
import { RATES } from './rate.ts'

export const RateChoice = (): JSX.Element => {
  const client = useClient()
  const chosen = useLatest('ticker/rate').get('now')?.data
  const [asked, setAsked] = useState<number>()
  const [failed, setFailed] = useState(false)
  // The answer may be here before what was chosen is.
  useEffect(() => setAsked(undefined), [chosen, failed])

  const choose = async (rate: number): Promise<void> => {
    setAsked(rate)
    setFailed(false)
    await client.call('ticker.rate', rate).catch(() => setFailed(true))
  }

  return (
    <fieldset className="ticker-rate">
      <legend>Updates a second</legend>
      <div className="ticker-segments">
        {RATES.map((rate) => (
          <label key={rate}>
            <input
              type="radio"
              name="ticker-rate"
              value={rate}
              checked={(asked ?? chosen) === rate}
              onChange={() => void choose(rate)}
            />
            {rate.toLocaleString('en')}
          </label>
        ))}
      </div>
      <p role="status">{failed ? 'Not changed: no answer.' : 'Changes it for everyone who looks.'}</p>
    </fieldset>
  )
}
