/**
 * `Stream-Cursor`: a number that makes the URL of every live request another one, so that a cache in between that
 * has kept an answer for one cannot give it for ever. It says nothing about a place in a stream.
 */

/** 9 October 2024, from where the protocol counts. */
const EPOCH_MS = Date.UTC(2024, 9, 9)
const INTERVAL_MS = 20_000
/** What the protocol allows to be added: 1 to 3,600 seconds. */
const MOST_JITTER_INTERVALS = 180
const SPELLING = /^\d{1,15}$/

/**
 * The number of the current interval, or one greater than the client's where it has had that already.
 * @param echoed the client's `cursor`; what spells no number is taken for none. @param random in [0, 1).
 */
export const liveCursor = (nowMs: number, random: number, echoed: string | undefined): string => {
  const interval = Math.max(0, Math.floor((nowMs - EPOCH_MS) / INTERVAL_MS))
  const last = echoed !== undefined && SPELLING.test(echoed) ? Number(echoed) : -1
  if (last < interval) return String(interval)
  return String(last + 1 + Math.floor(random * MOST_JITTER_INTERVALS))
}
