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

  /** @param session undefined for one that no other request can share. */
  add(session: string | undefined, held: Held): void {
    this.#size++
    if (session === undefined) return
    const all = this.#bySession.get(session) ?? []
    all.push(held)
    this.#bySession.set(session, all)
    // The abort of the oldest may not have been seen; answering it is never wrong.
    if (all.length > this.#most) all[0]?.release()
  }

  /** To be called once for each that was added. */
  remove(session: string | undefined, held: Held): void {
    this.#size--
    if (session === undefined) return
    const all = this.#bySession.get(session)
    const index = all?.indexOf(held) ?? -1
    if (all === undefined || index < 0) return
    all.splice(index, 1)
    if (all.length === 0) this.#bySession.delete(session)
  }
}
