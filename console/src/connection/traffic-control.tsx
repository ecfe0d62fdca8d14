/** Starts and stops the simulated traffic, and shows whether all of it came back. */
import { type JSX, useId } from 'react'
import type { Room } from '../chat/room.ts'
import { RATES, traffic, type TrafficState, useTraffic } from './traffic.ts'

export const TrafficControl = ({ room }: { room: Room }): JSX.Element => {
  const state = useTraffic()
  const name = useId()
  const here = state.room === room.name
  return (
    <section className="traffic">
      <fieldset>
        <legend>Simulated traffic</legend>
        <p className="quiet">
          Sends numbered messages from this page to #{room.name}. Switch the transport while they flow: none
          is lost.
        </p>
        <div className="segments">
          {RATES.map((rate) => (
            <label key={rate}>
              <input
                type="radio"
                name={name}
                value={rate}
                checked={(here ? state.rate : 0) === rate}
                onChange={() => traffic.set(room, rate)}
              />
              <span>{rate === 0 ? 'Off' : `${rate}/s`}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {here && state.published > 0 && <Tally state={state} />}
      {!here && state.rate > 0 && <p className="quiet">It is running in #{state.room}.</p>}
    </section>
  )
}

const Tally = ({ state }: { state: TrafficState }): JSX.Element => {
  const { published, delivered, repeated, disordered, refused } = state
  const wrong = [repeated > 0 && `${repeated} twice`, disordered > 0 && `${disordered} out of order`].filter(
    Boolean,
  )
  return (
    <p className="tally" data-published={published} data-delivered={delivered} data-repeated={repeated}>
      <span className="number">{delivered.toLocaleString()}</span> of {published.toLocaleString()} delivered
      {published > delivered ? `, ${published - delivered} on the way` : ''}
      {wrong.length === 0 ? ', in order' : <strong className="bad">, {wrong.join(', ')}</strong>}
      {refused !== undefined && <strong className="bad">. Stopped: {refused}</strong>}
    </p>
  )
}
