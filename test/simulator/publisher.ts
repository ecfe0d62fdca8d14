/**
 * What became of every publication, and the check that it may be so (G1, G3): one that was acknowledged is in its
 * log once, unless that life of the log is over; none is there twice; one that was turned away is not there; and a
 * producer's own stand in the order in which it published them.
 */
import { type Published } from '../../src/protocol/index.ts'
import type { Entry, Reference } from './reference.ts'

export type Outcome = 'pending' | 'acknowledged' | 'in_doubt' | 'turned away'

interface Sent {
  readonly id: number
  readonly channel: string
  outcome: Outcome
}

export interface PublisherSurroundings {
  readonly reference: Reference
  /** A publication may come again in another life of its log: a proxy has sent a copy, which says nothing of it. */
  readonly copies: boolean
  /** The first so many publishers are producers, whose publications keep their order. */
  readonly producers: number
  violate(rule: string, what: string): void
  note(who: string, what: string): void
}

/** Numbers of one publisher lie together, in the order in which it published. */
const NUMBERS = 1_000_000

export class Publishers {
  readonly #surroundings: PublisherSurroundings
  readonly #sent = new Map<number, Sent>()
  readonly #entries = new Map<number, Entry[]>()
  readonly #next = new Map<number, number>()

  constructor(surroundings: PublisherSurroundings) {
    this.#surroundings = surroundings
  }

  get counts(): Record<Outcome, number> {
    const counts = { pending: 0, acknowledged: 0, in_doubt: 0, 'turned away': 0 }
    for (const { outcome } of this.#sent.values()) counts[outcome]++
    return counts
  }

  /** A number for the next publication of a publisher. */
  number(publisher: number, channel: string): number {
    const next = this.#next.get(publisher) ?? 0
    this.#next.set(publisher, next + 1)
    const id = publisher * NUMBERS + next
    this.#sent.set(id, { id, channel, outcome: 'pending' })
    return id
  }

  acknowledged(id: number, { cursor, duplicate }: Published): void {
    this.#settle(id, 'acknowledged')
    const entries = this.#entries.get(id) ?? []
    if (entries.length === 0) return this.#violate('G1', `${id} was acknowledged, and never appended`)
    if (cursor === undefined || duplicate === true) return
    if (!entries.some((entry) => entry.cursor.startsWith(cursor)))
      this.#violate('G1', `${id} was acknowledged as ${cursor}, where it never was`)
  }

  settled(id: number, outcome: 'in_doubt' | 'turned away', code: string): void {
    this.#settle(id, outcome)
    this.#surroundings.note('publisher', `${id}: ${code}`)
    if (outcome === 'turned away' && this.#entries.has(id))
      this.#violate('G1', `${id} was turned away as ${code}, and was appended`)
  }

  /** An entry is about to be added to its log. */
  appended(entry: Entry): void {
    const { id, channel, epoch } = entry
    if (id < 0) return
    const before = this.#entries.get(id) ?? []
    this.#entries.set(id, [...before, entry])
    // A rollback takes away what the ledger knew: a copy that is on its way is new to it.
    if (this.#surroundings.reference.rolledBack.has(channel)) return
    const chain = this.#surroundings.reference.lives.get(channel)?.chain ?? []
    for (let offset = chain.length - 1; offset > 0; offset--) {
      const other = chain[offset] as Entry
      if (other.id === id)
        return this.#violate('G1', `${id} is in ${channel} twice: ${offset} and ${entry.offset}`)
      if (other.id > id && this.#ordered(other.id, id))
        return this.#violate('G3', `${id} comes after ${other.id} in ${channel}`)
    }
    if (before.length > 0 && !this.#surroundings.copies)
      this.#violate(
        'in doubt is reported',
        `${id} was appended again in another life of ${channel}, ${epoch}`,
      )
  }

  /** At the end: whatever was acknowledged is still there, if its life of the log is. */
  check(): void {
    const { reference } = this.#surroundings
    for (const { id, channel, outcome } of this.#sent.values()) {
      if (outcome !== 'acknowledged' || reference.rolledBack.has(channel)) continue
      const entries = this.#entries.get(id) ?? []
      const there = entries.some(
        ({ epoch, offset, cursor }) =>
          reference.ended.has(epoch) || reference.lives.get(channel)?.chain[offset]?.cursor === cursor,
      )
      if (!there) this.#violate('G1', `${id} was acknowledged, and is in ${channel} no more`)
    }
  }

  #ordered(a: number, b: number): boolean {
    const producer = Math.floor(a / NUMBERS)
    return producer === Math.floor(b / NUMBERS) && producer < this.#surroundings.producers
  }

  #settle(id: number, outcome: Outcome): void {
    const sent = this.#sent.get(id)
    if (sent === undefined) return
    if (sent.outcome !== 'pending') this.#violate('G1', `${id} was settled twice`)
    sent.outcome = outcome
  }

  #violate(rule: string, what: string): void {
    this.#surroundings.violate(rule, what)
  }
}
