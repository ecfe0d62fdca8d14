/** Time and chance, handed to everything that needs them, so that tests and the simulator can hand in their own. */

export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once, `ms` from now; the returned function cancels. */
  after(ms: number, run: () => void): () => void
  /** In [0, 1). */
  random(): number
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** Timers that end together: after `close` none is left and none can be started. */
export interface TimerScope extends Timers {
  close(): void
}

export const timerScope = (timers: Timers): TimerScope => {
  const cancels = new Set<() => void>()
  let closed = false
  return {
    ...timers,
    after: (ms, run) => {
      if (closed) return () => {}
      const cancel = (): void => {
        cancels.delete(cancel)
        cancelTimer()
      }
      const cancelTimer = timers.after(ms, () => {
        cancels.delete(cancel)
        run()
      })
      cancels.add(cancel)
      return cancel
    },
    close: () => {
      closed = true
      for (const cancel of cancels) cancel()
    },
  }
}
