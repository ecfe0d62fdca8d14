/**
 * The example's board and rate, dressed: how the prices came, what moved most, an order, a filter and pins of one's own,
 * and words for those who listen.
 */
import { type JSX, useCallback, useMemo, useState } from 'react'
import { useConnection } from 'holdfast/react'
import { Board } from '../../../examples/ticker/board.tsx'
import type { Listing } from '../../../examples/ticker/listing.ts'
import { RateChoice } from '../../../examples/ticker/rate-choice.tsx'
import { Announcer } from './announcer.tsx'
import { arrange, moversOf, type Show } from './arrangement.ts'
import { DeliveryCounts } from './delivery-counts.tsx'
import { Headings, LISTED } from './headings.tsx'
import { monthOf } from './month.ts'
import { MoversList } from './movers-list.tsx'
import { moveFocus, Pin } from './pin.tsx'
import { usePins } from './pins.ts'
import { useBeat, usePriceFeed } from './price-feed.ts'
import { Toolbar } from './toolbar.tsx'
import './ticker-page.css'

const MOVERS = 3

export const TickerDesk = (): JSX.Element => {
  const feed = usePriceFeed()
  const beat = useBeat(feed)
  const connected = useConnection(({ status }) => status === 'connected')
  const [pinned, togglePin] = usePins()
  const [order, setOrder] = useState(LISTED)
  const [show, setShow] = useState<Show>('all')
  const [search, setSearch] = useState('')
  const quoteAt = (symbol: string) => feed.quote(symbol)
  // With every beat the order may be another, though nothing that React knows of has changed.
  const rows = useMemo(
    () => arrange({ ...order, show, search, pinned }, quoteAt),
    [order, show, search, pinned, order.sortBy === 'listed' ? 0 : beat],
  )
  const movers = useMemo(() => moversOf(MOVERS, quoteAt), [beat])
  const head = useMemo(() => <Headings order={order} onOrder={setOrder} />, [order])
  const first = rows[0]?.symbol
  const lead = useCallback(
    ({ symbol }: Listing) => (
      <Pin symbol={symbol} pinned={pinned.has(symbol)} reachable={symbol === first} onPin={togglePin} />
    ),
    [pinned, first, togglePin],
  )

  return (
    <div className="ticker ticker-desk" data-standing={!connected || undefined}>
      <About month={monthOf(feed.quote('SPX'))} />
      <div className="ticker-desk-top">
        <DeliveryCounts delivery={feed.delivery} />
        <RateChoice />
        <MoversList title="Up most" movers={movers.up} />
        <MoversList title="Down most" movers={movers.down} />
      </div>
      <Toolbar
        show={show}
        search={search}
        shown={rows.length}
        connected={connected}
        onShow={setShow}
        onSearch={setSearch}
      />
      {rows.length === 0 ? (
        <p className="ticker-nothing quiet">{nothingFor(show, search)}</p>
      ) : (
        <div onKeyDown={moveFocus}>
          <Board rows={rows} painter={feed.painter} head={head} lead={lead} />
        </div>
      )}
      <Announcer feed={feed} />
    </div>
  )
}

const About = ({ month }: { month: string | undefined }): JSX.Element => (
  <p className="ticker-about">
    {month === undefined ? (
      'Opening the market …'
    ) : (
      <>
        Replaying <strong>{month}</strong>, a month in 15 seconds.
      </>
    )}{' '}
    Five shares and the index meet their <em>real</em> close each month; prices in between, and all symbols in
    .X, are <em>simulated</em>.
  </p>
)

const nothingFor = (show: Show, search: string): string =>
  show === 'pinned' && search === ''
    ? 'Nothing is pinned yet. Press the star in a row, and it stays at the top.'
    : `No symbol or name here contains “${search}”.`
