/**
 * Writes prices into rows that are there already: once per frame at most, only what has changed, and without asking
 * the page for any measure. React makes the rows; what stands in their number cells is this file's alone.
 */
import type { Quotes, Row } from './quotes.ts'
import { arrowOf, changeOf, formatChange, formatPrice } from './quote.ts'
import { drawSparkline } from './sparkline.ts'
import { TRAIL_LENGTH } from './trails.ts'

const FLASH_MS = 250
/** A row that is traded all the time must not flicker. */
const FLASH_EVERY_MS = 1_000

interface Cells {
  readonly element: HTMLElement
  readonly price: Text
  readonly change: HTMLElement
  readonly arrow: Text
  readonly percent: Text
  readonly trades: Text
  readonly canvas: HTMLCanvasElement
  inSight: boolean
  flashedMs: number
}

export class Painter {
  readonly #quotes: Quotes
  readonly #cells = new Map<string, Cells>()
  readonly #flashing = new Set<Cells>()
  readonly #sight: IntersectionObserver
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  #frame: number | undefined
  #trailsDue = false

  constructor(quotes: Quotes) {
    this.#quotes = quotes
    this.#sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: '120px' })
  }

  /** A row is there. @returns what to do when it goes. */
  attach(symbol: string, element: HTMLElement): () => void {
    const cells = cellsOf(element)
    this.#cells.set(symbol, cells)
    this.#sight.observe(element)
    this.#write(cells, this.#quotes.row(symbol), false)
    return () => {
      this.#sight.unobserve(element)
      this.#flashing.delete(cells)
      if (this.#cells.get(symbol) === cells) this.#cells.delete(symbol)
    }
  }

  /** Something has changed: it is drawn with the next frame. */
  request(): void {
    this.#frame ??= requestAnimationFrame((nowMs) => this.#draw(nowMs))
  }

  /** The lines are out of date, as they are every second and when the colours change. */
  requestTrails(): void {
    this.#trailsDue = true
    this.request()
  }

  close(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    this.#sight.disconnect()
  }

  #draw(nowMs: number): void {
    this.#frame = undefined
    for (const cells of this.#flashing) {
      if (nowMs - cells.flashedMs < FLASH_MS) continue
      delete cells.element.dataset['flash']
      this.#flashing.delete(cells)
    }
    for (const symbol of this.#quotes.changes()) {
      const cells = this.#cells.get(symbol)
      const row = this.#quotes.row(symbol)
      if (cells === undefined) continue
      this.#write(cells, row, true)
      if (cells.inSight && row?.moved !== undefined && !this.#still.matches)
        this.#flash(cells, row.moved, nowMs)
    }
    if (this.#trailsDue) this.#drawTrails([...this.#cells].filter(([, { inSight }]) => inSight))
    this.#trailsDue = false
    if (this.#flashing.size > 0) this.request()
  }

  #write(cells: Cells, row: Row | undefined, there: boolean): void {
    if (row === undefined) {
      if (there) for (const text of [cells.price, cells.arrow, cells.percent, cells.trades]) text.data = ''
      return
    }
    const change = changeOf(row.quote)
    set(cells.price, formatPrice(row.quote.hundredths))
    set(cells.arrow, arrowOf(change))
    set(cells.percent, formatChange(change))
    set(cells.trades, row.quote.trades.toString())
    const way = change > 0 ? 'up' : change < 0 ? 'down' : 'level'
    if (cells.change.dataset['way'] !== way) cells.change.dataset['way'] = way
  }

  #flash(cells: Cells, way: 'up' | 'down', nowMs: number): void {
    if (nowMs - cells.flashedMs < FLASH_EVERY_MS) return
    cells.flashedMs = nowMs
    cells.element.dataset['flash'] = way
    this.#flashing.add(cells)
  }

  #drawTrails(rows: readonly (readonly [string, Cells])[]): void {
    const first = rows[0]
    if (first === undefined) return
    // All of them have the same two colours: asked for once.
    const { color, borderTopColor } = getComputedStyle(first[1].canvas)
    for (const [symbol, { canvas }] of rows) {
      const row = this.#quotes.row(symbol)
      if (row === undefined) continue
      const trail = this.#quotes.trail(symbol)
      const shape = { trail, now: row.quote.hundredths, length: TRAIL_LENGTH }
      drawSparkline(canvas, shape, { line: color, base: borderTopColor })
    }
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const cells = this.#cells.get((target as HTMLElement).dataset['symbol'] ?? '')
      if (cells !== undefined) cells.inSight = isIntersecting
    }
    this.requestTrails()
  }
}

const set = (text: Text, value: string): void => {
  if (text.data !== value) text.data = value
}

const cellsOf = (element: HTMLElement): Cells => {
  const part = (name: string): HTMLElement => element.querySelector(`[data-part=${name}]`) as HTMLElement
  return {
    element,
    price: textIn(part('price')),
    change: part('change'),
    arrow: textIn(part('arrow')),
    percent: textIn(part('percent')),
    trades: textIn(part('trades')),
    canvas: part('trail') as HTMLCanvasElement,
    inSight: false,
    flashedMs: -FLASH_EVERY_MS,
  }
}

const textIn = (element: HTMLElement): Text => {
  const text = element.firstChild ?? element.appendChild(document.createTextNode(''))
  return text as Text
}
