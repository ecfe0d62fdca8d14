/**
 * Whether this person writes just now. It is told through presence and not through a channel of its own: it is a state
 * and no event, so only the newest counts, nothing of it waits in an outbox while offline, it is not in anyone's
 * history, and it is gone when the person is.
 */
import { useCallback, useEffect, useRef, useState } from 'react'

/** Who has not touched a key for this long does something else. */
const IDLE_MS = 4_000

export interface Typing {
  readonly typing: boolean
  /** A key was pressed; without text there is nothing being written. */
  readonly note: (text: string) => void
}

export const useTyping = (): Typing => {
  const [typing, setTyping] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const note = useCallback((text: string) => {
    clearTimeout(timer.current)
    const writes = text.trim() !== ''
    setTyping(writes)
    if (writes) timer.current = setTimeout(() => setTyping(false), IDLE_MS)
  }, [])
  return { typing, note }
}

/** In a room of many, how many. */
export const typingText = (names: readonly string[]): string => {
  const [first, second] = names
  if (first === undefined) return ''
  if (names.length > 2) return `${names.length} people are writing …`
  return second === undefined ? `${first} is writing …` : `${first} and ${second} are writing …`
}
