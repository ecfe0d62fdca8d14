/** How late things came: what was noted, and the middle and the tail of it. */

export interface Late {
  readonly p50Ms: number
  readonly p99Ms: number
}

export const lateOf = (notedMs: number[]): Late => {
  notedMs.sort((a, b) => a - b)
  const part = (share: number): number => notedMs[Math.floor(notedMs.length * share)] ?? Number.NaN
  return { p50Ms: part(0.5), p99Ms: part(0.99) }
}
