/**
 * The machine's own clock: it is never set, and all processes of a machine share it. A browser has to be told how far its
 * own is from it.
 */

/** Microseconds since some moment before. */
export const nowMicros = (): number => {
  const [seconds, nanos] = process.hrtime()
  return Math.round(seconds * 1e6 + nanos / 1e3)
}
