/**
 * A run of simulated messages, as a ribbon: one tick each, in the order in which they came, in the colour of the
 * transport that brought it. A change of transport shows as a change of colour, and nothing else.
 */
import { type JSX, memo } from 'react'
import type { TransportName } from 'holdfast'
import type { Run, Tick } from './traffic.ts'
import { TransportGlyph } from './transport-glyph.tsx'
import { TITLES, TRANSPORTS } from './transports.ts'

const STRIP_LENGTH = 60

export const TrafficRibbon = ({ run }: { run: Run }): JSX.Element => {
  const { author, received, faults, ticks } = run
  // Strips begin at the same numbers always, so that only the first and the last change.
  const strips = Map.groupBy(ticks, ({ number }) => Math.floor(number / STRIP_LENGTH))
  return (
    <div className="run" data-received={received}>
      <p>
        <strong className="number">{received.toLocaleString()}</strong> of <bdi>{author}</bdi>’s received,{' '}
        {faults === 0 ? (
          'none missing, none twice'
        ) : (
          <strong className="bad">{faults.toLocaleString()} not in their place</strong>
        )}
      </p>
      <div className="ribbon" aria-hidden="true">
        {[...strips].map(([strip, inStrip]) => (
          <Strip key={strip} ticks={inStrip} />
        ))}
      </div>
      <Key ticks={ticks} />
    </div>
  )
}

/** How many of those that are drawn came over which transport. */
const Key = ({ ticks }: { ticks: readonly Tick[] }): JSX.Element => {
  const counts = new Map<TransportName, number>()
  for (const { via } of ticks) counts.set(via, (counts.get(via) ?? 0) + 1)
  return (
    <ul className="ribbon-key">
      {TRANSPORTS.filter((each) => counts.has(each)).map((each) => (
        <li key={each}>
          <TransportGlyph transport={each} />
          {TITLES[each]} <span className="number">{counts.get(each)?.toLocaleString()}</span>
        </li>
      ))}
    </ul>
  )
}

const sameStrip = (a: { ticks: readonly Tick[] }, b: { ticks: readonly Tick[] }): boolean =>
  a.ticks[0] === b.ticks[0] && a.ticks.length === b.ticks.length

const Strip = memo(
  ({ ticks }: { ticks: readonly Tick[] }): JSX.Element => (
    <>
      {ticks.map((tick, index) => (
        // A number that comes twice is drawn twice.
        <span key={`${tick.number} ${index}`} data-simulated={tick.number} data-transport={tick.via} />
      ))}
    </>
  ),
  sameStrip,
)
