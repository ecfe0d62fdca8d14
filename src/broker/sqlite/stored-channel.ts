/**
 * One life of one channel in the store: appending, trimming and retention, on rows. It changes the row in memory
 * and the tables in the transaction that is open; whoever opened it writes the row back and commits.
 */
import type {
  AppendEntry,
  AppendRequest,
  AppendResult,
  ChannelInfo,
  LogStatus,
  Move,
} from '../../channel/index.ts'
import { decideAppend } from '../append-decision.ts'
import { type ChannelRow, STANDING, type Standing } from './channel-row.ts'
import type { EntryTable, LogIdentity } from './entry-table.ts'
import { StoreFault } from './faults.ts'
import type { KeyTable } from './key-table.ts'
import type { ProducerTable } from './producer-table.ts'
import { type Body, chainSeed, chainStamp, encodeRecord, readShape, spellStamp } from './record.ts'

export interface Tables {
  readonly entries: EntryTable
  readonly keys: KeyTable
  readonly producers: ProducerTable
}

/** An append whose payloads stay packed. */
export interface PackedAppend extends Omit<AppendRequest, 'entries'> {
  readonly bodies: readonly Body[]
}

/** What a channel begins with, packed. */
export interface PackedBeginning {
  readonly bodies: readonly Body[]
  readonly close: boolean
}

/** An append that was made. */
export interface StoredAppend {
  readonly epoch: string
  readonly first: number
  readonly last: number
  readonly time: number
  /** Chain stamps of the entries, and at the top behind them. */
  readonly stamps: readonly number[]
  readonly stamp: string
}

/** Front entries that are looked at in one go when retention takes one after the other. */
const FRONT = 64

interface FrontEntry {
  readonly time: number
  readonly total: number
  readonly stamp: number | undefined
}

export class StoredChannel implements LogIdentity {
  readonly row: ChannelRow
  readonly seed: number
  readonly #tables: Tables
  #front: { first: number; entries: FrontEntry[] } = { first: 0, entries: [] }

  constructor(row: ChannelRow, tables: Tables) {
    this.row = row
    this.seed = chainSeed(row.name, row.epoch)
    this.#tables = tables
  }

  get id(): number {
    return this.row.id
  }

  get name(): string {
    return this.row.name
  }

  get status(): LogStatus {
    return STATUS[this.row.standing]
  }

  get move(): Move {
    const { epoch, floor, top } = this.row
    return { epoch, floor, top, status: this.status }
  }

  /** When its oldest entry is too old; undefined when none will be. */
  get dueMs(): number | undefined {
    const { floor, top, floorMs, options } = this.row
    return floor > top || options.retention.ageMs === Infinity ? undefined : floorMs + options.retention.ageMs
  }

  describe(): ChannelInfo {
    const { name, options, createdMs, topTotal, floorTotal, topStamp } = this.row
    const bytes = topTotal - floorTotal
    return { channel: name, options, ...this.move, createdMs, bytes, stamp: spellStamp(topStamp) }
  }

  /** The answer of an append that changes nothing, or undefined: it is to be made. */
  decide(request: PackedAppend): Exclude<AppendResult, { kind: 'appended' }> | undefined {
    const { row } = this
    const { producer } = request
    const entries = request.bodies.map(({ bytes }) => readShape(bytes))
    const decided = decideAppend(
      { ...request, entries },
      {
        log: { epoch: row.epoch, top: row.top, status: this.status, stamp: spellStamp(row.topStamp) },
        sequence: row.sequence,
        options: row.options,
        verdict: producer === undefined ? undefined : this.#tables.producers.check(this, producer),
        keys: row.options.conflated ? { size: row.liveKeys, has: (key) => this.#hasKey(key) } : undefined,
      },
    )
    if (decided?.kind === 'appended') return undefined
    if (decided?.kind !== 'duplicate' || decided.last === undefined) return decided
    // The cursor that was answered the first time had it too.
    const stamp = this.stampAt(decided.last)
    return stamp === undefined ? decided : { ...decided, stamp }
  }

  /** Makes an append that `decide` has nothing against. */
  append(request: PackedAppend, nowMs: number): StoredAppend {
    const { row } = this
    const { producer } = request
    const first = row.top + 1
    const stamps = request.bodies.map((body) => this.#appendOne(body, producer, nowMs))
    const last = row.top
    row.sequence = request.sequence ?? row.sequence
    if (request.close === true) row.standing = STANDING.closed
    if (producer !== undefined) this.#tables.producers.accept(this, producer, { first, last }, nowMs)
    this.retain(nowMs)
    return { epoch: row.epoch, first, last, time: nowMs, stamps, stamp: spellStamp(row.topStamp) }
  }

  /** Lets go of everything before `before`; false when there was nothing. */
  trim(before: number): boolean {
    const { row } = this
    const floor = Math.min(before, row.top + 1)
    if (floor <= row.floor) return false
    this.#moveFloor(floor, floor > row.top ? undefined : this.#frontEntry(floor - 1))
    return true
  }

  /** Lets go of what retention does not keep; false when there was nothing. */
  retain(nowMs: number): boolean {
    const { row } = this
    const { count, bytes, ageMs } = row.options.retention
    const oldest = nowMs - ageMs
    let { floor, floorTotal, floorMs } = row
    let dropped: FrontEntry | undefined
    while (
      floor <= row.top &&
      (row.top - floor + 1 > count || row.topTotal - floorTotal > bytes || floorMs <= oldest)
    ) {
      dropped = this.#frontEntry(floor++)
      floorTotal = dropped.total
      if (floor <= row.top && ageMs < Infinity) floorMs = this.#frontEntry(floor).time
    }
    if (floor === row.floor) return false
    this.#moveFloor(floor, dropped)
    return true
  }

  close(): void {
    this.row.standing = STANDING.closed
  }

  delete(nowMs: number): void {
    this.#moveFloor(this.row.top + 1, undefined)
    this.row.standing = STANDING.deleted
    this.row.deletedMs = nowMs
  }

  /** Stamp of the entry at `offset`; undefined when that is not held any more. */
  stampAt(offset: number): string | undefined {
    const stamp = this.stampNumberAt(offset)
    return stamp === undefined ? undefined : spellStamp(stamp)
  }

  stampNumberAt(offset: number): number | undefined {
    const { row } = this
    if (offset === row.top) return row.topStamp
    if (offset === row.floor - 1) return row.floorStamp
    if (offset === 0) return this.seed
    if (offset >= row.floor) return this.#tables.entries.at(this, offset).stamp
    // Below the floor only the latest entries of keys are held.
    if (offset > row.top) return undefined
    return row.options.conflated ? this.#tables.entries.find(this, offset)?.stamp : undefined
  }

  #appendOne(body: Body, producer: AppendRequest['producer'], nowMs: number): number {
    const { row } = this
    const stamp = chainStamp(row.topStamp, body.bytes)
    const offset = row.top + 1
    const total = row.topTotal + body.weight
    const record = encodeRecord(this.seed, body, { offset, time: nowMs, total, producer, stamp })
    this.#tables.entries.insert(this, offset, record)
    if (row.floor === offset) row.floorMs = nowMs
    row.top = offset
    row.topTotal = total
    row.topStamp = stamp
    if (row.options.conflated) this.#putKey(readShape(body.bytes))
    return stamp
  }

  #hasKey(key: string): boolean {
    return this.#tables.keys.find(this, key)?.removed === false
  }

  /** The entry at the top is the latest of its key. */
  #putKey({ key, remove }: AppendEntry): void {
    const { row } = this
    if (key === undefined) return
    const removed = remove === true
    const before = this.#tables.keys.find(this, key)
    if (before?.removed === false) row.liveKeys--
    if (!removed) row.liveKeys++
    this.#tables.keys.put(this, key, { offset: row.top, removed })
    // What was kept below the floor for being the latest of its key is so no longer.
    if (before !== undefined && before.offset < row.swept) this.#tables.entries.remove(this, before.offset)
  }

  /** @param dropped the entry before the new floor; undefined when the floor goes behind the top. */
  #moveFloor(floor: number, dropped: FrontEntry | undefined): void {
    const { row } = this
    const from = row.floor
    row.floor = floor
    row.floorTotal = dropped?.total ?? row.topTotal
    row.floorStamp = dropped === undefined ? row.topStamp : dropped.stamp
    row.floorMs = floor > row.top ? 0 : this.#frontEntry(floor).time
    if (row.options.conflated)
      row.tombstone = Math.max(row.tombstone, this.#tables.keys.dropTombstones(this, from, floor - 1))
  }

  #frontEntry(offset: number): FrontEntry {
    const known = this.#front.entries[offset - this.#front.first]
    if (known !== undefined) return known
    const last = Math.min(this.row.top, offset + FRONT - 1)
    const entries: FrontEntry[] = []
    try {
      for (const { time, total, stamp } of this.#tables.entries.range(this, offset, last))
        entries.push({ time, total, stamp })
    } catch (fault) {
      // A damaged entry is let go of like any other: that is how a log is rid of it. Nothing it says is used.
      if (entries.length === 0) entries.push({ time: 0, total: this.row.floorTotal, stamp: undefined })
      if (!isDamage(fault)) throw fault
    }
    this.#front = { first: offset, entries }
    return entries[0] as FrontEntry
  }
}

const isDamage = (error: unknown): boolean => error instanceof StoreFault && error.kind === 'damaged'

const STATUS: Readonly<Record<Standing, LogStatus>> = {
  [STANDING.open]: 'open',
  [STANDING.closed]: 'closed',
  [STANDING.deleted]: 'deleted',
  [STANDING.over]: 'deleted',
}
