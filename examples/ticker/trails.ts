/** What each price was, once a second for the last minute: what a sparkline begins with. Bounded, without a clock. */
import { LISTINGS } from './listing.ts'

export const TRAIL_LENGTH = 60
/** Symbols in one answer. */
export const TRAILS_AT_ONCE = 102

export class Trails {
  readonly #trails = new Map<string, number[]>(LISTINGS.map(({ symbol }) => [symbol, []]))

  /** A second has passed. */
  note(symbol: string, hundredths: number): void {
    const trail = this.#trails.get(symbol)
    if (trail === undefined) return
    if (trail.length === TRAIL_LENGTH) trail.shift()
    trail.push(hundredths)
  }

  /** By symbol, the latest last; symbols that there are not, and what is no list of a fair size, are passed over. */
  of(symbols: unknown): Record<string, readonly number[]> {
    const asked: unknown[] = Array.isArray(symbols) ? symbols.slice(0, TRAILS_AT_ONCE) : []
    return Object.fromEntries(
      asked.flatMap((symbol) => {
        const trail = typeof symbol === 'string' ? this.#trails.get(symbol) : undefined
        return trail === undefined ? [] : [[symbol as string, trail]]
      }),
    )
  }
}
