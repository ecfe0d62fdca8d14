/**
 * Time and chance as a node uses them, handed in so that a test or the simulator can hand in its own. It measures
 * nothing by itself; sockets keep their own deadlines.
 */

export interface NodeClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds since some moment, by a clock that is never set. */
  elapsed(): number
  /** Runs once, `ms` from now; the returned function cancels. */
  after(ms: number, run: () => void): () => void
  /** Runs every `ms` until it is cancelled, and keeps no process alive. */
  every(ms: number, run: () => void): () => void
  /** Runs at the end of the current event-loop turn. */
  defer(task: () => void): void
  /** In [0, 1). */
  random(): number
}

export const systemClock: NodeClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  defer: (task) => setImmediate(task),
  random: () => Math.random(),
}
