/** What has happened in one match, the latest first, from the match's log: complete, whatever the connection did. */
import type { JSX } from 'react'
import { useLog } from 'holdfast/react'
import { decodeEvent, type MatchEvent, timelineOf, TITLES } from './match-event.ts'

export const Timeline = ({ match }: { match: MatchEvent }): JSX.Element => {
  const { publications, ready, gap } = useLog(timelineOf(match), { from: 'start', limit: 400 })
  const entries = publications.flatMap(({ data, offset }) => {
    const event = decodeEvent(data)
    return event === undefined ? [] : [<Entry key={offset} event={event} offset={offset} />]
  })
  const title = `${match.home} – ${match.away}`
  return (
    <section className="scores-timeline" aria-label={title}>
      <h2>{title}</h2>
      {gap?.why === 'trimmed' && <p>The beginning of this match is not kept any more.</p>}
      {entries.length === 0 && <p>{ready ? 'Nothing has happened yet.' : 'Opening …'}</p>}
      <ol>{entries.reverse()}</ol>
    </section>
  )
}

const Entry = ({ event, offset }: { event: MatchEvent; offset: number }): JSX.Element => {
  const { kind, minute, side, player, score } = event
  return (
    <li data-kind={kind} data-offset={offset}>
      <span className="scores-minute">{minute}′</span>
      <span className="scores-mark" />
      <span>
        <strong>{TITLES[kind]}</strong> {player} {side !== undefined && <small>{event[side]}</small>}
      </span>
      <strong>{['goal', 'half-time', 'full-time'].includes(kind) && `${score[0]}–${score[1]}`}</strong>
    </li>
  )
}
