/** How far each room has been read in this browser, so that what came meanwhile can be told from what was there. */
import type { Publication } from 'holdfast'
import { recall, remember } from '../page/storage.ts'

const keyOf = (room: string): string => `holdfast.read.${room}`

export const markRead = (room: string, cursor: string): void => remember(keyOf(room), cursor)

/**
 * Whether a publication came after what was read last. In a room that was never looked at, that is what came
 * after the page was opened. Cursors of one life of a log sort as text, and so do lives.
 */
export const isNew = (room: string, { cursor, time }: Publication, openedMs: number): boolean => {
  const read = recall(keyOf(room))
  return read === undefined ? time > openedMs : cursor > read
}
