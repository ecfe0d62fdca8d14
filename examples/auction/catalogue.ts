/** What is sold. All of it is invented. */
import type { Lot } from './lot.ts'

export type Item = Pick<Lot, 'title' | 'text' | 'drawing' | 'startCents'> & {
  /** About what the simulated rivals think it is worth. */
  readonly estimateCents: number
}

/** What an empty catalogue sells. */
export const NOTHING: Item = { title: 'Nothing', text: '', drawing: '', startCents: 100, estimateCents: 0 }

export const CATALOGUE: readonly Item[] = [
  {
    title: 'Ship’s bell, cast brass',
    text: 'From a coastal steamer of 1911. The clapper is a later one; the note is a clear A.',
    drawing: 'bell',
    startCents: 8_000,
    estimateCents: 34_000,
  },
  {
    title: 'Sextant in its case',
    text: 'Seven filters, all there. The arc reads true to a minute; the case has lost its hook.',
    drawing: 'sextant',
    startCents: 20_000,
    estimateCents: 92_000,
  },
  {
    title: 'Storm lantern',
    text: 'Copper, with its old green glass. It has been lit every winter, and smells of it.',
    drawing: 'lantern',
    startCents: 3_000,
    estimateCents: 14_000,
  },
  {
    title: 'Chart of the western approaches',
    text: 'Engraved in 1868, with soundings in pencil by three different hands. Framed.',
    drawing: 'chart',
    startCents: 12_000,
    estimateCents: 51_000,
  },
  {
    title: 'Aneroid barometer',
    text: 'Twelve inches, oak. It fell in the right places on every storm of the last forty years.',
    drawing: 'barometer',
    startCents: 6_000,
    estimateCents: 27_000,
  },
]
