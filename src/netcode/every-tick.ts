/** How often it looks whether a tick is due, so that it acts in time. */
const LOOKS_PER_TICK = 5
/** What could not be done in time is left out beyond this many ticks: the game slows down, it does not leap. */
const CATCH_UP_TICKS = 3

/**
 * Calls `act` once per tick, by the clock: one that comes late is followed by the next at its own time.
 *
 * @returns what ends that.
 */
export const everyTick = (tickMs: number, act: () => void): (() => void) => {
  let dueMs = performance.now() + tickMs
  const look = (): void => {
    const nowMs = performance.now()
    dueMs = Math.max(dueMs, nowMs - CATCH_UP_TICKS * tickMs)
    for (; dueMs <= nowMs; dueMs += tickMs) act()
  }
  const timer = setInterval(look, tickMs / LOOKS_PER_TICK)
  return () => clearInterval(timer)
}
