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
export class TimerScope implements Timers {
  readonly #timers: Timers
  readonly #cancels = new Set<() => void>()
  #closed = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  now(): number {
    return this.#timers.now()
  }

  random(): number {
    return this.#timers.random()
  }

  after(ms: number, run: () => void): () => void {
    if (this.#closed) return () => {}
    const cancel = (): void => {
      this.#cancels.delete(cancel)
      cancelTimer()
    }
    const cancelTimer = this.#timers.after(ms, () => {
      this.#cancels.delete(cancel)
      run()
    })
    this.#cancels.add(cancel)
    return cancel
  }

  close(): void {
    this.#closed = true
    for (const cancel of [...this.#cancels]) cancel()
  }
}
