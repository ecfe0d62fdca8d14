/** What happened while one was away, from the log: nothing of it is guessed, and what cannot be had is said. */
import { type JSX, useMemo } from 'react'
import { useAway } from '../../../examples/scores/away.ts'
import { roundAt } from '../../../examples/scores/league.ts'
import type { MatchEvent } from '../../../examples/scores/match-event.ts'
import { type Digest, digestOf, type MatchDigest } from './digest.ts'
import type { ServerClock } from './server-clock.ts'
import { useLeftMs } from './visit.ts'

export const AwayDigest = ({ clock }: { clock: ServerClock }): JSX.Element | false => {
  const { missed, untilMs, gap, close } = useAway()
  const leftMs = useLeftMs(clock)
  const digest = useMemo(
    () => digestOf(missed, leftMs === undefined ? undefined : roundAt(leftMs)),
    [missed, leftMs],
  )
  const awayMs = leftMs === undefined || untilMs === undefined ? undefined : untilMs - leftMs
  if (digest === undefined && gap === undefined) return false
  return (
    <section className="scores-away" aria-labelledby="scores-away-heading">
      <header>
        <h2 id="scores-away-heading">While you were away</h2>
        <button onClick={close}>Done</button>
      </header>
      {gap !== undefined && (
        <p>
          {gap.why === 'trimmed'
            ? 'You were away for longer than the news is kept. This is what is left of it.'
            : 'The node has begun its logs anew since your last visit. What was in the old ones is gone.'}
        </p>
      )}
      {digest !== undefined && (
        <>
          <p>
            {[
              ...awayFor(awayMs),
              count(digest.goals, 'goal'),
              count(digest.finished, 'match', 'matches'),
            ].join(', ')}{' '}
            finished. {moreOf(digest)}
          </p>
          <ul>
            {digest.matches.map((match) => (
              <MatchLine key={`${match.round}-${match.place}`} match={match} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const MatchLine = ({ match }: { match: MatchDigest }): JSX.Element => {
  const { home, away, score, over, moments } = match
  return (
    <li>
      <strong>
        {home} {score[0]}–{score[1]} {away}
      </strong>{' '}
      <span className="quiet">{over ? '' : 'still playing. '}</span>
      <span className="quiet">{moments.map(momentText).join(', ')}</span>
    </li>
  )
}

const momentText = ({ kind, player = '', minute }: MatchEvent): string =>
  `${player} ${minute}′${kind === 'red' ? ' (sent off)' : ''}`

const moreOf = ({ earlierRounds, unplayedRounds }: Digest): string => {
  const earlier = earlierRounds > 0 ? `${count(earlierRounds, 'earlier round')} not listed here. ` : ''
  const unplayed =
    unplayedRounds > 0
      ? `${count(unplayedRounds, 'round')} in between went untold: nobody was looking for too long.`
      : ''
  return earlier + unplayed
}

const awayFor = (ms: number | undefined): string[] => {
  if (ms === undefined) return []
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return ['Less than a minute']
  return [minutes < 120 ? count(minutes, 'minute') : `${Math.round(minutes / 60)} hours`]
}

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`
