/** The matches that are played now, one of which is looked at. */
import { type JSX, useState } from 'react'
import { type MatchEvent, TITLES } from './match-event.ts'

interface MatchesProps {
  readonly matches: readonly MatchEvent[]
  readonly chosen: MatchEvent | undefined
  readonly onChoose: (place: number) => void
}

export const Matches = ({ matches, chosen, onChoose }: MatchesProps): JSX.Element => (
  <ul className="scores-matches" aria-label="Matches">
    {matches.map((match) => (
      <li key={`${match.round}-${match.place}`} className="scores-match">
        <button aria-pressed={match === chosen} onClick={() => onChoose(match.place)}>
          <Team name={match.home} goals={match.score[0]} />
          <Team name={match.away} goals={match.score[1]} />
          <span className="scores-clock">
            {['half-time', 'full-time'].includes(match.kind) ? TITLES[match.kind] : `${match.minute}′`}
          </span>
        </button>
      </li>
    ))}
  </ul>
)

const Team = ({ name, goals }: { name: string; goals: number | undefined }): JSX.Element => {
  const [found] = useState(goals)
  return (
    <span className="scores-team">
      <span>{name}</span>
      {/* Drawn anew with each goal, which lets it flash; what was found when the page came does not. */}
      <strong key={goals} className="scores-goals" data-scored={goals !== found || undefined}>
        {goals}
      </strong>
    </span>
  )
}
