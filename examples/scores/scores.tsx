/** The scores: what happened while one was away, the matches that are played now, and one of them in full. */
import { type JSX, type ReactNode, useMemo, useState } from 'react'
import { useConnection, useLatest } from 'holdfast/react'
import { useAway } from './away.ts'
import { BOARD, decodeEvent, type MatchEvent, timelineOf } from './match-event.ts'
import { Matches } from './matches.tsx'
import { Timeline } from './timeline.tsx'
import './scores.css'

type Slot = (matches: readonly MatchEvent[]) => ReactNode
/** What a page may put in place of the plain list of what was missed, in front of the words, and beside the timeline. */
export type ScoresProps = { readonly away?: ReactNode; readonly about?: Slot; readonly beside?: Slot }

export const Scores = ({ away = <Missed />, about, beside }: ScoresProps): JSX.Element => {
  const board = useLatest(BOARD)
  const matches = useMemo(() => {
    const decoded = [...board.values()].flatMap(({ data }) => decodeEvent(data) ?? [])
    return decoded.sort((a, b) => a.place - b.place)
  }, [board])
  const connected = useConnection(({ status }) => status === 'connected')
  const [place, setPlace] = useState(0)
  const chosen = matches.find((match) => match.place === place) ?? matches[0]
  return (
    <div className="scores">
      <p className="scores-about">
        {matches.length === 0 ? 'Opening the board …' : about?.(matches)} Clubs, players and matches are
        invented and <em>simulated</em>; a match lasts about six minutes.
        <span role="status">{!connected && ' No connection: what you miss is read when it is back.'}</span>
      </p>
      {away}
      <Matches matches={matches} chosen={chosen} onChoose={setPlace} />
      <div className="scores-below">
        {chosen !== undefined && <Timeline key={timelineOf(chosen)} match={chosen} />}
        {beside?.(matches)}
      </div>
    </div>
  )
}

/** Goals and results, as they happened. */
const Missed = (): JSX.Element | false => {
  const { missed, gap, close } = useAway()
  if (missed.length === 0 && gap === undefined) return false
  return (
    <section className="scores-away" aria-label="While you were away">
      <header>
        <h2>While you were away</h2>
        <button onClick={close}>Done</button>
      </header>
      {gap !== undefined && <p>Some of it is not kept any more. This is what is left.</p>}
      <ul>
        {missed.map(({ kind, home, away, score, minute, player, atMs, place }) => (
          <li key={`${atMs}-${place}`}>
            {home} {score[0]}–{score[1]} {away}: {kind === 'full-time' ? 'full time' : `${player} ${minute}′`}
            {kind === 'red' && ' (sent off)'}
          </li>
        ))}
      </ul>
    </section>
  )
}
