/** Places in a log, as far as a reader needs to look into a cursor: the epoch, the offset, and the place just before. */
export interface Place {
  readonly epoch: string
  readonly offset: number
}

const OFFSET_DIGITS = 16

/** Undefined where it spells no cursor. */
export const placeOf = (cursor: string): Place | undefined => {
  const [epoch = '', digits = ''] = cursor.split('_')
  return /^\d{16}$/.test(digits) ? { epoch, offset: Number(digits) } : undefined
}

/** The cursor of everything before a publication. It has no stamp, and so cannot disagree about one. */
export const cursorBefore = (cursor: string): string => {
  const { epoch, offset } = placeOf(cursor) as Place
  return `${epoch}_${String(offset - 1).padStart(OFFSET_DIGITS, '0')}`
}
