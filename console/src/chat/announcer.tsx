/** Reads new messages of others to those who listen: one as it is, several in a short time as a number. */
import { type JSX, useEffect, useRef, useState } from 'react'
import type { Message } from '../../../examples/chat/message.ts'

const COLLECT_MS = 1_500
const MOST_CHARACTERS = 200

const wordsFor = (messages: readonly Message[]): string => {
  const [only] = messages
  if (only === undefined || messages.length > 1) return `${messages.length} new messages`
  return `${only.author.name}: ${only.text.slice(0, MOST_CHARACTERS)}`
}

export interface AnnouncerProps {
  readonly messages: readonly Message[]
  readonly self: string
}

export const Announcer = ({ messages, self }: AnnouncerProps): JSX.Element => {
  const [words, setWords] = useState('')
  // What was said before the room was opened is not new. History that is loaded later is not either.
  const [openedMs] = useState(Date.now)
  const heard = useRef(new Set<Message>())
  const collected = useRef<Message[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    const news = messages.filter(
      (message) => message.time > openedMs && message.author.id !== self && !heard.current.has(message),
    )
    if (news.length === 0) return
    for (const message of news) heard.current.add(message)
    collected.current.push(...news)
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setWords(wordsFor(collected.current.splice(0)))
    }, COLLECT_MS)
  }, [messages, openedMs, self])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return (
    <p className="visually-hidden announcer" role="status">
      {words}
    </p>
  )
}
