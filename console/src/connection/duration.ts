/** Durations as people read them. */

/** A time in milliseconds, short: "3 ms", "1.4 s". */
export const formatMs = (ms: number): string => {
  if (ms < 0.95) return '<1 ms'
  if (ms < 995) return `${Math.round(ms)} ms`
  return `${(ms / 1_000).toFixed(1)} s`
}
