/** Writes prices into the cells of rows that React has made, and only what has changed: see `data-part` in board.tsx. */
import { LISTINGS } from './listing.ts'
import { MINUTE_SECONDS, type Second } from './minute.ts'
import { changeOf, formatChange, formatPrice, type Quote, quoteOf, wayOf } from './quote.ts'

export type Latest = ReadonlyMap<string, { readonly data: unknown }>

interface Row {
  /** As they stand in the row. */
  readonly cells: readonly [line: Element, price: Element, change: Element, trades: Element]
  shown: unknown
}

export class Painter {
  /** Told of each price that was written, and where. */
  onWrite: ((cell: Element, quote: Quote) => void) | undefined
  readonly #rows = new Map<string, Row>()
  #latest: Latest = new Map()
  #minute: readonly Second[] = []

  /** A row is there. @returns what to do when it goes. */
  attach(symbol: string, element: HTMLElement): () => void {
    const cells = [...element.querySelectorAll('[data-part]')] as unknown as Row['cells']
    const row: Row = { cells, shown: undefined }
    this.#rows.set(symbol, row)
    this.#write(symbol, row)
    this.#draw(symbol, row)
    return () => this.#rows.delete(symbol)
  }

  /** Once a frame at most: prices have changed. @param latest by symbol */
  write(latest: Latest): void {
    this.#latest = latest
    for (const [symbol, row] of this.#rows) this.#write(symbol, row)
  }

  /** Once a second: the lines have. */
  draw(minute: readonly Second[]): void {
    this.#minute = minute
    for (const [symbol, row] of this.#rows) this.#draw(symbol, row)
  }

  #write(symbol: string, row: Row): void {
    const data = this.#latest.get(symbol)?.data
    const quote = data === row.shown ? undefined : quoteOf(data)
    if (quote === undefined) return
    row.shown = data
    const [, price, change, trades] = row.cells
    setText(price, formatPrice(quote[0]))
    setText(change, formatChange(changeOf(quote)))
    setText(trades, String(quote[2]))
    const way = wayOf(changeOf(quote))
    if (change.getAttribute('data-way') !== way) change.setAttribute('data-way', way)
    this.onWrite?.(price, quote)
  }

  /** In a box of 60 by 1; a price that hardly moves is drawn as hardly moving. */
  #draw(symbol: string, row: Row): void {
    const index = LISTINGS.findIndex((listing) => listing.symbol === symbol)
    const prices = this.#minute.map((second) => second[index] ?? 0)
    const [low, high] = [Math.min(...prices), Math.max(...prices)]
    const span = Math.max(high - low, low * 0.002, 1)
    const from = MINUTE_SECONDS - prices.length
    const points = prices.map((price, at) => `${from + at},${0.5 - (price - (low + high) / 2) / span}`)
    row.cells[0].setAttribute('points', points.join(' '))
  }
}

/** The same text node keeps its layout. */
const setText = (cell: Element, text: string): void => {
  const node = cell.firstChild ?? cell.appendChild(new Text())
  node.nodeValue = text
}
