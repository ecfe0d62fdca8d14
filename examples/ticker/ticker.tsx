/** The ticker: how the prices came, what moved most, and the board of all of them. */
import { type JSX, useMemo, useState } from 'react'
import { useConnection } from 'holdfast/react'
import { Announcer } from './announcer.tsx'
import { arrange, moversOf, type Show, type SortBy } from './arrangement.ts'
import { Board } from './board.tsx'
import { monthAt } from './closes.ts'
import { DeliveryCounts } from './delivery-counts.tsx'
import { MoversList } from './movers-list.tsx'
import { usePins } from './pins.ts'
import { usePriceFeed } from './price-feed.ts'
import { RateChoice } from './rate-choice.tsx'
import { Toolbar } from './toolbar.tsx'
import './ticker.css'

const MOVERS = 3

export const Ticker = (): JSX.Element => {
  const { quotes, painter, market, beat } = usePriceFeed()
  const { status } = useConnection()
  const [pinned, togglePin] = usePins()
  const [order, setOrder] = useState(LISTED)
  const [show, setShow] = useState<Show>('all')
  const [search, setSearch] = useState('')
  const quoteOf = (symbol: string) => quotes.row(symbol)?.quote
  // With every beat the order may be another, though nothing that React knows of has changed.
  const rows = useMemo(
    () => arrange({ ...order, show, search, pinned }, quoteOf),
    [order, show, search, pinned, order.sortBy === 'listed' ? 0 : beat],
  )
  const movers = useMemo(() => moversOf(MOVERS, quoteOf), [beat])
  const sort = (by: SortBy): void =>
    setOrder(by === order.sortBy ? { ...order, descending: !order.descending } : firstOrder(by))

  return (
    <div className="ticker" data-standing={status !== 'connected' || undefined}>
      <p className="ticker-about">
        {market === undefined ? 'Opening the market …' : <Replaying month={market.month} />} Five shares and
        the index meet their <em>real</em> close each month; prices in between, and all symbols in .X, are{' '}
        <em>simulated</em>.
      </p>
      <div className="ticker-top">
        <DeliveryCounts quotes={quotes} />
        <RateChoice market={market} />
        <MoversList title="Up most" movers={movers.up} />
        <MoversList title="Down most" movers={movers.down} />
      </div>
      <Toolbar
        show={show}
        search={search}
        shown={rows.length}
        connected={status === 'connected'}
        onShow={setShow}
        onSearch={setSearch}
      />
      {rows.length === 0 ? (
        <p className="ticker-nothing quiet">{nothingFor(show, search)}</p>
      ) : (
        <Board rows={rows} painter={painter} pinned={pinned} {...order} onSort={sort} onPin={togglePin} />
      )}
      <Announcer quotes={quotes} />
    </div>
  )
}

interface Order {
  readonly sortBy: SortBy
  readonly descending: boolean
}

const LISTED: Order = { sortBy: 'listed', descending: false }

const firstOrder = (sortBy: SortBy): Order => ({
  sortBy,
  descending: sortBy !== 'symbol',
})

const nothingFor = (show: Show, search: string): string =>
  show === 'pinned' && search === ''
    ? 'Nothing is pinned yet. Press the star in a row, and it stays at the top.'
    : `No symbol or name here contains “${search}”.`

const Replaying = ({ month }: { month: number }): JSX.Element => {
  const [year, number] = monthAt(month).split('-')
  const date = new Date(Date.UTC(Number(year), Number(number) - 1))
  const name = date.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return (
    <>
      Replaying <strong>{name}</strong>, a month in 15 seconds.
    </>
  )
}
