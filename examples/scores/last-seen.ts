/** Up to where this browser has seen the news. Where storage is switched off, every visit is the first. */
export interface Seen {
  /** Of `scores/news`. */
  readonly cursor: string
  readonly atMs: number
  readonly round: number | undefined
}

const KEY = 'holdfast.scores.seen'

export const recallSeen = (): Seen | undefined => {
  try {
    const seen = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Seen> | null
    if (typeof seen?.cursor !== 'string' || typeof seen.atMs !== 'number') return undefined
    return {
      cursor: seen.cursor,
      atMs: seen.atMs,
      round: typeof seen.round === 'number' ? seen.round : undefined,
    }
  } catch {
    return undefined
  }
}

export const rememberSeen = (seen: Seen): void => {
  try {
    localStorage.setItem(KEY, JSON.stringify(seen))
  } catch {
    // The next visit is then a first one.
  }
}
