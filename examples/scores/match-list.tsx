/** The matches that are played now, one of which is looked at. */
import { type JSX, useState } from 'react'
import { clockText } from './match.ts'
import type { MatchState } from './standings.ts'

export interface MatchListProps {
  readonly matches: readonly MatchState[]
  readonly chosen: string | undefined
  readonly nowMs: number
  readonly onChoose: (place: number) => void
}

export const MatchList = ({ matches, chosen, nowMs, onChoose }: MatchListProps): JSX.Element => (
  <ul className="scores-matches" aria-label="Matches">
    {matches.map((match) => (
      <li key={match.place}>
        <button
          key={match.id}
          type="button"
          className="scores-match"
          aria-pressed={match.id === chosen}
          data-phase={match.phase}
          onClick={() => onChoose(match.place)}
        >
          <Team name={match.home} goals={match.score[0]} reds={match.reds[0]} phase={match.phase} />
          <Team name={match.away} goals={match.score[1]} reds={match.reds[1]} phase={match.phase} />
          <span className="scores-clock">{clockOf(match, nowMs)}</span>
        </button>
      </li>
    ))}
  </ul>
)

interface TeamProps {
  readonly name: string
  readonly goals: number
  readonly reds: number
  readonly phase: MatchState['phase']
}

const Team = ({ name, goals, reds, phase }: TeamProps): JSX.Element => {
  const [found] = useState(goals)
  return (
    <span className="scores-team">
      <span className="scores-team-name">
        {name}
        {reds > 0 && <span className="scores-reds"> {reds === 1 ? '1 sent off' : `${reds} sent off`}</span>}
      </span>
      {/* Drawn anew with each goal, which lets it flash; what was found when the page came does not. */}
      <strong key={goals} className="scores-goals" data-scored={goals !== found || undefined}>
        {phase === 'before' ? '–' : goals}
      </strong>
    </span>
  )
}

export const clockOf = ({ phase, halfMs }: MatchState, nowMs: number): string => {
  switch (phase) {
    case 'before':
      return 'Not begun'
    case 'half-time':
      return 'Half time'
    case 'full-time':
      return 'Full time'
    default:
      return `${clockText(phase, nowMs - halfMs)}′`
  }
}
