// A seeded schedule: everything that happens later happens when it is drawn, in any order. No test stands here.

export class Schedule {
  #tasks: (() => void)[] = []
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  get size(): number {
    return this.#tasks.length
  }

  /** In [0, 1). */
  random(): number {
    // Mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  chance(of: number): boolean {
    return this.random() < of
  }

  later(task: () => void): void {
    this.#tasks.push(task)
  }

  pause(): Promise<void> {
    return new Promise((resolve) => this.later(resolve))
  }

  /** Runs one task that is due, and a few microtasks: seldom all that it causes. */
  async step(): Promise<void> {
    const at = Math.floor(this.random() * this.#tasks.length)
    for (const task of this.#tasks.splice(at, 1)) task()
    await microtasks(Math.floor(this.random() * 8))
  }

  /** Runs until nothing is left to happen. */
  async drain(): Promise<void> {
    await microtasks(50)
    for (let steps = 0; this.size > 0; steps++) {
      if (steps > 20_000) throw new Error('it never comes to rest')
      await this.step()
      if (this.size === 0) await microtasks(50)
    }
  }
}

const microtasks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await null
}
