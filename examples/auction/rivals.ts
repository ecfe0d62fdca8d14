/**
 * Simulated bidders, so that one person can try the auction. They bid through the same door as everybody else, are
 * marked in the log, have a limit each that nobody knows, and stay away while nobody looks.
 */
import { CATALOGUE } from './catalogue.ts'
import type { House, HouseClock } from './house.ts'
import { type Bidder, leaderOf, minimumOf } from './lot.ts'

const NAMES = ['Ines Vogel', 'Theo Marsh', 'Rosa Lindqvist', 'Kemal Aydin']

export interface RivalsOptions {
  readonly house: House
  readonly clock: HouseClock
  /** In [0, 1). */
  readonly random: () => number
  readonly newId: () => string
  /** Whether anybody is there to bid against. */
  readonly watched: () => boolean
}

export class Rivals {
  readonly #options: RivalsOptions
  readonly #bidders: readonly Bidder[] = NAMES.map((name, index) => ({
    id: `rival-${index}`,
    name,
    simulated: true,
  }))
  #limits: readonly number[] = []
  /** The step that was thought about last. */
  #step = ''
  #cancel: (() => void) | undefined

  constructor(options: RivalsOptions) {
    this.#options = options
  }

  /** Looks at the lot; after each step one of them thinks about the next. */
  tick(): void {
    const { house, clock, random, watched } = this.#options
    const { lot, closed, bids } = house.state
    if (lot === undefined || closed || !watched()) return
    const step = `${lot.id} ${bids.length}`
    if (step === this.#step) return
    if (!this.#step.startsWith(`${lot.id} `)) this.#value(lot.title)
    this.#step = step
    this.#cancel?.()
    // Quick to answer a person, slow among themselves.
    const patienceMs = leaderOf(house.state)?.bidder.simulated ? 9_000 : 4_000
    this.#cancel = clock.after(1_500 + random() * patienceMs, () => this.#bid())
  }

  end(): void {
    this.#cancel?.()
  }

  #value(title: string): void {
    const estimate = CATALOGUE.find((item) => item.title === title)?.estimateCents ?? 0
    this.#limits = this.#bidders.map(() => estimate * (0.5 + this.#options.random()))
  }

  #bid(): void {
    const { house, random, newId } = this.#options
    const { lot } = house.state
    const leader = leaderOf(house.state)?.bidder.id
    const cents = minimumOf(house.state)
    const willing = this.#bidders.filter(
      ({ id }, index) => id !== leader && cents <= (this.#limits[index] ?? 0),
    )
    const bidder = willing[Math.floor(random() * willing.length)]
    if (lot === undefined || bidder === undefined) return
    // What becomes of it, it sees like everybody else.
    house.bid({ lot: lot.id, id: newId(), cents, name: bidder.name }, bidder).catch(() => undefined)
  }
}
