/** What passed, one line each, newest at the end; the arrow keys go through it. */
import { type JSX, type KeyboardEvent, memo, useId, useLayoutEffect, useRef } from 'react'
import type { Filter } from './filter.ts'
import type { Inspection } from './inspection.ts'
import type { Item } from './items.ts'
import { useNow } from './now.ts'
import { bytesText, frameText, MARKS, progressText, PURPOSES, secondsText } from './words.ts'

export interface ItemListProps {
  readonly inspection: Inspection
  readonly items: readonly Item[]
  /** Changes whenever an item does. */
  readonly version: number
  /** Items that the filter leaves out. */
  readonly hidden: number
  /** Items that came while the list stood still. */
  readonly newer: number
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
  readonly selected: Item | undefined
  readonly onSelect: (item: Item) => void
}

const KEYS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
}

export const ItemList = (props: ItemListProps): JSX.Element => {
  const { inspection, items, hidden, newer, filter, onFilter, selected, onSelect } = props
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const atEnd = useRef(true)
  const last = items.at(-1)?.key
  useLayoutEffect(() => {
    const element = list.current
    if (element && atEnd.current) element.scrollTop = element.scrollHeight
  }, [last])
  const press = (event: KeyboardEvent): void => {
    const step = KEYS[event.key]
    if (step === undefined || items.length === 0) return
    event.preventDefault()
    const at = items.findIndex((each) => each === selected)
    const next = items[Math.min(items.length - 1, Math.max(0, at + step))]
    if (next === undefined) return
    onSelect(next)
    atEnd.current = next === items.at(-1)
    document.getElementById(`${id}-${next.key}`)?.scrollIntoView({ block: 'nearest' })
  }
  const isListed = selected !== undefined && items.includes(selected)
  return (
    <section className="item-list" aria-label="What passed">
      <Filters
        filter={filter}
        onFilter={onFilter}
        hidden={hidden}
        newer={newer}
        dropped={inspection.dropped}
      />
      <ul
        ref={list}
        role="listbox"
        aria-label="What passed"
        tabIndex={0}
        aria-activedescendant={isListed ? `${id}-${selected.key}` : undefined}
        onKeyDown={press}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 8
        }}
      >
        {items.map((item) => (
          <Row
            key={item.key}
            id={`${id}-${item.key}`}
            inspection={inspection}
            item={item}
            version={item.kind === 'exchange' ? item.version : 0}
            selected={item === selected}
            onSelect={onSelect}
          />
        ))}
      </ul>
      {items.length === 0 && (
        <p className="item-list-empty quiet">
          {hidden > 0 ? 'Nothing here is of the kind that the filter asks for.' : 'Nothing has passed yet.'}
        </p>
      )}
    </section>
  )
}

interface FiltersProps extends Pick<ItemListProps, 'filter' | 'onFilter' | 'hidden' | 'newer'> {
  readonly dropped: number
}

const Filters = ({ filter, onFilter, hidden, newer, dropped }: FiltersProps): JSX.Element => (
  <div className="item-filters">
    <select
      aria-label="Kind"
      value={filter.what}
      onChange={({ target }) => onFilter({ ...filter, what: target.value as Filter['what'] })}
    >
      <option value="all">Everything</option>
      <option value="data">Data</option>
      <option value="control">Control</option>
    </select>
    <select
      aria-label="Direction"
      value={filter.direction}
      onChange={({ target }) => onFilter({ ...filter, direction: target.value as Filter['direction'] })}
    >
      <option value="both">Both ways</option>
      <option value="up">Page → node</option>
      <option value="down">Node → page</option>
    </select>
    <span className="quiet number">
      {newer > 0 ? `${newer} more since the pause` : hidden > 0 ? `${hidden} not shown` : ''}
      {dropped > 0 && newer === 0 ? ` ${dropped.toLocaleString('en')} older let go` : ''}
    </span>
  </div>
)

interface RowProps {
  readonly id: string
  readonly inspection: Inspection
  readonly item: Item
  readonly version: number
  readonly selected: boolean
  readonly onSelect: (item: Item) => void
}

const Row = memo(({ id, inspection, item, selected, onSelect }: RowProps): JSX.Element => {
  const { direction, title, size } = describe(item)
  return (
    // The list takes the keys for all of them.
    <li
      id={id}
      role="option"
      className="item"
      aria-selected={selected}
      data-kind={item.kind}
      data-direction={direction}
      data-opcode={item.kind === 'frame' ? item.frame.opcodeName : undefined}
      data-purpose={item.kind === 'exchange' ? item.purpose : undefined}
      onClick={() => onSelect(item)}
    >
      <span className="item-time number">{secondsText(inspection.since(item.timeMs))}</span>
      <span className="item-arrow">
        <span aria-hidden="true">{ARROWS[direction]}</span>
        <span className="visually-hidden">{ARROW_WORDS[direction]}</span>
      </span>
      <span className="item-title">{title}</span>
      <span className="item-text">
        {item.kind === 'exchange' ? <Progress inspection={inspection} exchange={item} /> : textOf(item)}
      </span>
      <span className="item-size number">{size}</span>
    </li>
  )
})

export const ARROWS = { up: '↑', down: '↓', both: '⇅', none: '·' } as const
const ARROW_WORDS = { up: 'page to node', down: 'node to page', both: 'both ways', none: '' } as const

interface Described {
  readonly direction: keyof typeof ARROWS
  readonly title: string
  readonly size: string
}

const describe = (item: Item): Described => {
  switch (item.kind) {
    case 'frame': {
      const { opcodeName, header, receivedBytes } = item.frame
      return { direction: item.direction, title: opcodeName, size: `${header.length} + ${receivedBytes}` }
    }
    case 'event':
      return {
        direction: 'down',
        title: item.comment ? 'comment' : 'event',
        size: bytesText(item.wireBytes),
      }
    case 'exchange':
      return {
        direction: 'both',
        title: PURPOSES[item.purpose],
        size: `${item.overheadBytes.toLocaleString('en')} + ${item.bodyBytes.toLocaleString('en')}`,
      }
    default:
      return { direction: 'none', title: '', size: '' }
  }
}

const textOf = (item: Exclude<Item, { kind: 'exchange' }>): string => {
  if (item.kind === 'frame') return frameText(item)
  if (item.kind === 'mark') return `${MARKS[item.what]} (${item.connection})`
  return item.comment ? new TextDecoder().decode(item.bytes).trim() : item.data.slice(0, 300)
}

const Progress = ({
  inspection,
  exchange,
}: {
  inspection: Inspection
  exchange: Extract<Item, { kind: 'exchange' }>
}): JSX.Element => {
  const now = useNow(inspection, exchange.endMs !== undefined || exchange.status === 101)
  const { status } = exchange
  return (
    <>
      {status !== undefined && <span className="item-status">{status}</span>} {progressText(exchange, now)}
    </>
  )
}
