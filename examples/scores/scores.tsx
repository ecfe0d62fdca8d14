/** The scores: what happened while one was away, the matches that are played now, one of them in full, and the table. */
import { type JSX, useMemo, useState } from 'react'
import { useConnection, useLatest } from 'holdfast/react'
import { Announcer } from './announcer.tsx'
import { useAway } from './away.ts'
import { AwayDigest } from './away-digest.tsx'
import { boardOf, type League } from './board.ts'
import { LeagueTable } from './league-table.tsx'
import { MatchList } from './match-list.tsx'
import { useServerClock } from './server-clock.ts'
import type { MatchState } from './standings.ts'
import { Timeline } from './timeline.tsx'
import './scores.css'

export const Scores = (): JSX.Element => {
  const latest = useLatest('scores/board')
  const { matches, league } = useMemo(() => boardOf(latest), [latest])
  const clock = useServerClock()
  const away = useAway(clock)
  const { status } = useConnection()
  const [place, setPlace] = useState(0)
  const chosen = matches.find((match) => match.place === place) ?? matches[0]
  return (
    <div className="scores">
      <p className="scores-about">
        {league === undefined ? (
          'Opening the board …'
        ) : (
          <Now matches={matches} league={league} nowMs={clock.nowMs} />
        )}{' '}
        Clubs, players and matches are invented and <em>simulated</em>; a match lasts about six minutes.
        <span role="status">
          {status !== 'connected' && ' No connection: what you miss is read when it is back.'}
        </span>
      </p>
      <AwayDigest {...away} />
      <MatchList matches={matches} chosen={chosen?.id} nowMs={clock.nowMs} onChoose={setPlace} />
      <div className="scores-below">
        {chosen !== undefined && <Timeline key={chosen.id} match={chosen} />}
        {league !== undefined && <LeagueTable league={league} />}
      </div>
      <Announcer latest={away.latest} />
    </div>
  )
}

interface NowProps {
  readonly matches: readonly MatchState[]
  readonly league: League
  readonly nowMs: number
}

const Now = ({ matches, league, nowMs }: NowProps): JSX.Element => {
  const playing = matches.filter(({ phase }) => phase !== 'before' && phase !== 'full-time').length
  const seconds = Math.max(0, Math.ceil((league.nextKickOffMs - nowMs) / 1_000))
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
