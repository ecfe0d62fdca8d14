/** Whether a peer still takes what is written to it: an answer that nobody reads must not be kept for ever. */

export class StallWatch {
  readonly #stallMs: number
  #waiting = 0
  #moved = true
  #sinceMs = 0
  readonly #left = (): void => {
    this.#waiting--
    this.#moved = true
  }

  constructor(stallMs: number) {
    this.#stallMs = stallMs
  }

  /** Something is being written; the returned function is to be called when it has left. */
  writes(): () => void {
    this.#waiting++
    return this.#left
  }

  /** @param elapsedMs by a clock that is never set. True once something has been waiting for as long as is allowed, and nothing has left. */
  stalled(elapsedMs: number): boolean {
    if (this.#waiting === 0 || this.#moved) {
      this.#moved = false
      this.#sinceMs = elapsedMs
      return false
    }
    return elapsedMs - this.#sinceMs >= this.#stallMs
  }
}
