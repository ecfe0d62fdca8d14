/**
 * The scores' page: the example, mounted in the frame of a use case. To it the page adds a league table, a digest of what
 * was missed in place of the plain list, a countdown, and an announcer for those who listen.
 */
import type { JSX } from 'react'
import { kickOffMs } from '../../../examples/scores/league.ts'
import type { MatchEvent } from '../../../examples/scores/match-event.ts'
import { Scores } from '../../../examples/scores/scores.tsx'
import { UseCase } from '../page/use-case.tsx'
import { Announcer } from './announcer.tsx'
import { AwayDigest } from './away-digest.tsx'
import { LeagueTable } from './league-table.tsx'
import { useNews } from './news.ts'
import { useServerClock } from './server-clock.ts'
import { useVisit } from './visit.ts'
import './scores-page.css'

export const View = (): JSX.Element => {
  const news = useNews()
  const visit = useVisit()
  const clock = useServerClock()
  return (
    <UseCase title="Scores" summary="Leave and come back: the log knows what you missed.">
      <Scores
        away={<AwayDigest key={visit} clock={clock} />}
        about={(matches) => <Now matches={matches} nowMs={clock.nowMs} />}
        beside={(matches) => matches.length > 0 && <LeagueTable matches={matches} news={news} />}
      />
      <Announcer news={news} clock={clock} />
    </UseCase>
  )
}

interface NowProps {
  readonly matches: readonly MatchEvent[]
  readonly nowMs: number
}

const Now = ({ matches, nowMs }: NowProps): JSX.Element => {
  const playing = matches.filter(({ kind }) => kind !== 'full-time').length
  const nextMs = kickOffMs((matches[0]?.round ?? 0) + 1)
  const seconds = Math.max(0, Math.ceil((nextMs - nowMs) / 1_000))
  const next = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <>
      <strong>
        {playing === 0
          ? 'All matches are over.'
          : `${playing} of ${matches.length} matches are being played.`}
      </strong>{' '}
      Next kick-off in <span className="scores-countdown">{next}</span>.
    </>
  )
}
