/**
 * When a channel goes by itself. What has expired is deleted, by whoever finds it first: an operation of the broker
 * finds it at once, the sweep a moment later. It holds no clock.
 */

export type Expiry =
  /**
   * Once nothing has been appended to it and no page of it read for this long, milliseconds. A broker may forget
   * when that was, and then counts from when it came up: a channel may live longer than this, never shorter.
   */
  | { readonly kind: 'idle'; readonly afterMs: number }
  /** At this time, milliseconds since 1970. */
  | { readonly kind: 'at'; readonly atMs: number }

/** @param usedMs when it was made, appended to, closed or read last. */
export const hasExpired = (expiry: Expiry | undefined, usedMs: number, nowMs: number): boolean => {
  if (expiry === undefined) return false
  return nowMs >= (expiry.kind === 'at' ? expiry.atMs : usedMs + expiry.afterMs)
}
