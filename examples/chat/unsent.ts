/**
 * What a person has written and a room's log does not show yet. The client keeps what is published while offline, and
 * sends it once; this keeps it over a reload too, for this tab. What comes back then is offered, not sent: the person
 * may have said it elsewhere meanwhile.
 */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useChannel } from 'holdfast/react'
import type { Message, Said } from './message.ts'
import type { Person } from './person.ts'
import { reasonOf } from './words.ts'

export interface Unsent {
  readonly id: string
  readonly channel: string
  readonly text: string
  /** `accepted`: in the log, and about to come back. A failed one is not sent by itself. */
  readonly state: 'sending' | 'accepted' | 'failed'
  readonly reason?: string
}

const KEY = 'holdfast.unsent'
const CLOSED = 'The page was closed before it was sent.'

const recall = (): Unsent[] => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Unsent[]
    const whole = kept.filter(({ text }) => typeof text === 'string')
    return whole.map(({ id, channel, text }) => ({ id, channel, text, state: 'failed', reason: CLOSED }))
  } catch {
    return [] // Storage may be switched off, or hold something else.
  }
}

/** Of all rooms, for as long as the page lives: sending goes on while the person looks at another room. */
let all: readonly Unsent[] = recall()
const listeners = new Set<() => void>()
const read = (): readonly Unsent[] => all
const listen = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const keep = (next: readonly Unsent[]): void => {
  all = next
  try {
    sessionStorage.setItem(KEY, JSON.stringify(all.filter(({ state }) => state !== 'accepted')))
  } catch {
    // Then it is kept for as long as the page lives.
  }
  for (const listener of listeners) listener()
}

const change = (id: string, to: Pick<Unsent, 'state' | 'reason'>): void =>
  keep(all.map((each) => (each.id === id ? { ...each, ...to } : each)))

const remove = (gone: (each: Unsent) => boolean): void => {
  if (all.some(gone)) keep(all.filter((each) => !gone(each)))
}

/** @param messages of the room: what is among them has been sent */
export const useUnsent = (name: string, author: Person, messages: readonly Message[]) => {
  const channel = useChannel<Said>(name)
  const unsent = useSyncExternalStore(listen, read, read).filter((each) => each.channel === name)
  const ids = useMemo(() => new Set(messages.map(({ id }) => id)), [messages])
  useEffect(() => remove(({ id }) => ids.has(id)), [ids, unsent.length])
  // What was accepted before the room is shown is in its log, or so far back that it is not shown.
  useEffect(() => remove((each) => each.channel === name && each.state === 'accepted'), [name])

  const send = ({ id, text }: Pick<Unsent, 'id' | 'text'>): void => {
    change(id, { state: 'sending' })
    channel.publish({ id, author, text }).then(
      () => change(id, { state: 'accepted' }),
      (error: unknown) => change(id, { state: 'failed', reason: reasonOf(error) }),
    )
  }
  const say = (text: string): void => {
    // `crypto.randomUUID` is missing on pages without TLS.
    const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
    keep([...all, { id, channel: name, text, state: 'sending' }])
    send({ id, text })
  }
  const discard = (id: string): void => remove((each) => each.id === id)
  // What is in the log already is not shown beside it as well.
  return { all: unsent.filter(({ id }) => !ids.has(id)), say, retry: send, discard }
}
