/** Starts and stops the simulated traffic, and shows whether all of it came back. */
import { type JSX, useId } from 'react'
import { RATES, traffic, type TrafficState, useTraffic } from './traffic.ts'
import { TrafficRibbon } from './traffic-ribbon.tsx'

export const TrafficControl = (): JSX.Element => {
  const state = useTraffic()
  const name = useId()
  return (
    <section className="traffic">
      <fieldset>
        <legend>Simulated traffic</legend>
        <p className="quiet">
          Numbered messages, sent and received by this page. Switch the transport while they flow: none is
          lost.
        </p>
        <div className="segments">
          {RATES.map((rate) => (
            <label key={rate}>
              <input
                type="radio"
                name={name}
                value={rate}
                checked={state.rate === rate}
                onChange={() => traffic.set(rate)}
              />
              <span>{rate === 0 ? 'Off' : `${rate}/s`}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {state.published > 0 && <Tally state={state} />}
      {state.run !== undefined && <TrafficRibbon run={state.run} />}
    </section>
  )
}

const Tally = ({ state: { published, delivered, refused } }: { state: TrafficState }): JSX.Element => (
  <p className="tally" data-published={published} data-delivered={delivered}>
    <span className="number">{delivered.toLocaleString()}</span> of {published.toLocaleString()} delivered
    {published > delivered ? `, ${published - delivered} on the way` : ''}
    {refused !== undefined && <strong className="bad">. Stopped: {refused}</strong>}
  </p>
)
