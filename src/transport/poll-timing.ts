/** When a held request is answered though nothing happened, and when a regular poll should come again. */
import type { Limits } from './limits.ts'

/** Clients that were held together must not all come back in the same moment. */
const JITTER = 0.1

/**
 * How long to hold, milliseconds.
 * @param askedMs what the client wants; a proxy in between may cut longer holds. @param random in [0, 1).
 */
export const holdTimeMs = (mostMs: number, askedMs: number | undefined, random: number): number => {
  const hold = Math.min(mostMs, askedMs ?? mostMs)
  return Math.round(hold * (1 - JITTER + 2 * JITTER * random))
}

/** A busy channel is asked again soon, a quiet one later; the client may stretch it while nothing comes. */
export const nextPollMs = (limits: Pick<Limits, 'pollMinMs' | 'pollMaxMs'>, publications: number): number =>
  publications > 0 ? limits.pollMinMs : limits.pollMaxMs
