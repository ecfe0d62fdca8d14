/** Follows the prices for as long as the view is shown: what comes goes to the quotes, and they to the painter. */
import { useEffect, useState } from 'react'
import { useClient, useSubscription } from 'holdfast/react'
import { LISTINGS } from './listing.ts'
import { Painter } from './painter.ts'
import { Quotes } from './quotes.ts'
import { type MarketState, marketStateOf } from './rate.ts'
import { TRAILS_AT_ONCE } from './trails.ts'

const SECOND_MS = 1_000

export interface PriceFeed {
  readonly quotes: Quotes
  readonly painter: Painter
  readonly market: MarketState | undefined
  /** Grows every two seconds: what is ordered by prices is ordered anew then, and not under the reader's eyes. */
  readonly beat: number
}

export const usePriceFeed = (): PriceFeed => {
  const client = useClient()
  const [{ quotes, painter }] = useState(() => {
    const quotes = new Quotes()
    return { quotes, painter: new Painter(quotes) }
  })
  const [market, setMarket] = useState<MarketState>()
  const [beat, setBeat] = useState(0)
  const following = { from: 'start', conflate: true } as const

  useSubscription('ticker/prices', { ...following, onGap: () => quotes.clear() }, (publication) => {
    quotes.take(publication)
    painter.request()
  })
  useSubscription('ticker/market', following, ({ data }) =>
    setMarket((before) => marketStateOf(data) ?? before),
  )

  useEffect(() => {
    let seconds = 0
    const timer = setInterval(() => {
      quotes.note()
      painter.requestTrails()
      if (++seconds % 2 === 0 || quotes.size < LISTINGS.length) setBeat((beat) => beat + 1)
    }, SECOND_MS)
    return () => {
      clearInterval(timer)
      painter.close()
    }
  }, [quotes, painter])

  useEffect(() => {
    const symbols = LISTINGS.map(({ symbol }) => symbol)
    for (let at = 0; at < symbols.length; at += TRAILS_AT_ONCE) {
      client.call('ticker.trails', symbols.slice(at, at + TRAILS_AT_ONCE)).then(
        (trails) => {
          quotes.remember(trails)
          painter.requestTrails()
        },
        // The lines then begin where the page did.
        () => undefined,
      )
    }
  }, [client, quotes, painter])

  return { quotes, painter, market, beat }
}
