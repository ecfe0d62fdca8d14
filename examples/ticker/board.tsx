/** The board: a row for each symbol, with cells that the painter writes. It draws anew only when its rows change. */
import { type JSX, memo, type ReactNode, useLayoutEffect, useRef } from 'react'
import type { Listing } from './listing.ts'
import type { Painter } from './painter.ts'

export interface BoardProps {
  readonly rows: readonly Listing[]
  readonly painter: Painter
  /** Column headings, where they are to do more than name. */
  readonly head?: ReactNode
  /** A cell in front of each row's; the same function draws no row anew. */
  readonly lead?: ((listing: Listing) => ReactNode) | undefined
}

export const Board = memo(({ rows, painter, head = HEADINGS, lead }: BoardProps): JSX.Element => (
  <div role="table" aria-label="Prices">
    <div role="rowgroup" className="ticker-head">
      <div role="row" className="ticker-row">
        {head}
      </div>
    </div>
    <div role="rowgroup">
      {rows.map((listing) => (
        <Row key={listing.symbol} listing={listing} painter={painter} lead={lead} />
      ))}
    </div>
  </div>
))

const HEADINGS = ['Symbol', 'Last minute', 'Price', 'Change', 'Trades'].map((title) => (
  <span key={title} role="columnheader">
    {title}
  </span>
))

type RowProps = Pick<BoardProps, 'painter' | 'lead'> & { readonly listing: Listing }

const Row = memo(({ listing, painter, lead }: RowProps): JSX.Element => {
  const { symbol, name, closes } = listing
  const row = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => painter.attach(symbol, row.current as HTMLDivElement), [painter, symbol])
  return (
    <div ref={row} role="row" className="ticker-row" data-symbol={symbol}>
      {lead?.(listing)}
      <span role="rowheader" className="ticker-name">
        <strong>{symbol}</strong> <span>{name}</span>
        {closes !== undefined && <span className="ticker-real">real closes</span>}
      </span>
      <svg role="cell" viewBox="0 0 60 1" preserveAspectRatio="none">
        <polyline data-part="line" />
      </svg>
      <span role="cell" data-part="price" />
      <span role="cell" data-part="change" />
      <span role="cell" data-part="trades" />
    </div>
  )
})
