/**
 * The prices that a page knows, and an honest count of how they came. It is told of publications and asked what has
 * changed since it was asked last; it draws nothing, and what is no price of a known symbol it passes over.
 */
import { LISTINGS } from './listing.ts'
import { decodeQuote, type Quote } from './quote.ts'
import { TRAIL_LENGTH } from './trails.ts'

export interface Row {
  readonly symbol: string
  readonly quote: Quote
  /** Where the price went last. */
  readonly moved: 'up' | 'down' | undefined
}

/** How the prices came, since every symbol was here once. */
export interface Delivery {
  /** By the node: the log numbers what is published, so this is no estimate. */
  readonly published: number
  readonly delivered: number
  /** Superseded by a later price of the same symbol before they were sent. */
  readonly superseded: number
}

interface Incoming {
  readonly key: string | undefined
  readonly offset: number
  readonly data: unknown
}

export class Quotes {
  readonly #rows = new Map<string, Row>()
  readonly #trails = new Map<string, number[]>(LISTINGS.map(({ symbol }) => [symbol, []]))
  #changed = new Set<string>()
  /** Behind what the log held of each symbol when the page came; undefined as long as that is on its way. */
  #countedFrom: number | undefined
  #last = 0
  #delivered = 0

  get size(): number {
    return this.#rows.size
  }

  get delivery(): Delivery {
    const published = this.#last - (this.#countedFrom ?? this.#last)
    return { published, delivered: this.#delivered, superseded: published - this.#delivered }
  }

  row(symbol: string): Row | undefined {
    return this.#rows.get(symbol)
  }

  /** Once a second for the last minute; the price as it is now is not among them. */
  trail(symbol: string): readonly number[] {
    return this.#trails.get(symbol) ?? []
  }

  take({ key, offset, data }: Incoming): void {
    const known = key === undefined ? undefined : this.#rows.get(key)
    // The first price of a symbol that is here already ends the snapshot.
    if (known !== undefined) this.#countedFrom ??= this.#last
    if (this.#countedFrom !== undefined) this.#delivered++
    this.#last = offset
    const quote = decodeQuote(data)
    if (quote === undefined || key === undefined || !this.#trails.has(key)) return
    this.#rows.set(key, { symbol: key, quote, moved: movedTo(quote, known) })
    this.#changed.add(key)
  }

  /** The symbols that have changed since this was asked last. */
  changes(): ReadonlySet<string> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }

  /** A second has passed: each price becomes the latest of its trail. */
  note(): void {
    for (const [symbol, { quote }] of this.#rows) {
      const trail = this.#trails.get(symbol) as number[]
      if (trail.length === TRAIL_LENGTH) trail.shift()
      trail.push(quote.hundredths)
    }
  }

  /** What the node remembers from before this page came goes before what it has seen itself. */
  remember(trails: unknown): void {
    if (typeof trails !== 'object' || trails === null) return
    for (const [symbol, before] of Object.entries(trails)) {
      const own = this.#trails.get(symbol)
      if (own === undefined || !Array.isArray(before)) continue
      const numbers = before.filter((each): each is number => Number.isSafeInteger(each) && each > 0)
      this.#trails.set(symbol, [...numbers, ...own].slice(-TRAIL_LENGTH))
    }
  }

  /** The log began anew: what was known is of another life. */
  clear(): void {
    this.#rows.clear()
    for (const trail of this.#trails.values()) trail.length = 0
    this.#changed = new Set(LISTINGS.map(({ symbol }) => symbol))
    this.#countedFrom = undefined
    this.#delivered = 0
    this.#last = 0
  }
}

const movedTo = (quote: Quote, before: Row | undefined): Row['moved'] => {
  if (before === undefined) return undefined
  const difference = quote.hundredths - before.quote.hundredths
  return difference > 0 ? 'up' : difference < 0 ? 'down' : before.moved
}
