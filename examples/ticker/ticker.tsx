/** The ticker: what of it is real, how fast it goes, and the board of all prices. */
import { type JSX, useLayoutEffect, useState } from 'react'
import { useConnection, useLatest } from 'holdfast/react'
import { Board } from './board.tsx'
import { LISTINGS } from './listing.ts'
import { minuteOf } from './minute.ts'
import { Painter } from './painter.ts'
import { RateChoice } from './rate-choice.tsx'
import './ticker.css'

export const Ticker = (): JSX.Element => {
  const [painter] = useState(() => new Painter())
  const connected = useConnection(({ status }) => status === 'connected')
  // A new map once a frame at most, however many publications came: what is drawn anew is this much, and no row.
  const latest = useLatest('ticker/prices')
  useLayoutEffect(() => painter.write(latest), [painter, latest])
  useMinute(painter)

  return (
    <div className="ticker">
      <div className="ticker-top">
        <p>
          306 prices, {connected ? 'as they are now' : 'standing still: there is no connection'}. Five shares
          and the index meet their <em>real</em> closes from August 2004 to March 2010, a month in 15 seconds.
          Prices in between, and all symbols in .X, are <em>simulated</em>.
        </p>
        <RateChoice />
      </div>
      <Board rows={LISTINGS} painter={painter} />
    </div>
  )
}

export const useMinute = (painter: Painter): void => {
  const minute = useLatest('ticker/minute')
  useLayoutEffect(() => painter.draw(minuteOf(minute.values())), [painter, minute])
}
