/** What is sold here, how each thing is drawn, and about what the simulated rivals think it is worth. All invented. */

export interface Ware {
  readonly title: string
  readonly text: string
  readonly startCents: number
  readonly estimateCents: number
  /** In 96 by 96. */
  readonly path: string
}

export const WARES: readonly Ware[] = [
  {
    title: 'Ship’s bell, cast brass',
    text: 'From a coastal steamer of 1911. The clapper is a later one; the note is a clear A.',
    startCents: 8_000,
    estimateCents: 34_000,
    path: 'M48 12v8M40 12h16M30 66c0-24 4-46 18-46s18 22 18 46l8 10H22zM22 76h52M48 76v8M44 84a4 4 0 1 0 8 0M33 58h30',
  },
  {
    title: 'Sextant in its case',
    text: 'Seven filters, all there. The arc reads true to a minute; the case has lost its hook.',
    startCents: 20_000,
    estimateCents: 92_000,
    path: 'M48 14 18 74M48 14l30 60M14 66a52 52 0 0 0 68 0M18 74a58 58 0 0 0 60 0M48 14l6 64M48 40H30M30 36v8M48 40h20M68 34v12M48 14a4 4 0 1 0 .1 0M54 78l-2 8',
  },
  {
    title: 'Storm lantern',
    text: 'Copper, with its old green glass. It has been lit every winter, and smells of it.',
    startCents: 3_000,
    estimateCents: 14_000,
    path: 'M36 24a12 12 0 0 1 24 0M34 30h28l4 8H30zM34 38c-6 10-6 24 0 34M62 38c6 10 6 24 0 34M30 72h36l4 12H26zM48 46c-8 9-6 18 0 20 6-2 8-11 0-20M26 36v42M70 36v42',
  },
  {
    title: 'Chart of the western approaches',
    text: 'Engraved in 1868, with soundings in pencil by three different hands. Framed.',
    startCents: 12_000,
    estimateCents: 51_000,
    path: 'M14 22l22-6 24 6 22-6v58l-22 6-24-6-22 6zM36 16v58M60 22v58M20 56c8-4 10-14 22-14s8-10 18-12 12 4 16 2M66 60l8-4-4 8-8 4zM24 34h6M26 40h4M44 62h6',
  },
  {
    title: 'Aneroid barometer',
    text: 'Twelve inches, oak. It fell in the right places on every storm of the last forty years.',
    startCents: 6_000,
    estimateCents: 27_000,
    path: 'M48 14a34 34 0 1 0 .1 0M48 22a26 26 0 1 0 .1 0M48 48 62 32M48 48l-6 8M48 44a4 4 0 1 0 .1 0M48 26v5M70 48h-5M26 48h5M33 33l3 3M40 64h16M44 8h8v6h-8z',
  },
]

/** Undefined when it is not sold here. */
export const wareOf = (title: string): Ware | undefined => WARES.find((ware) => ware.title === title)

/** What the log says of them. */
export const CATALOGUE: { title: string; text: string; startCents: number }[] = WARES.map(
  ({ title, text, startCents }) => ({ title, text, startCents }),
)
