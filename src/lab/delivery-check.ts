/** What one subscriber has been handed, by the numbers in the content: each once, or missing, or again. */

export class DeliveryCheck {
  readonly #seen = new Set<number>()
  #highest = 0
  #duplicated = 0

  /** False when it came before. */
  take(n: number): boolean {
    if (this.#seen.has(n)) {
      this.#duplicated++
      return false
    }
    this.#seen.add(n)
    this.#highest = Math.max(this.#highest, n)
    return true
  }

  /** Different ones. */
  get delivered(): number {
    return this.#seen.size
  }

  get duplicated(): number {
    return this.#duplicated
  }

  /** Numbers below the highest that has come, and not come: in a log with an order nothing is merely late. */
  get lost(): number {
    return this.#highest - this.#seen.size
  }
}
