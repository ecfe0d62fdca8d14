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
const STAMP_LENGTH = 8
const PLAIN_LENGTH = EPOCH_LENGTH + 1 + OFFSET_LENGTH
const STAMPED_LENGTH = PLAIN_LENGTH + 1 + STAMP_LENGTH
const LAST_PREFIX = 'last:'
const LAST_DIGITS = 6

/** Written with leading zeros, so that cursors of one epoch sort as text. */
export const formatCursor = (cursor: Cursor): string => {
  const plain = `${cursor.epoch}_${String(cursor.offset).padStart(OFFSET_LENGTH, '0')}`
  return cursor.stamp === undefined ? plain : `${plain}_${cursor.stamp}`
}

/** The cursor that `text` spells, or undefined when it spells none. */
export const parseCursor = (text: string): Cursor | undefined => {
  if (text.length !== PLAIN_LENGTH && text.length !== STAMPED_LENGTH) return undefined
  const epoch = text.slice(0, EPOCH_LENGTH)
  if (!isBase36(epoch) || text[EPOCH_LENGTH] !== '_') return undefined
  const offset = parseDigits(text.slice(EPOCH_LENGTH + 1, PLAIN_LENGTH))
  if (offset === undefined) return undefined
  if (text.length === PLAIN_LENGTH) return { epoch, offset }
  const stamp = text.slice(PLAIN_LENGTH + 1)
  return text[PLAIN_LENGTH] === '_' && isHex(stamp) ? { epoch, offset, stamp } : undefined
}

export const formatPosition = (position: Position): string => {
  if (position === 'start') return '-1'
  if (position === 'now') return 'now'
  return 'last' in position ? `${LAST_PREFIX}${position.last}` : formatCursor(position)
}

/** The position that `text` spells, or undefined. `last:` takes 1 to 999999. */
export const parsePosition = (text: string): Position | undefined => {
  if (text === '-1') return 'start'
  if (text === 'now') return 'now'
  if (!text.startsWith(LAST_PREFIX)) return parseCursor(text)
  const digits = text.slice(LAST_PREFIX.length)
  if (digits.length > LAST_DIGITS || digits[0] === '0') return undefined
  const last = parseDigits(digits)
  return last === undefined ? undefined : { last }
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

const DIGIT_0 = 48
const DIGIT_9 = 57
const LETTER_a = 97
const LETTER_f = 102
const LETTER_z = 122

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9

const parseDigits = (text: string): number | undefined => {
  if (text.length === 0) return undefined
  for (let i = 0; i < text.length; i++) if (!isDigit(text.charCodeAt(i))) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

const isBase36 = (text: string): boolean => everyCode(text, LETTER_z)
const isHex = (text: string): boolean => everyCode(text, LETTER_f)

const everyCode = (text: string, lastLetter: number): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isDigit(code) && !(code >= LETTER_a && code <= lastLetter)) return false
  }
  return true
}
