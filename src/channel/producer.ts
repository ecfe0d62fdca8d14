/**
 * The ledger of a channel: what each producer has had accepted, so that the same publication sent twice is
 * appended once. It decides; the broker appends in the same atomic step.
 *
 * A worked failure: a producer sends 0, 1 and 2. The answers are lost, and 1 was refused by a rate limit. It
 * sends all three again. 0 is a `duplicate` and is answered with its first result; 1 is now accepted, or
 * refused again; 2, which stands behind the hole that 1 left, was never appended. Had 2 been accepted before 1,
 * order would be lost; had 0 been accepted twice, a subscriber would see it twice.
 */

/** What a publication carries to be appended once. Sequences start at 0 in each producer epoch. */
export interface Producer {
  readonly id: string
  readonly epoch: number
  readonly seq: number
  /** Sent before, with an answer that never came. */
  readonly again?: boolean
}

/** Where the entries of one accepted append went. */
export interface Accepted {
  readonly first: number
  readonly last: number
}

export type Verdict =
  | { readonly kind: 'fresh' }
  /** Accepted before; its result, as long as that is kept. */
  | { readonly kind: 'duplicate'; readonly result: Accepted | undefined }
  /** The producer has been fenced, or has gone on to a later epoch. */
  | { readonly kind: 'fenced'; readonly epoch: number }
  /** A sequence before this one was never accepted. */
  | { readonly kind: 'hole'; readonly expected: number }
  /** The ledger knows nothing of this producer: a resend may or may not have been appended once. */
  | { readonly kind: 'unknown' }

/** What `fence` found. */
export interface Fenced {
  /** False when the ledger did not know the producer: what it sent may or may not have been appended. */
  readonly known: boolean
  /** Last sequence that was accepted in the closed epoch, −1 for none. */
  readonly last: number
  /** The epoch to go on with, from sequence 0. */
  readonly epoch: number
}

interface Entry {
  epoch: number
  /** Last accepted sequence of `epoch`; −1 before the first. */
  last: number
  /** The epoch before, closed by a fence or by going on: a fence of it, the first or again, has its answer here. */
  closed: { epoch: number; last: number; known: boolean } | undefined
  /** Results by sequence of the current epoch, a bounded number of them. */
  results: Map<number, Accepted>
  touchedMs: number
}

export interface LedgerOptions {
  /** Results kept per producer; older duplicates are answered without one. */
  readonly resultsKept?: number
  /** How long a silent producer is remembered at least. */
  readonly keepMs?: number
  /** Producers remembered at the same time; beyond it those that were silent longest are forgotten. */
  readonly maxProducers?: number
}

const DAY_MS = 86_400_000
const MAX_PRODUCERS = 100_000

export class Ledger {
  /** Those that were silent longest come first. */
  readonly #entries = new Map<string, Entry>()
  readonly #resultsKept: number
  readonly #keepMs: number
  readonly #maxProducers: number

  constructor(options: LedgerOptions = {}) {
    this.#resultsKept = options.resultsKept ?? 256
    this.#keepMs = options.keepMs ?? DAY_MS
    this.#maxProducers = options.maxProducers ?? MAX_PRODUCERS
  }

  get size(): number {
    return this.#entries.size
  }

  /** What would become of this append; changes nothing. */
  check(producer: Producer): Verdict {
    const entry = this.#entries.get(producer.id)
    if (entry === undefined) {
      return producer.again === true || producer.seq !== 0 ? { kind: 'unknown' } : { kind: 'fresh' }
    }
    if (producer.epoch < entry.epoch) return { kind: 'fenced', epoch: entry.epoch }
    const last = producer.epoch > entry.epoch ? -1 : entry.last
    if (producer.seq <= last) return { kind: 'duplicate', result: entry.results.get(producer.seq) }
    return producer.seq === last + 1 ? { kind: 'fresh' } : { kind: 'hole', expected: last + 1 }
  }

  /** Records an append that `check` called fresh and that has been made. */
  accept(producer: Producer, result: Accepted, nowMs: number): void {
    const entry = this.#touch(producer.id, producer.epoch, nowMs)
    if (producer.epoch > entry.epoch) {
      entry.closed = { epoch: entry.epoch, last: entry.last, known: true }
      entry.epoch = producer.epoch
      entry.results.clear()
    }
    entry.last = producer.seq
    entry.results.set(producer.seq, result)
    entry.results.delete(producer.seq - this.#resultsKept)
  }

  /** Closes `epoch` of a producer: nothing more is accepted in it. The same call again has the same answer. */
  fence(id: string, epoch: number, nowMs: number): Fenced {
    const known = this.#entries.has(id)
    const entry = this.#touch(id, epoch, nowMs)
    if (epoch < entry.epoch) {
      const closed = entry.closed?.epoch === epoch ? entry.closed : { known: false, last: -1 }
      return { known: closed.known, last: closed.last, epoch: entry.epoch }
    }
    const last = epoch === entry.epoch ? entry.last : -1
    entry.closed = { epoch, last, known }
    entry.epoch = epoch + 1
    entry.last = -1
    entry.results.clear()
    return { known, last, epoch: entry.epoch }
  }

  /**
   * Forgets producers that have been silent for `keepMs` and none of whose entries are held any more.
   * @param oldestHeldMs when the oldest held entry was appended; the ledger outlives what it vouches for.
   */
  sweep(nowMs: number, oldestHeldMs: number): void {
    for (const [id, { touchedMs }] of this.#entries) {
      if (touchedMs > nowMs - this.#keepMs || touchedMs >= oldestHeldMs) return
      this.#entries.delete(id)
    }
  }

  #touch(id: string, epoch: number, nowMs: number): Entry {
    const entry = this.#entries.get(id) ?? {
      epoch,
      last: -1,
      closed: undefined,
      results: new Map(),
      touchedMs: 0,
    }
    entry.touchedMs = nowMs
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    if (this.#entries.size > this.#maxProducers)
      this.#entries.delete(this.#entries.keys().next().value as string)
    return entry
  }
}
