/**
 * A price that has moved lights up for a moment, in the colour of its way: not more often than can be looked at, and only
 * where it is looked at.
 */
import type { Quote } from '../../../examples/ticker/quote.ts'

const FLASH_MS = 250
/** A price that is traded all the time must not flicker. */
const FLASH_EVERY_MS = 1_000

export class Flash {
  readonly #cells = new WeakMap<Element, { hundredths: number; flashedMs: number }>()
  readonly #inSight = new WeakSet<Element>()
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#inSight.add(target)
      else this.#inSight.delete(target)
    }
  })

  /** A price was written into its cell. */
  take(cell: Element, [hundredths]: Quote): void {
    const row = cell.parentElement
    const before = this.#cells.get(cell)
    if (before === undefined) {
      this.#cells.set(cell, { hundredths, flashedMs: -FLASH_EVERY_MS })
      if (row !== null) this.#sight.observe(row)
      return
    }
    const moved = hundredths - before.hundredths
    before.hundredths = hundredths
    const nowMs = performance.now()
    if (moved === 0 || this.#still.matches || nowMs - before.flashedMs < FLASH_EVERY_MS) return
    if (row === null || !this.#inSight.has(row)) return
    before.flashedMs = nowMs
    cell.setAttribute('data-flash', moved > 0 ? 'up' : 'down')
    setTimeout(() => cell.removeAttribute('data-flash'), FLASH_MS)
  }
}
