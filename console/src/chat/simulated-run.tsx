/**
 * A run of simulated messages, as a ribbon: one tick each, in the order of the log, in the colour of the transport
 * that brought it. A change of transport shows as a change of colour, and nothing else.
 */
import { type JSX, memo } from 'react'
import type { TransportName } from 'holdfast'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES, TRANSPORTS } from '../connection/transports.ts'
import type { Person } from '../person/person.ts'
import type { Entry } from './timeline.ts'

const STRIP_LENGTH = 60

export const SimulatedRun = ({
  author,
  entries,
}: {
  author: Person
  entries: readonly Entry[]
}): JSX.Element => {
  const first = entries[0]?.simulated?.number ?? 0
  const last = entries[entries.length - 1]?.simulated?.number ?? 0
  const whole = entries.every((entry, index) => entry.simulated?.number === first + index)
  const strips: Entry[][] = []
  for (let at = 0; at < entries.length; at += STRIP_LENGTH) strips.push(entries.slice(at, at + STRIP_LENGTH))
  return (
    <li className="run">
      <p>
        <strong>{entries.length.toLocaleString()}</strong> simulated by {author.name}:
        <span className="quiet">
          {' '}
          {first.toLocaleString()}–{last.toLocaleString()},{' '}
          {whole ? 'none missing, none twice' : 'not all of them, or not in order'}
        </span>
      </p>
      <div className="ribbon" aria-hidden="true">
        {strips.map((strip) => (
          <Strip key={strip[0]?.cursor} entries={strip} />
        ))}
      </div>
      <Key entries={entries} />
    </li>
  )
}

/** How many came over which transport; the rest was read from the log when the page was opened. */
const Key = ({ entries }: { entries: readonly Entry[] }): JSX.Element => {
  const counts = new Map<TransportName | undefined, number>()
  for (const { via } of entries) counts.set(via, (counts.get(via) ?? 0) + 1)
  const read = counts.get(undefined)
  return (
    <ul className="ribbon-key">
      {TRANSPORTS.filter((each) => counts.has(each)).map((each) => (
        <li key={each}>
          <TransportGlyph transport={each} />
          {TITLES[each]} <span className="number">{counts.get(each)?.toLocaleString()}</span>
        </li>
      ))}
      {read !== undefined && (
        <li>
          from before <span className="number">{read.toLocaleString()}</span>
        </li>
      )}
    </ul>
  )
}

const sameStrip = (a: { entries: readonly Entry[] }, b: { entries: readonly Entry[] }): boolean =>
  a.entries[0] === b.entries[0] && a.entries.length === b.entries.length

const Strip = memo(
  ({ entries }: { entries: readonly Entry[] }): JSX.Element => (
    <>
      {entries.map(({ cursor, simulated, via }) => (
        <span key={cursor} data-simulated={simulated?.number} data-transport={via} />
      ))}
    </>
  ),
  sameStrip,
)
