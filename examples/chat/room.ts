/** All that a page knows of one room: a channel with its log, its members, and what is not in the log yet. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { useLog, usePresence } from 'holdfast/react'
import { messageOf } from './message.ts'
import { peopleOf, type Person, typistsOf } from './person.ts'
import { useUnsent } from './unsent.ts'
import { endOf } from './words.ts'

export const ROOMS = ['lobby', 'design', 'deploys'] as const

/** The channel of a room. */
export const channelOf = (room: string): string => `chat/${room}`

export type Room = ReturnType<typeof useRoom>

export const useRoom = (name: string, person: Person) => {
  const channel = channelOf(name)
  // The last 100, then what comes. Of more than the limit, older ones are let go of; they can be loaded again.
  const log = useLog(channel, { limit: 2_000 })
  const messages = useMemo(() => log.publications.map((each) => messageOf(each)), [log.publications])
  const [typing, note] = useTyping()
  const members = usePresence(channel, { ...person, typing })
  const people = useMemo(() => peopleOf(members.values()), [members])
  const typists = typistsOf(members.values(), person)
  const unsent = useUnsent(channel, person, messages)
  return { name, person, log, ended: endOf(log.ended), messages, people, typists, note, unsent }
}

/**
 * Whether this person writes just now. It is told through presence and not through a channel of its own: it is a state
 * and no event, so only the newest counts, and nothing of it waits in an outbox or is in anyone's history.
 */
const useTyping = (): readonly [typing: boolean, note: (text: string) => void] => {
  const [typing, setTyping] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const note = (text: string): void => {
    clearTimeout(timer.current)
    setTyping(text.trim() !== '')
    // Who has not touched a key for a while does something else.
    timer.current = setTimeout(() => setTyping(false), 4_000)
  }
  return [typing, note]
}
