/** The requests that are held per session: one more than allowed displaces the oldest, which is answered at once. */

export interface Held {
  /** Answers the request with what there is. */
  release(): void
}

export class HeldRequests {
  readonly #bySession = new Map<string, Held[]>()
  readonly #most: number
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Requests that are held on this node. */
  get size(): number {
    return this.#size
  }

  add(session: string, held: Held): void {
    const all = this.#bySession.get(session) ?? []
    all.push(held)
    this.#size++
    this.#bySession.set(session, all)
    // The abort of the oldest may not have been seen; answering it is never wrong.
    if (all.length > this.#most) all[0]?.release()
  }

  remove(session: string, held: Held): void {
    const all = this.#bySession.get(session)
    const index = all?.indexOf(held) ?? -1
    if (all === undefined || index < 0) return
    all.splice(index, 1)
    this.#size--
    if (all.length === 0) this.#bySession.delete(session)
  }
}
