/** The board's headings, which order it. */
import type { JSX } from 'react'
import type { SortBy } from './arrangement.ts'

export interface Order {
  readonly sortBy: SortBy
  readonly descending: boolean
}

export const LISTED: Order = { sortBy: 'listed', descending: false }

export interface HeadingsProps {
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

export const Headings = (props: HeadingsProps): JSX.Element => (
  <>
    <span role="columnheader">
      <span className="visually-hidden">Pinned</span>
    </span>
    <Heading by="symbol" {...props}>
      Symbol
    </Heading>
    <span role="columnheader">Last minute</span>
    <Heading by="price" {...props}>
      Price
    </Heading>
    <Heading by="change" {...props}>
      Change
    </Heading>
    <Heading by="trades" {...props}>
      Trades
    </Heading>
  </>
)

interface HeadingProps extends HeadingsProps {
  readonly by: SortBy
  readonly children: string
}

const Heading = ({ by, order, onOrder, children }: HeadingProps): JSX.Element => {
  const chosen = by === order.sortBy
  const next = { sortBy: by, descending: chosen ? !order.descending : by !== 'symbol' }
  return (
    <span
      role="columnheader"
      data-column={by}
      aria-sort={chosen ? (order.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className="ticker-sort" onClick={() => onOrder(next)}>
        {children}
        <span aria-hidden="true">{chosen ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  )
}
