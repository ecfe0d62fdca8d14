/**
 * A node that goes away in order: nobody new is taken, and each client that is there is given a moment of its own to
 * move, so that the other nodes are not asked by all of them at once. What a client does then is its affair; it opens
 * its new connection before it lets go of this one, and loses nothing.
 */
import type { Bye } from '../protocol/index.ts'
import type { Carriers } from '../transport/index.ts'

export interface DrainOptions {
  /** Over how long the clients are spread, milliseconds. Default 30,000. */
  readonly overMs?: number
}

export interface DrainSurroundings {
  readonly carriers: Carriers
  readonly after: (ms: number, run: () => void) => () => void
  readonly random: () => number
  readonly bye: Bye
}

const OVER_MS = 30_000
/** What the last ones have to open their new connection. */
const GRACE_MS = 5_000
/** What is left after a goodbye is looked at this often. */
const LOOK_MS = 100

/** Fulfilled when nobody is left, or nobody can be waited for any longer. */
export const drainCarriers = (
  { carriers, after, random, bye }: DrainSurroundings,
  { overMs = OVER_MS }: DrainOptions,
): Promise<void> => {
  const all = [...carriers]
  const cancels: (() => void)[] = []
  for (const [index, carrier] of all.entries()) {
    const afterMs = Math.floor(((index + random()) / all.length) * overMs)
    // A request that is held is answered; whoever asks again is told to go elsewhere.
    if (carrier.drain === undefined) cancels.push(after(afterMs, () => carrier.dismiss(bye)))
    else carrier.drain(afterMs)
  }
  return new Promise((resolve) => {
    let leftMs = overMs + GRACE_MS
    let dismissed = false
    const look = (): void => {
      if (carriers.size === 0 || leftMs < -GRACE_MS) {
        // A node that is closed meanwhile must not wait for moments that nobody has any more.
        for (const cancel of cancels) cancel()
        return resolve()
      }
      if (leftMs <= 0 && !dismissed) {
        dismissed = true
        for (const carrier of carriers) carrier.dismiss(bye)
      }
      leftMs -= LOOK_MS
      after(LOOK_MS, look)
    }
    look()
  })
}
