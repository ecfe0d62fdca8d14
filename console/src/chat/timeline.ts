/**
 * What a room's log holds, as the page shows it: entries, and marks where the log could not be had. Anyone may
 * publish anything into a channel, so what is no message of this page's is shown as well as can be.
 */
import type { GapNotice, Publication, TransportName } from 'holdfast'
import { type Person, personOf } from '../person/person.ts'

/** One publication. */
export interface Entry {
  readonly kind: 'entry'
  /** Names its place in the log. */
  readonly cursor: string
  readonly offset: number
  /** By the server's clock, milliseconds since 1970. */
  readonly time: number
  /** Given by its author, so that they know it again when it comes back. */
  readonly id: string | undefined
  readonly author: Person
  readonly text: string
  /** The text is data that this page has no better form for. */
  readonly raw: boolean
  readonly simulated: Simulated | undefined
  /** What brought it; undefined for history that was asked for. */
  readonly via: TransportName | undefined
}

export interface Simulated {
  readonly run: string
  /** From 1. */
  readonly number: number
}

/** Here the log could not be had. */
export interface Gap {
  readonly kind: 'gap'
  readonly key: string
  /** Publications that are missing, where that can be known. */
  readonly missing: number | undefined
  readonly restarted: boolean
}

export type Item = Entry | Gap

/** What this page publishes. */
export interface Said {
  readonly id: string
  readonly author: Person
  readonly text: string
  readonly simulated?: Simulated
}

const NOBODY: Person = { id: 'nobody', name: 'Someone' }

export const entryOf = (publication: Publication, via: TransportName | undefined): Entry => {
  const { cursor, offset, time, data } = publication
  return { kind: 'entry', cursor, offset, time, via, ...contentOf(data) }
}

type Content = Pick<Entry, 'id' | 'author' | 'text' | 'raw' | 'simulated'>

const contentOf = (data: unknown): Content => {
  const plain = { id: undefined, author: NOBODY, raw: false, simulated: undefined }
  if (typeof data === 'string') return { ...plain, text: data }
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
  if (typeof fields['text'] !== 'string') return { ...plain, text: JSON.stringify(data) ?? '', raw: true }
  return {
    id: typeof fields['id'] === 'string' ? fields['id'] : undefined,
    author: personOf(fields['author']) ?? NOBODY,
    text: fields['text'],
    raw: false,
    simulated: simulatedOf(fields['simulated']),
  }
}

const simulatedOf = (value: unknown): Simulated | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { run, number } = value as Record<string, unknown>
  return typeof run === 'string' && typeof number === 'number' ? { run, number } : undefined
}

/** @param last offset of the entry that was shown last; undefined when there is none. */
export const gapOf = ({ cursor, floor, why }: GapNotice, last: number | undefined): Gap => ({
  kind: 'gap',
  key: `gap ${cursor}`,
  missing: why === 'trimmed' && last !== undefined ? floor - 1 - last : undefined,
  restarted: why !== 'trimmed',
})

export const isEntry = (item: Item): item is Entry => item.kind === 'entry'
