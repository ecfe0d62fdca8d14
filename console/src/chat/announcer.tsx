/** Reads new messages of others to those who listen: one as it is, several in a short time as a number. */
import { type JSX, useEffect, useRef, useState } from 'react'
import type { Person } from '../person/person.ts'
import type { Room } from './room.ts'
import type { Entry } from './timeline.ts'

const COLLECT_MS = 1_500
const MOST_CHARACTERS = 200

const wordsFor = (entries: readonly Entry[]): string => {
  const [only] = entries
  if (only === undefined || entries.length > 1) return `${entries.length} new messages`
  return `${only.author.name}: ${only.text.slice(0, MOST_CHARACTERS)}`
}

export const Announcer = ({ room, self }: { room: Room; self: Person }): JSX.Element => {
  const [words, setWords] = useState('')
  const collected = useRef<Entry[]>([])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const unwatch = room.watch((entry) => {
      if (entry.simulated !== undefined || entry.author.id === self.id || !room.state.ready) return
      collected.current.push(entry)
      timer ??= setTimeout(() => {
        timer = undefined
        setWords(wordsFor(collected.current.splice(0)))
      }, COLLECT_MS)
    })
    return () => {
      clearTimeout(timer)
      collected.current = []
      unwatch()
    }
  }, [room, self.id])
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}
