/**
 * Follows the prices as the example does, and hears of each one that came: what counts how they were delivered cannot be
 * told once a frame. The painter still is.
 */
import { useEffect, useState } from 'react'
import { useSubscription } from 'holdfast/react'
import { LISTINGS } from '../../../examples/ticker/listing.ts'
import { Painter } from '../../../examples/ticker/painter.ts'
import { type Quote, quoteOf } from '../../../examples/ticker/quote.ts'
import { useMinute } from '../../../examples/ticker/ticker.tsx'
import { Delivery } from './delivery.ts'
import { Flash } from './flash.ts'

const BEAT_MS = 2_000
const FIRST_BEATS_MS = 250

/** What of a publication is looked at. */
interface Incoming {
  readonly key: string | undefined
  readonly offset: number
  readonly data: unknown
}

export class PriceFeed {
  readonly delivery: Delivery = new Delivery()
  readonly painter: Painter = new Painter()
  readonly #latest = new Map<string, Incoming>()
  #frame: number | undefined

  constructor() {
    const flash = new Flash()
    this.painter.onWrite = (cell, quote) => flash.take(cell, quote)
  }

  /** Of how many symbols a price has come. */
  get size(): number {
    return this.#latest.size
  }

  quote(symbol: string): Quote | undefined {
    return quoteOf(this.#latest.get(symbol)?.data)
  }

  take(publication: Incoming): void {
    this.delivery.take(publication)
    if (publication.key !== undefined) this.#latest.set(publication.key, publication)
    this.#request()
  }

  /** The log began anew: what was known is of another life. */
  clear(): void {
    this.delivery.clear()
    this.#latest.clear()
    this.#request()
  }

  close(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  #request(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.painter.write(this.#latest)
    })
  }
}

export const usePriceFeed = (): PriceFeed => {
  const [feed] = useState(() => new PriceFeed())
  const following = { from: 'start', conflate: true, onGap: () => feed.clear() } as const
  useSubscription('ticker/prices', following, (publication) => feed.take(publication))
  useMinute(feed.painter)
  useEffect(() => () => feed.close(), [feed])
  return feed
}

/** Grows every two seconds: what is ordered by prices is ordered anew then, and not under the reader's eyes. */
export const useBeat = (feed: PriceFeed): number => {
  const [beat, setBeat] = useState(0)
  const filling = feed.size < LISTINGS.length
  useEffect(() => {
    const timer = setInterval(() => setBeat((beat) => beat + 1), filling ? FIRST_BEATS_MS : BEAT_MS)
    return () => clearInterval(timer)
  }, [filling])
  return beat
}
