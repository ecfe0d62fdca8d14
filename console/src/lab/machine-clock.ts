/** How far this page's clock is from the one that publications carry: asked of the node, as exactly as the quickest answer. */

export class MachineClock {
  #offsetMicros = 0
  #bestMicros = Infinity

  /** @param ask what the clock says, microseconds. */
  async sample(ask: () => Promise<number>): Promise<void> {
    const asked = pageMicros()
    const said = await ask()
    const tripMicros = pageMicros() - asked
    if (tripMicros > this.#bestMicros) return
    this.#bestMicros = tripMicros
    this.#offsetMicros = said - (asked + tripMicros / 2)
  }

  /** How far it may be off, milliseconds. */
  get uncertaintyMs(): number {
    return this.#bestMicros / 2_000
  }

  now(): number {
    return pageMicros() + this.#offsetMicros
  }
}

const pageMicros = (): number => performance.now() * 1_000
