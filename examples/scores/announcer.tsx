/** Tells those who listen of goals and of matches that are over: one as it is, several in a short time as a number. */
import { type JSX, useEffect, useRef, useState } from 'react'
import type { News } from './news.ts'

const COLLECT_MS = 8_000

export const Announcer = ({ latest }: { latest: News | undefined }): JSX.Element => {
  const [words, setWords] = useState('')
  const collected = useRef<News[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (latest === undefined) return
    collected.current.push(latest)
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setWords(wordsFor(collected.current.splice(0)))
    }, COLLECT_MS)
  }, [latest])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}

const wordsFor = (news: readonly News[]): string => {
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
