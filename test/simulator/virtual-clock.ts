/**
 * The virtual clock: everything that happens later stands in one queue, in the order of its time. A step runs one
 * task and then every promise that it settled, to the last, before the next task is looked at; so a run depends on
 * nothing but its seed. No real timer is used: time costs nothing, and the real event loop is not turned.
 */

/** Whose timers they are: they can be counted, held back while their owner sleeps, and ended together. */
export class TimerOwner {
  readonly name: string
  /** Timers that have neither run nor been cancelled. */
  live = 0
  asleep = false
  dead = false
  /** What came due while it slept. */
  readonly missed: Task[] = []

  constructor(name: string) {
    this.name = name
  }
}

interface Task {
  atMs: number
  order: number
  readonly owner: TimerOwner
  run: (() => void) | undefined
}

/** 1 January 2026. */
const ORIGIN_MS = 1_767_225_600_000

export class VirtualClock {
  /** Milliseconds since the run began. */
  nowMs = 0
  steps = 0
  readonly #queue: Task[] = []
  #order = 0

  /** Milliseconds since 1970, as a clock shows it that is `skewMs` ahead. */
  wallMs(skewMs: number = 0): number {
    return Math.floor(ORIGIN_MS + this.nowMs + skewMs)
  }

  after(owner: TimerOwner, ms: number, run: () => void): () => void {
    if (owner.dead) return () => undefined
    const task: Task = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, owner, run }
    owner.live++
    this.#push(task)
    return () => {
      if (task.run === undefined) return
      task.run = undefined
      owner.live--
    }
  }

  /** What comes due is kept until it wakes. */
  sleep(owner: TimerOwner): void {
    owner.asleep = true
  }

  wake(owner: TimerOwner): void {
    owner.asleep = false
    for (const task of owner.missed.splice(0)) {
      task.atMs = this.nowMs
      task.order = this.#order++
      this.#push(task)
    }
  }

  /** None of its timers runs any more, and it can start none. */
  kill(owner: TimerOwner): void {
    owner.dead = true
    owner.live = 0
    owner.missed.length = 0
  }

  /**
   * Steps until `done`, which is asked after each. Fulfilled also when nothing is left to run; rejects with what
   * a task threw.
   */
  drive(done: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const next = (): void => {
      // A tick runs when the queue of promises is empty: the step before is over with all that it set off.
      try {
        if (done() || !this.#step()) return resolve()
      } catch (error) {
        return reject(error as Error)
      }
      void SETTLED.then(yieldToPromises)
    }
    const yieldToPromises = (): void => process.nextTick(next)
    process.nextTick(next)
    return promise
  }

  /** Runs what is due next; false when there is nothing. */
  #step(): boolean {
    for (;;) {
      const task = this.#pop()
      if (task === undefined) return false
      const { owner, run } = task
      if (run === undefined || owner.dead) continue
      if (task.atMs > this.nowMs) this.nowMs = task.atMs
      if (owner.asleep) {
        owner.missed.push(task)
        continue
      }
      task.run = undefined
      owner.live--
      this.steps++
      run()
      return true
    }
  }

  #push(task: Task): void {
    const queue = this.#queue
    let at = queue.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = queue[parent] as Task
      if (before(above, task)) break
      queue[at] = above
      at = parent
    }
    queue[at] = task
  }

  #pop(): Task | undefined {
    const queue = this.#queue
    const first = queue[0]
    const last = queue.pop()
    if (last === undefined || first === last) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= queue.length) break
      if (child + 1 < queue.length && before(queue[child + 1] as Task, queue[child] as Task)) child++
      if (before(last, queue[child] as Task)) break
      queue[at] = queue[child] as Task
      at = child
    }
    queue[at] = last
    return first
  }
}

const before = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

const SETTLED = Promise.resolve()
