/** Promises for points of a growing count: what a test awaits instead of sleeping. */
export class Milestones {
  #count = 0
  #waiting: { count: number; done: () => void }[] = []

  reach(count: number): void {
    this.#count = count
    if (this.#waiting.length === 0) return
    const due = this.#waiting.filter((each) => each.count <= count)
    this.#waiting = this.#waiting.filter((each) => each.count > count)
    for (const { done } of due) done()
  }

  /** Fulfilled as soon as the count is at least this. */
  at(count: number): Promise<void> {
    if (count <= this.#count) return Promise.resolve()
    return new Promise((done) => this.#waiting.push({ count, done }))
  }
}
