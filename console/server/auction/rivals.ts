/**
 * Simulated bidders, so that one person can try the auction. They bid through the same door as everybody else, are
 * marked in the log, have a limit each that nobody knows, and stay away while nobody looks.
 */
import { randomUUID } from 'node:crypto'
import type { House } from '../../../examples/auction/house.ts'
import { minimumOf } from '../../../examples/auction/lot.ts'
import { wareOf } from '../../src/auction/catalogue.ts'
import { isRival, RIVALS } from '../../src/auction/rival.ts'

export class Rivals {
  readonly #house: House
  /** Whether anybody is there to bid against. */
  readonly #watched: () => boolean
  #limits: readonly number[] = []
  /** The step that was thought about last. */
  #step = ''
  #thought: NodeJS.Timeout | undefined

  constructor(house: House, watched: () => boolean) {
    this.#house = house
    this.#watched = watched
  }

  /** Looks at the lot; after each step one of them thinks about the next. */
  tick(): void {
    const { lot, closed, bids } = this.#house.state
    if (lot === undefined || closed || !this.#watched()) return
    const step = `${lot.id} ${bids.length}`
    if (step === this.#step) return
    if (!this.#step.startsWith(`${lot.id} `)) this.#value(lot.title)
    this.#step = step
    clearTimeout(this.#thought)
    // Quick to answer a person, slow among themselves.
    const patienceMs = isRival(bids.at(-1)?.bidder.id ?? '') ? 9_000 : 4_000
    this.#thought = setTimeout(() => this.#bid(), 1_500 + Math.random() * patienceMs)
    this.#thought.unref()
  }

  end(): void {
    clearTimeout(this.#thought)
  }

  #value(title: string): void {
    const estimate = wareOf(title)?.estimateCents ?? 0
    this.#limits = RIVALS.map(() => estimate * (0.5 + Math.random()))
  }

  #bid(): void {
    const { state } = this.#house
    const cents = minimumOf(state)
    const leader = state.bids.at(-1)?.bidder.id
    const willing = RIVALS.filter(({ id }, index) => id !== leader && cents <= (this.#limits[index] ?? 0))
    const bidder = willing[Math.floor(Math.random() * willing.length)]
    if (state.lot === undefined || bidder === undefined) return
    const bid = { lot: state.lot.id, id: randomUUID(), cents, name: bidder.name, notAfter: Infinity }
    // What becomes of it, it sees like everybody else.
    this.#house.bid(bid, bidder).catch(() => undefined)
  }
}
