/**
 * A cursor names a place between two publications: everything up to `offset` has been seen. Written, it is
 * one opaque token, `<epoch>_<offset>[_<stamp>]`. A position is a cursor, or a sentinel that the broker
 * resolves to one. The parsers are strict: one spelling per cursor, and anything else is refused.
 */

export interface Cursor {
  /** One life of one channel's log: EPOCH_LENGTH characters of 0-9 and a-z; compared for equality only. */
  readonly epoch: string
  readonly offset: number
  /** Chain stamp of the entry at `offset`, where the broker can roll back. */
  readonly stamp?: string | undefined
}

/** `-1` is the start, `now` the tail, `last:N` N publications before the tail. */
export type Position = Cursor | 'start' | 'now' | { readonly last: number }

const EPOCH_TIME_LENGTH = 9
const EPOCH_RANDOM_LENGTH = 4
export const EPOCH_LENGTH: number = EPOCH_TIME_LENGTH + EPOCH_RANDOM_LENGTH
const OFFSET_LENGTH = 16
/** Epoch (EPOCH_LENGTH), offset (OFFSET_LENGTH) and stamp. */
const SPELLING = /^([0-9a-z]{13})_(\d{16})(?:_([0-9a-f]{8}))?$/
const LAST = /^last:([1-9]\d{0,5})$/

/** Written with leading zeros, so that cursors of one epoch sort as text. */
export const formatCursor = (cursor: Cursor): string => {
  const plain = `${cursor.epoch}_${String(cursor.offset).padStart(OFFSET_LENGTH, '0')}`
  return cursor.stamp === undefined ? plain : `${plain}_${cursor.stamp}`
}

/** The cursor that `text` spells, or undefined when it spells none. */
export const parseCursor = (text: string): Cursor | undefined => {
  // Every part has its fixed length: there is nothing to go back over, and nothing long is looked at.
  const [, epoch, digits, stamp] = SPELLING.exec(text) ?? []
  const offset = Number(digits)
  if (epoch === undefined || !Number.isSafeInteger(offset)) return undefined
  return stamp === undefined ? { epoch, offset } : { epoch, offset, stamp }
}

export const formatPosition = (position: Position): string => {
  if (position === 'start') return '-1'
  if (position === 'now') return 'now'
  return 'last' in position ? `last:${position.last}` : formatCursor(position)
}

/** The position that `text` spells, or undefined. `last:` takes 1 to 999999. */
export const parsePosition = (text: string): Position | undefined => {
  if (text === '-1') return 'start'
  if (text === 'now') return 'now'
  const [, digits] = LAST.exec(text) ?? []
  return digits === undefined ? parseCursor(text) : { last: Number(digits) }
}

export const isCursor = (position: Position): position is Cursor =>
  typeof position === 'object' && 'epoch' in position

/**
 * Epochs from one counter per broker: milliseconds that never repeat, then a random suffix. Unique across
 * channels and across two brokers started in the same millisecond; later lives of a channel sort later.
 */
export class EpochCounter {
  #last = 0

  /** @param nowMs the time, milliseconds since 1970. @param random in [0, 1). */
  next(nowMs: number, random: number): string {
    this.#last = Math.max(Math.floor(nowMs), this.#last + 1)
    const suffix = Math.floor(random * 36 ** EPOCH_RANDOM_LENGTH)
    return (
      this.#last.toString(36).padStart(EPOCH_TIME_LENGTH, '0') +
      suffix.toString(36).padStart(EPOCH_RANDOM_LENGTH, '0')
    )
  }
}
