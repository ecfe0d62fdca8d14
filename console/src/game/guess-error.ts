/** How far off the guesses were, in units: what half of them and 95 of 100 did not exceed, and the largest. */
export interface GuessError {
  readonly p50: number
  readonly p95: number
  readonly max: number
  readonly count: number
}

export const errorOf = (errors: readonly number[]): GuessError => {
  const sorted = errors.toSorted((a, b) => a - b)
  const { length: count } = sorted
  const at = (share: number): number => sorted[Math.floor(count * share)] ?? 0
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0, count }
}
