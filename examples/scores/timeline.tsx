/** What has happened in one match, the latest first, from the match's log: complete, whatever the connection did. */
import type { JSX } from 'react'
import { useLog } from 'holdfast/react'
import type { MatchState } from './standings.ts'
import { decodeEvent, type TimelineEvent, titleOf } from './timeline-entry.ts'

export const Timeline = ({ match }: { match: MatchState }): JSX.Element => {
  const { publications, ready, gap, ended } = useLog(`scores/${match.id}`, { from: 'start', limit: 400 })
  const events = publications.flatMap(({ data, offset }) => {
    const event = decodeEvent(data)
    return event === undefined ? [] : [{ event, offset }]
  })
  return (
    <section className="scores-timeline" aria-labelledby="scores-timeline-heading">
      <h2 id="scores-timeline-heading">
        {match.home} – {match.away}
      </h2>
      {gap !== undefined && gap.why === 'trimmed' && (
        <p className="quiet">The beginning of this match is not kept any more.</p>
      )}
      {ended !== undefined && <p className="quiet">This match’s log has ended: reload the page to see it.</p>}
      {events.length === 0 && <p className="quiet">{ready ? 'Nothing has happened yet.' : 'Opening …'}</p>}
      <ol>
        {events.reverse().map(({ event, offset }) => (
          <Entry key={offset} event={event} offset={offset} match={match} />
        ))}
      </ol>
    </section>
  )
}

interface EntryProps {
  readonly event: TimelineEvent
  readonly offset: number
  readonly match: MatchState
}

const Entry = ({ event, offset, match }: EntryProps): JSX.Element => {
  const { kind, minute, side, player, other, score } = event
  const club = side === 'home' ? match.home : side === 'away' ? match.away : undefined
  return (
    <li data-kind={kind} data-offset={offset}>
      <span className="scores-minute">{minute}′</span>
      <span className="scores-mark" aria-hidden="true">
        {MARKS[kind] ?? ''}
      </span>
      <span className="scores-what">
        <strong>{titleOf(kind)}</strong>
        {player !== undefined && ` ${other === undefined ? player : `${other} for ${player}`}`}
        {club !== undefined && <span className="quiet"> {club}</span>}
      </span>
      <span className="scores-score">
        {(kind === 'goal' || kind === 'half-time' || kind === 'full-time') && `${score[0]}–${score[1]}`}
      </span>
    </li>
  )
}

const MARKS: Partial<Record<TimelineEvent['kind'], string>> = {
  goal: '●',
  substitution: '⇄',
}
