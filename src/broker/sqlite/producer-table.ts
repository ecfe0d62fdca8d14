/**
 * The ledger of every channel as rows, one per producer. The rules are the ledger's own (channel/producer.ts);
 * here they are loaded, kept at hand while a producer is busy, and written once per commit. A row that is damaged
 * is a producer that nobody knows.
 */
import { crc32 } from 'node:zlib'
import type { StatementSync } from 'node:sqlite'
import {
  type Accepted,
  enterAccepted,
  enterFence,
  type Fenced,
  firstRecord,
  judge,
  LEDGER_DEFAULTS,
  type LedgerOptions,
  type Producer,
  type ProducerRecord,
  type Verdict,
} from '../../channel/index.ts'
import type { Database } from './database.ts'
import type { LogIdentity } from './entry-table.ts'
import { ByteReader, ByteWriter } from './packing.ts'
import { ResultTrail } from './result-trail.ts'

interface Kept {
  readonly log: LogIdentity
  readonly id: string
  readonly record: ProducerRecord
  /** The record's results, as they are written. */
  readonly trail: ResultTrail
  dirty: boolean
}

/** Producers at hand: each has up to `resultsKept` results. */
const KEPT = 1_024
/** Producers that one sweep looks at. */
const SWEPT_AT_ONCE = 1_000
/** Beyond the most, this part of them is let go at once, so that not each newcomer costs a search. */
const SLACK = 0.01

export class ProducerTable {
  readonly #options: Required<LedgerOptions>
  readonly #kept = new Map<string, Kept>()
  readonly #dirty = new Set<Kept>()
  readonly #counts = new Map<number, number>()
  #sweptTo: { channel: number; id: string } = { channel: 0, id: '' }
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #count: StatementSync
  readonly #slice: StatementSync
  readonly #remove: StatementSync
  readonly #removeOldest: StatementSync
  readonly #collect: StatementSync

  constructor(database: Database, options: LedgerOptions) {
    this.#options = { ...LEDGER_DEFAULTS, ...options }
    this.#find = database.prepare('SELECT touched, record FROM producers WHERE channel = ? AND id = ?')
    this.#put = database.prepare(
      `INSERT INTO producers (channel, id, touched, record) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET touched = excluded.touched, record = excluded.record`,
    )
    this.#count = database.prepare('SELECT count(*) FROM producers WHERE channel = ?')
    this.#slice = database.prepare(
      'SELECT channel, id, touched FROM producers WHERE (channel, id) > (?, ?) ORDER BY channel, id LIMIT ?',
    )
    this.#remove = database.prepare('DELETE FROM producers WHERE channel = ? AND id = ?')
    this.#removeOldest = database.prepare(
      `DELETE FROM producers WHERE channel = ?1
       AND id IN (SELECT id FROM producers WHERE channel = ?1 ORDER BY touched LIMIT ?2)`,
    )
    this.#collect = database.prepare(
      'DELETE FROM producers WHERE channel = ?1 AND id IN (SELECT id FROM producers WHERE channel = ?1 LIMIT ?2)',
    )
  }

  check(log: LogIdentity, producer: Producer): Verdict {
    return judge(this.#load(log, producer.id)?.record, producer)
  }

  accept(log: LogIdentity, producer: Producer, result: Accepted, nowMs: number): void {
    const kept = this.#load(log, producer.id) ?? this.#admit(log, producer.id, producer.epoch)
    const { record, trail } = kept
    if (producer.epoch > record.epoch) trail.clear()
    enterAccepted(record, producer, result, this.#options.resultsKept)
    trail.push(result)
    trail.shorten(record.results.size)
    this.#touch(kept, nowMs)
  }

  fence(log: LogIdentity, fence: { readonly id: string; readonly epoch: number }, nowMs: number): Fenced {
    const known = this.#load(log, fence.id)
    const kept = known ?? this.#admit(log, fence.id, fence.epoch)
    const fenced = enterFence(kept.record, known !== undefined, fence.epoch)
    if (kept.record.results.size === 0) kept.trail.clear()
    this.#touch(kept, nowMs)
    return fenced
  }

  /** Writes what has changed, before the commit. */
  flush(): void {
    for (const kept of this.#dirty) {
      this.#put.run(kept.log.id, kept.id, kept.record.touchedMs, encode(kept))
      kept.dirty = false
    }
    this.#dirty.clear()
    this.#letGoOfIdle()
  }

  /** Forgets what is at hand: the transaction that it was changed in has been rolled back. */
  discard(): void {
    this.#kept.clear()
    this.#dirty.clear()
    this.#counts.clear()
  }

  /** Producers that the next sweep would forget if nothing of theirs is held; a slice of them per call. */
  silentSince(
    touchedMs: number,
  ): { readonly channel: number; readonly id: string; readonly touchedMs: number }[] {
    const { channel, id } = this.#sweptTo
    const rows = this.#slice.all(channel, id, SWEPT_AT_ONCE) as unknown as [number, string, number][]
    const last = rows.length === SWEPT_AT_ONCE ? rows.at(-1) : undefined
    this.#sweptTo = last === undefined ? { channel: 0, id: '' } : { channel: last[0], id: last[1] }
    return rows
      .filter(([, , touched]) => touched <= touchedMs)
      .map(([channel, id, touched]) => ({ channel, id, touchedMs: touched }))
  }

  get keepMs(): number {
    return this.#options.keepMs
  }

  forget(channel: number, id: string): void {
    this.#remove.run(channel, id)
    this.#kept.delete(nameOf(channel, id))
    const count = this.#counts.get(channel)
    if (count !== undefined) this.#counts.set(channel, count - 1)
  }

  /** Deletes up to `count` rows of a life that is over; returns how many there were. */
  collect(channel: number, count: number): number {
    return Number(this.#collect.run(channel, count).changes)
  }

  #load(log: LogIdentity, id: string): Kept | undefined {
    const name = nameOf(log.id, id)
    const kept = this.#kept.get(name)
    if (kept !== undefined) {
      // The busiest stay: those that were used longest ago come first.
      this.#kept.delete(name)
      this.#kept.set(name, kept)
      return kept
    }
    const row = this.#find.get(log.id, id) as unknown as [number, Uint8Array] | undefined
    const stored = row === undefined ? undefined : decode(log, id, { touchedMs: row[0], bytes: row[1] })
    return stored === undefined ? undefined : this.#keep(log, id, stored)
  }

  #keep(log: LogIdentity, id: string, known: Pick<Kept, 'record' | 'trail'>): Kept {
    const kept: Kept = { log, id, ...known, dirty: false }
    this.#kept.set(nameOf(log.id, id), kept)
    return kept
  }

  #admit(log: LogIdentity, id: string, epoch: number): Kept {
    const count = (this.#counts.get(log.id) ?? this.#countOf(log.id)) + 1
    const { maxProducers } = this.#options
    const excess = count - maxProducers
    if (excess > Math.floor(maxProducers * SLACK)) {
      this.flush()
      this.#removeOldest.run(log.id, excess)
      for (const [name, kept] of this.#kept) if (kept.log.id === log.id) this.#kept.delete(name)
    }
    this.#counts.set(log.id, excess > Math.floor(maxProducers * SLACK) ? maxProducers : count)
    return this.#keep(log, id, { record: firstRecord(epoch), trail: new ResultTrail() })
  }

  #countOf(channel: number): number {
    return (this.#count.get(channel) as unknown as [number])[0]
  }

  #touch(kept: Kept, nowMs: number): void {
    kept.record.touchedMs = nowMs
    if (kept.dirty) return
    kept.dirty = true
    this.#dirty.add(kept)
  }

  #letGoOfIdle(): void {
    for (const name of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break
      this.#kept.delete(name)
    }
    if (this.#counts.size > KEPT) this.#counts.clear()
  }
}

const nameOf = (channel: number, id: string): string => `${channel} ${id}`

const OPEN = 0
const CLOSED = 1
const CLOSED_KNOWN = 2

const encode = ({ log, id, record, trail }: Kept): Uint8Array => {
  const writer = new ByteWriter(128 + trail.count * 3)
  writer.u32(0)
  writer.f64(record.epoch)
  writer.f64(record.last)
  const { closed } = record
  writer.u8(closed === undefined ? OPEN : closed.known ? CLOSED_KNOWN : CLOSED)
  if (closed !== undefined) {
    writer.f64(closed.epoch)
    writer.f64(closed.last)
  }
  trail.write(writer)
  const bytes = writer.finish()
  writer.patchU32(0, sumOf(log, id, { touchedMs: record.touchedMs, bytes }))
  return bytes
}

interface Stored {
  readonly touchedMs: number
  readonly bytes: Uint8Array
}

/** Undefined for a row that is not what was written. */
const decode = (log: LogIdentity, id: string, stored: Stored): Pick<Kept, 'record' | 'trail'> | undefined => {
  const reader = new ByteReader(stored.bytes)
  if (stored.bytes.length < 21 || reader.u32() !== sumOf(log, id, stored)) return undefined
  const [epoch, last, closing] = [reader.f64(), reader.f64(), reader.u8()]
  const closed =
    closing === OPEN
      ? undefined
      : { epoch: reader.f64(), last: reader.f64(), known: closing === CLOSED_KNOWN }
  const trail = new ResultTrail()
  const kept = trail.read(reader)
  // Sequences have no holes: the newest result is the last sequence's.
  const results = new Map(kept.map((result, index) => [last - kept.length + 1 + index, result]))
  return { record: { epoch, last, closed, results, touchedMs: stored.touchedMs }, trail }
}

const sumOf = (log: LogIdentity, id: string, { touchedMs, bytes }: Stored): number =>
  crc32(`${log.seed} ${touchedMs} ${id}`, crc32(bytes.subarray(4)))
