/** Tells those who listen how the market stands: when they come, and then twice a minute at most. */
import { type JSX, useEffect, useState } from 'react'
import { type Mover, moversOf } from './arrangement.ts'
import { changeOf, formatChange, formatPrice } from '../../../examples/ticker/quote.ts'
import type { PriceFeed } from './price-feed.ts'

const FIRST_MS = 5_000
const EVERY_MS = 30_000

const wordsFor = (feed: PriceFeed): string => {
  const index = feed.quote('SPX')
  if (index === undefined) return ''
  const { up, down } = moversOf(1, (symbol) => feed.quote(symbol))
  const level = `S&P 500 ${formatPrice(index[0])}, ${formatChange(changeOf(index))}`
  return `${level}. Up most: ${say(up[0])}. Down most: ${say(down[0])}.`
}

const say = (mover: Mover | undefined): string =>
  mover === undefined ? 'nothing' : `${mover.symbol}, ${formatChange(mover.change)}`

export const Announcer = ({ feed }: { feed: PriceFeed }): JSX.Element => {
  const [words, setWords] = useState('')
  useEffect(() => {
    const say = (): void => setWords(wordsFor(feed))
    const first = setTimeout(say, FIRST_MS)
    const timer = setInterval(say, EVERY_MS)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [feed])
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}
