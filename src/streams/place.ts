/** A place in a stream as this face writes it: the offset is the cursor that every other transport knows too. */
import { type ChannelInfo, type Cursor, formatCursor, type Page, parseCursor } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'

/** Where an answer ends. */
export interface Place {
  readonly cursor: Cursor
  /** Nothing lay behind it when the answer was made. */
  readonly upToDate: boolean
  /** Nothing ever will. */
  readonly closed: boolean
}

export type FoundPage = Extract<Page, { kind: 'page' }>

export type Offset = Cursor | 'start' | 'now'

export const formatOffset = (cursor: Cursor): string => formatCursor(cursor)

/** What was decoded last: those who wait are mostly at one place. */
let known: { readonly text: string; readonly cursor: Cursor } | undefined

/** @throws ProtocolError `bad_cursor` */
export const decodeOffset = (text: string): Offset => {
  if (text === '-1') return 'start'
  if (text === 'now') return 'now'
  if (known?.text === text) return known.cursor
  const cursor = parseCursor(text)
  if (cursor === undefined) {
    throw new ProtocolError('bad_cursor', '`offset` is -1, now, or what Stream-Next-Offset said')
  }
  known = { text, cursor }
  return cursor
}

/** The fields of an answer that ends there. */
export const fieldsOf = ({ cursor, upToDate, closed }: Place): Record<string, string> => {
  const fields: Record<string, string> = { 'stream-next-offset': formatOffset(cursor) }
  if (upToDate) fields['stream-up-to-date'] = 'true'
  if (closed) fields['stream-closed'] = 'true'
  return fields
}

/** Where a page ends. */
export const placeOf = (page: FoundPage): Place => {
  const { epoch, upTo, top, entries } = page
  const last = entries.at(-1)?.publication
  const stamp = upTo === page.after ? page.stamp : last?.stamp
  const upToDate = upTo === top
  const cursor = stamp === undefined ? { epoch, offset: upTo } : { epoch, offset: upTo, stamp }
  return { cursor, upToDate, closed: upToDate && page.status === 'closed' }
}

/** Where a stream ends, as `describe` says. */
export const tailOf = ({ epoch, top, stamp, status }: ChannelInfo): Place => ({
  cursor: stamp === undefined ? { epoch, offset: top } : { epoch, offset: top, stamp },
  upToDate: true,
  closed: status === 'closed',
})
