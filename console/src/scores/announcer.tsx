/** Tells those who listen of goals and of matches that are over: one as it is, several in a short time as a number. */
import { type JSX, useEffect, useRef, useState } from 'react'
import type { MatchEvent } from '../../../examples/scores/match-event.ts'
import type { ServerClock } from './server-clock.ts'

const COLLECT_MS = 8_000

export interface AnnouncerProps {
  readonly news: readonly MatchEvent[]
  readonly clock: ServerClock
}

export const Announcer = ({ news, clock: { known, now } }: AnnouncerProps): JSX.Element => {
  const [words, setWords] = useState('')
  const collected = useRef<MatchEvent[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  /** Up to here it has been told, or was before this visit: when it happened, by the node's time. */
  const toldMs = useRef<number>(undefined)
  useEffect(() => {
    if (!known) return
    const sinceMs = (toldMs.current ??= now())
    const fresh = news.filter(({ atMs }) => atMs > sinceMs)
    if (fresh.length === 0) return
    toldMs.current = fresh.at(-1)?.atMs
    collected.current.push(...fresh)
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setWords(wordsFor(collected.current.splice(0)))
    }, COLLECT_MS)
  }, [news, known, now])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}

const wordsFor = (news: readonly MatchEvent[]): string => {
  const [only] = news
  if (only === undefined || news.length > 3) return `${news.length} things happened in the matches.`
  return news
    .map(({ kind, home, away, score, player = '' }) => {
      const what =
        kind === 'goal' ? `Goal, ${player}.` : kind === 'red' ? `Sent off, ${player}.` : 'Full time.'
      return `${what} ${home} ${score[0]}, ${away} ${score[1]}.`
    })
    .join(' ')
}
