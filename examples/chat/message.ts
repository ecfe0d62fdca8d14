/**
 * What a room's log holds, as a page shows it. Anyone may publish anything into a channel, so what is no message of this
 * application's is shown as well as can be, and nothing that comes can break the list.
 */
import type { Publication } from 'holdfast'
import { type Person, personOf } from './person.ts'

/** What this application publishes. */
export interface Said {
  /** Given by its author, so that they know it again when it comes back. */
  readonly id: string
  readonly author: Person
  readonly text: string
}

export interface Message extends Omit<Said, 'id'> {
  readonly id: string | undefined
  /** The text is data that there is no better form for; the console's page sets it as code. */
  readonly raw: boolean
  /** Names its place in the log. */
  readonly cursor: string
  readonly offset: number
  /** By the server's clock, milliseconds since 1970. */
  readonly time: number
}

const NOBODY: Person = { id: 'nobody', name: 'Someone' }

const known = new WeakMap<Publication, Message>()

/** The same object for the same publication, so that a row that has not changed need not be drawn again. */
export const messageOf = (publication: Publication): Message => {
  const before = known.get(publication)
  if (before !== undefined) return before
  const { cursor, offset, time, data } = publication
  const message = { cursor, offset, time, ...contentOf(data) }
  known.set(publication, message)
  return message
}

const contentOf = (data: unknown): Pick<Message, 'id' | 'author' | 'text' | 'raw'> => {
  const whole = typeof data === 'object' && data !== null ? data : { text: data }
  const { id, author, text } = whole as Record<string, unknown>
  const raw = typeof text !== 'string'
  return {
    id: typeof id === 'string' ? id : undefined,
    author: personOf(author) ?? NOBODY,
    // More than a node takes by default.
    text: (raw ? (JSON.stringify(data) ?? '') : text).slice(0, 70_000),
    raw,
  }
}
