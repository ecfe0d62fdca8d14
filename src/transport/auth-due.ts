/** When a client is told that its token runs out: one rule for every carrier that can tell it. */

const MOST_MS = 60_000
/** Carriers are swept about once a second: told later than this, it could come too late. */
const LEAST_MS = 2_000

/**
 * A minute before; of a short token half of what is left, so that a fresh one is not announced at once. Infinity
 * for one that never runs out.
 * @param expiresAtMs milliseconds since 1970, as is the result.
 */
export const authDueMs = (expiresAtMs: number | undefined, nowMs: number): number => {
  if (expiresAtMs === undefined) return Infinity
  return expiresAtMs - Math.min(MOST_MS, Math.max(LEAST_MS, (expiresAtMs - nowMs) / 2))
}
