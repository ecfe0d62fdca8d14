/** The board: a row for each symbol, with cells that the painter writes. It draws anew only when the order changes. */
import { type JSX, type KeyboardEvent, memo, useLayoutEffect, useRef } from 'react'
import type { SortBy } from './arrangement.ts'
import type { Listing } from './listing.ts'
import type { Painter } from './painter.ts'

export interface BoardProps {
  readonly rows: readonly Listing[]
  readonly painter: Painter
  readonly pinned: ReadonlySet<string>
  readonly sortBy: SortBy
  readonly descending: boolean
  readonly onSort: (by: SortBy) => void
  readonly onPin: (symbol: string) => void
}

export const Board = (props: BoardProps): JSX.Element => {
  const { rows, painter, pinned, onPin } = props
  return (
    <div className="ticker-board" role="table" aria-label="Prices" aria-rowcount={rows.length + 1}>
      <div role="rowgroup" className="ticker-head">
        <div role="row" className="ticker-row">
          <span role="columnheader">
            <span className="visually-hidden">Pinned</span>
          </span>
          <Heading by="symbol" {...props}>
            Symbol
          </Heading>
          <span role="columnheader" className="ticker-trail-head">
            Last minute
          </span>
          <Heading by="price" {...props}>
            Price
          </Heading>
          <Heading by="change" {...props}>
            Change
          </Heading>
          <Heading by="trades" {...props}>
            Trades
          </Heading>
        </div>
      </div>
      <div role="rowgroup" onKeyDown={moveFocus}>
        {rows.map((listing, index) => (
          <BoardRow
            key={listing.symbol}
            listing={listing}
            painter={painter}
            pinned={pinned.has(listing.symbol)}
            reachable={index === 0}
            onPin={onPin}
          />
        ))}
      </div>
    </div>
  )
}

interface HeadingProps extends BoardProps {
  readonly by: SortBy
  readonly children: string
}

const Heading = ({ by, sortBy, descending, onSort, children }: HeadingProps): JSX.Element => {
  const chosen = by === sortBy
  return (
    <span
      role="columnheader"
      data-column={by}
      aria-sort={chosen ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className="ticker-sort" onClick={() => onSort(by)}>
        {children}
        <span aria-hidden="true">{chosen ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  )
}

interface BoardRowProps {
  readonly listing: Listing
  readonly painter: Painter
  readonly pinned: boolean
  /** By Tab; the others by the arrow keys. */
  readonly reachable: boolean
  readonly onPin: (symbol: string) => void
}

const BoardRow = memo(({ listing, painter, pinned, reachable, onPin }: BoardRowProps): JSX.Element => {
  const { symbol, name, source } = listing
  const row = useRef<HTMLDivElement>(null)
  useLayoutEffect(
    () => (row.current === null ? undefined : painter.attach(symbol, row.current)),
    [painter, symbol],
  )
  return (
    <div ref={row} role="row" className="ticker-row" data-symbol={symbol} data-pinned={pinned || undefined}>
      <span role="cell">
        <button
          type="button"
          className="ticker-pin"
          aria-pressed={pinned}
          aria-label={`Pin ${symbol}`}
          tabIndex={reachable ? 0 : -1}
          onClick={() => onPin(symbol)}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m8 1.8 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z" />
          </svg>
        </button>
      </span>
      <span role="rowheader" className="ticker-name">
        <strong>{symbol}</strong> <span className="quiet">{name}</span>
        {source === 'real' && <span className="ticker-real">real closes</span>}
      </span>
      <span role="cell" className="ticker-trail">
        <canvas data-part="trail" aria-hidden="true" />
      </span>
      <span role="cell" className="ticker-price" data-part="price" />
      <span role="cell" className="ticker-change" data-part="change">
        <span data-part="arrow" aria-hidden="true" />
        <span data-part="percent" />
      </span>
      <span role="cell" className="ticker-trades" data-part="trades" />
    </div>
  )
})

/** Among rows by the arrow keys, Home and End. */
const moveFocus = (event: KeyboardEvent<HTMLElement>): void => {
  const pins = [...event.currentTarget.querySelectorAll<HTMLElement>('.ticker-pin')]
  const at = pins.indexOf(document.activeElement as HTMLElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: pins.length - 1 }[event.key]
  const pin = at < 0 || to === undefined ? undefined : pins[to]
  if (pin === undefined) return
  event.preventDefault()
  pin.focus()
  pin.scrollIntoView({ block: 'nearest' })
}
