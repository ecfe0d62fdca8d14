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
  /** Accepted before; its result, as long as that is kept, and the last sequence accepted in its epoch. */
  | { readonly kind: 'duplicate'; readonly result: Accepted | undefined; readonly last: number }
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

/** What a ledger knows of one producer. A broker that keeps its ledger elsewhere stores and loads these. */
export interface ProducerRecord {
  epoch: number
  /** Last accepted sequence of `epoch`; −1 before the first. */
  last: number
  /** The epoch before, closed by a fence or by going on: a fence of it, the first or again, has its answer here. */
  closed: { epoch: number; last: number; known: boolean } | undefined
  /** Results by sequence of the current epoch, a bounded number of them. */
  results: Map<number, Accepted>
  touchedMs: number
}

/** A producer that is heard for the first time, in `epoch`. */
export const firstRecord = (epoch: number): ProducerRecord => ({
  epoch,
  last: -1,
  closed: undefined,
  results: new Map(),
  touchedMs: 0,
})

/** What would become of this append; `record` is undefined where the ledger does not know the producer. */
export const judge = (record: ProducerRecord | undefined, producer: Producer): Verdict => {
  if (record === undefined) {
    return producer.again === true || producer.seq !== 0 ? { kind: 'unknown' } : { kind: 'fresh' }
  }
  if (producer.epoch < record.epoch) return { kind: 'fenced', epoch: record.epoch }
  const last = producer.epoch > record.epoch ? -1 : record.last
  if (producer.seq <= last) return { kind: 'duplicate', result: record.results.get(producer.seq), last }
  return producer.seq === last + 1 ? { kind: 'fresh' } : { kind: 'hole', expected: last + 1 }
}

/** Enters an append that `judge` called fresh and that has been made; the latest `resultsKept` results stay. */
export const enterAccepted = (
  record: ProducerRecord,
  producer: Producer,
  result: Accepted,
  resultsKept: number,
): void => {
  if (producer.epoch > record.epoch) {
    record.closed = { epoch: record.epoch, last: record.last, known: true }
    record.epoch = producer.epoch
    record.results.clear()
  }
  record.last = producer.seq
  record.results.set(producer.seq, result)
  record.results.delete(producer.seq - resultsKept)
}

/** Closes `epoch` in `record`; `known` says whether the ledger had the record before this call. */
export const enterFence = (record: ProducerRecord, known: boolean, epoch: number): Fenced => {
  if (epoch < record.epoch) {
    const closed = record.closed?.epoch === epoch ? record.closed : { known: false, last: -1 }
    return { known: closed.known, last: closed.last, epoch: record.epoch }
  }
  const last = epoch === record.epoch ? record.last : -1
  record.closed = { epoch, last, known }
  record.epoch = epoch + 1
  record.last = -1
  record.results.clear()
  return { known, last, epoch: record.epoch }
}

export interface LedgerOptions {
  /** Results kept per producer; older duplicates are answered without one. */
  readonly resultsKept?: number
  /** How long a silent producer is remembered at least. */
  readonly keepMs?: number
  /** Producers remembered at the same time; beyond it those that were silent longest are forgotten. */
  readonly maxProducers?: number
}

/** What holds where `LedgerOptions` do not say otherwise. */
export const LEDGER_DEFAULTS: Required<LedgerOptions> = {
  resultsKept: 256,
  keepMs: 86_400_000,
  maxProducers: 100_000,
}

export class Ledger {
  /** Those that were silent longest come first. */
  readonly #entries = new Map<string, ProducerRecord>()
  readonly #resultsKept: number
  readonly #keepMs: number
  readonly #maxProducers: number

  constructor(options: LedgerOptions = {}) {
    this.#resultsKept = options.resultsKept ?? LEDGER_DEFAULTS.resultsKept
    this.#keepMs = options.keepMs ?? LEDGER_DEFAULTS.keepMs
    this.#maxProducers = options.maxProducers ?? LEDGER_DEFAULTS.maxProducers
  }

  get size(): number {
    return this.#entries.size
  }

  /** What would become of this append; changes nothing. */
  check(producer: Producer): Verdict {
    return judge(this.#entries.get(producer.id), producer)
  }

  /** Records an append that `check` called fresh and that has been made. */
  accept(producer: Producer, result: Accepted, nowMs: number): void {
    enterAccepted(this.#touch(producer.id, producer.epoch, nowMs), producer, result, this.#resultsKept)
  }

  /** Closes `epoch` of a producer: nothing more is accepted in it. The same call again has the same answer. */
  fence(id: string, epoch: number, nowMs: number): Fenced {
    const known = this.#entries.has(id)
    return enterFence(this.#touch(id, epoch, nowMs), known, epoch)
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

  #touch(id: string, epoch: number, nowMs: number): ProducerRecord {
    const record = this.#entries.get(id) ?? firstRecord(epoch)
    record.touchedMs = nowMs
    this.#entries.delete(id)
    this.#entries.set(id, record)
    if (this.#entries.size > this.#maxProducers)
      this.#entries.delete(this.#entries.keys().next().value as string)
    return record
  }
}
