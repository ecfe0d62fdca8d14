/** An honest count of how the prices came, since every symbol was here once. */

export interface DeliveryCount {
  /** By the node: the log numbers what is published, so this is no estimate. */
  readonly published: number
  readonly delivered: number
  /** Superseded by a later price of the same symbol before they were sent. */
  readonly superseded: number
}

export class Delivery {
  readonly #known = new Set<string | undefined>()
  /** Behind what the log held of each symbol when the page came; undefined as long as that is on its way. */
  #countedFrom: number | undefined
  #last = 0
  #delivered = 0

  get counts(): DeliveryCount {
    const published = this.#last - (this.#countedFrom ?? this.#last)
    return { published, delivered: this.#delivered, superseded: published - this.#delivered }
  }

  take({ key, offset }: { readonly key: string | undefined; readonly offset: number }): void {
    // The first price of a symbol that is here already ends the snapshot.
    if (this.#known.has(key)) this.#countedFrom ??= this.#last
    if (this.#countedFrom !== undefined) this.#delivered++
    this.#known.add(key)
    this.#last = offset
  }

  /** The log began anew. */
  clear(): void {
    this.#known.clear()
    this.#countedFrom = undefined
    this.#delivered = 0
    this.#last = 0
  }
}
