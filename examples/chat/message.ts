/**
 * What a room's log holds, as the page shows it. Anyone may publish anything into a channel, so what is no message of
 * this application's is shown as well as can be, and nothing that comes can break the list.
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

export interface Message {
  /** Names its place in the log. */
  readonly cursor: string
  readonly offset: number
  /** By the server's clock, milliseconds since 1970. */
  readonly time: number
  readonly id: string | undefined
  readonly author: Person
  readonly text: string
  /** The text is data that this page has no better form for. */
  readonly raw: boolean
}

export type Block =
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'turn'; readonly key: string; readonly author: Person; readonly messages: Message[] }
  /** Here the log could not be had. */
  | { readonly kind: 'gap'; readonly key: string; readonly missing: number | undefined }

const NOBODY: Person = { id: 'nobody', name: 'Someone' }
/** More than a node takes by default. */
const MOST_CHARACTERS = 70_000
/** A pause that begins a new turn, milliseconds. */
const PAUSE_MS = 5 * 60_000

const known = new WeakMap<Publication, Message>()

/** The same object for the same publication, so that a row that has not changed is not drawn again. */
export const messageOf = (publication: Publication): Message => {
  let message = known.get(publication)
  if (message === undefined) {
    const { cursor, offset, time, data } = publication
    known.set(publication, (message = { cursor, offset, time, ...contentOf(data) }))
  }
  return message
}

const contentOf = (data: unknown): Pick<Message, 'id' | 'author' | 'text' | 'raw'> => {
  if (typeof data === 'string') return { id: undefined, author: NOBODY, text: shorten(data), raw: false }
  const { id, author, text } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >
  if (typeof text !== 'string')
    return { id: undefined, author: NOBODY, text: shorten(JSON.stringify(data) ?? ''), raw: true }
  return {
    id: typeof id === 'string' ? id : undefined,
    author: personOf(author) ?? NOBODY,
    text: shorten(text),
    raw: false,
  }
}

const shorten = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} …` : text

/** Days, what one person said in one go, and what is missing in between. */
export const blocksOf = (messages: readonly Message[]): Block[] => {
  const blocks: Block[] = []
  let last: Message | undefined
  for (const message of messages) {
    const today = new Date(message.time).toDateString()
    const { cursor: key, author } = message
    const gap = last === undefined ? undefined : gapBetween(last, message)
    const day = last === undefined || today !== new Date(last.time).toDateString()
    if (gap !== undefined) blocks.push({ kind: 'gap', key: `gap ${key}`, missing: gap.missing })
    if (day) blocks.push({ kind: 'day', key: `day ${key}`, time: message.time })
    const turn = blocks.at(-1)
    if (turn?.kind === 'turn' && last !== undefined && continues(last, message)) turn.messages.push(message)
    else blocks.push({ kind: 'turn', key, author, messages: [message] })
    last = message
  }
  return blocks
}

/** Offsets have no holes; one that goes back is of a log that began anew. */
const gapBetween = (a: Message, b: Message): { readonly missing: number | undefined } | undefined => {
  if (b.offset === a.offset + 1) return undefined
  return { missing: b.offset > a.offset ? b.offset - a.offset - 1 : undefined }
}

const continues = (a: Message, b: Message): boolean =>
  a.author.id === b.author.id && a.author.name === b.author.name && b.time - a.time < PAUSE_MS
