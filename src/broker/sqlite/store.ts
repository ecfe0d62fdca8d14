/**
 * All logs of one file: which channels there are, their markers, what is due and what can be collected. Every
 * method is one step inside a transaction that the caller opens and commits; a step that changes nothing opens
 * none. After a rollback the caller says `discard`, and everything is read from the file again.
 */
import {
  type AppendResult,
  type ChannelInfo,
  type ChannelOptions,
  type CreateResult,
  EpochCounter,
  type Fenced,
  isCursor,
  type LedgerOptions,
  type Move,
  type ListRequest,
  type ReadRequest,
} from '../../channel/index.ts'
import { Agenda } from './agenda.ts'
import { type ChannelRow, ChannelTable, type DamagedRow, STANDING } from './channel-row.ts'
import { Collector } from './collector.ts'
import type { Database } from './database.ts'
import { EntryTable } from './entry-table.ts'
import { damagedAt } from './faults.ts'
import { KeyTable } from './key-table.ts'
import { type PackedPage, readPage, readTail } from './page-reader.ts'
import { ProducerTable } from './producer-table.ts'
import { chainSeed } from './record.ts'
import {
  type PackedAppend,
  type PackedBeginning,
  StoredChannel,
  type StoredAppend,
  type Tables,
} from './stored-channel.ts'

/** What the store is given instead of a clock and chance. */
export interface Moment {
  readonly nowMs: number
  /** In [0, 1). */
  readonly random: number
}

export interface StoreOptions {
  readonly maxChannels: number
  readonly ledger: LedgerOptions
  readonly deletedMarkerMs: number
}

/** What changed, and where: what a batch tells the watchers. */
export interface ChannelMove {
  readonly channel: string
  readonly move: Move
}

/** The end of a log, and where the log stands. */
export interface StoredTail {
  readonly after: number
  readonly records: readonly Uint8Array[]
  readonly at: Move
}

interface PackedCreation {
  readonly channel: string
  readonly options: ChannelOptions
  readonly beginning: PackedBeginning | undefined
}

export type Missing = {
  readonly kind: 'missing'
  readonly code: 'not_found' | 'deleted' | 'too_many_channels'
}

/** An append that was made, or why it was not. */
export type AppendOutcome =
  { readonly kind: 'appended'; readonly appended: StoredAppend } | Exclude<AppendResult, { kind: 'appended' }>

/** Channels whose rows are kept at hand between commits. */
const KEPT = 10_000

export class Store {
  /** Channels that live elsewhere and count too. */
  channelsElsewhere = 0
  readonly #database: Database
  readonly #options: StoreOptions
  readonly #channels: ChannelTable
  readonly #tables: Tables
  readonly #collector: Collector
  readonly #epochs = new EpochCounter()
  readonly #kept = new Map<string, StoredChannel>()
  readonly #dirty = new Set<StoredChannel>()
  readonly #agenda = new Agenda()
  #live = 0
  #nextId = 1
  #lastEpoch = ''
  #move: Move | undefined

  constructor(database: Database, options: StoreOptions) {
    this.#database = database
    this.#options = options
    this.#channels = new ChannelTable(database)
    const entries = new EntryTable(database)
    this.#tables = {
      entries,
      keys: new KeyTable(database, entries),
      producers: new ProducerTable(database, options.ledger),
    }
    this.#collector = new Collector(this.#tables, this.#channels)
    this.#survey()
  }

  /** Channels that exist. */
  get size(): number {
    return this.#live
  }

  /** How the log moved by the latest step: undefined when it did not. */
  takeMove(): Move | undefined {
    const move = this.#move
    this.#move = undefined
    return move
  }

  append(request: PackedAppend, moment: Moment): AppendOutcome {
    const known = this.#find(request.channel, moment.nowMs)
    const live = known?.status === 'deleted' ? undefined : known
    const channel = live ?? this.#prepare(request.channel, { create: request.create, moment, marker: known })
    if (typeof channel === 'string') return { kind: 'refused', code: channel }
    const decided = channel.decide(request)
    if (decided?.kind === 'duplicate')
      this.#agenda.used(channel.name, channel.row.options.expiry, moment.nowMs)
    if (decided !== undefined) {
      // A channel that is not made has no tail that could be named.
      return live === undefined && decided.kind === 'refused'
        ? { kind: 'refused', code: decided.code }
        : decided
    }
    this.#database.begin()
    if (live === undefined) this.#admit(channel, known)
    const appended = channel.append(request, moment.nowMs)
    this.#changed(channel)
    this.#agenda.used(channel.name, channel.row.options.expiry, moment.nowMs)
    return { kind: 'appended', appended }
  }

  read(request: ReadRequest, moment: Moment): PackedPage | Missing {
    const known = this.#find(request.channel, moment.nowMs)
    if (known !== undefined && known.status !== 'deleted') {
      this.#agenda.used(known.name, known.row.options.expiry, moment.nowMs)
      return readPage(known, this.#tables, request)
    }
    if (known !== undefined && isCursor(request.from)) return { kind: 'missing', code: 'deleted' }
    const channel = this.#prepare(request.channel, { create: request.create, moment, marker: known })
    if (typeof channel === 'string') return { kind: 'missing', code: channel }
    this.#admit(channel, known)
    this.#agenda.used(channel.name, channel.row.options.expiry, moment.nowMs)
    return readPage(channel, this.#tables, request)
  }

  create(request: PackedCreation, moment: Moment): CreateResult {
    const { channel: name, options, beginning } = request
    const known = this.#find(name, moment.nowMs)
    if (known !== undefined && known.status !== 'deleted') return { kind: 'exists', info: known.describe() }
    const channel = this.#prepare(name, { create: options, moment, marker: known })
    if (typeof channel === 'string') return { kind: 'refused', code: 'too_many_channels' }
    const append = beginning === undefined ? undefined : { channel: name, ...beginning }
    const decided = append === undefined ? undefined : channel.decide(append)
    if (decided?.kind === 'refused') return { kind: 'refused', code: decided.code }
    this.#admit(channel, known)
    if (append !== undefined) channel.append(append, moment.nowMs)
    this.#changed(channel)
    this.#agenda.used(channel.name, channel.row.options.expiry, moment.nowMs)
    return { kind: 'created', info: channel.describe() }
  }

  /** False when there is no such channel. */
  close(name: string, nowMs: number): boolean {
    const channel = this.#alive(name, nowMs)
    if (channel === undefined) return false
    this.#database.begin()
    channel.close()
    this.#changed(channel)
    this.#agenda.used(channel.name, channel.row.options.expiry, nowMs)
    return true
  }

  /** False when there is no such channel. */
  delete(name: string, nowMs: number): boolean {
    const channel = this.#alive(name, nowMs)
    if (channel === undefined) return false
    this.#end(channel, nowMs)
    return true
  }

  describe(name: string, nowMs: number): ChannelInfo | undefined {
    return this.#alive(name, nowMs)?.describe()
  }

  /** Names of channels that exist, in their order. */
  list(request: ListRequest): string[] {
    return this.#channels.names(request)
  }

  /** Whether the name means anything here: a channel, or the marker of one. */
  knows(name: string): boolean {
    return this.#channels.find(name) !== undefined
  }

  /** The end of a log, for a tail that is kept elsewhere; undefined when there is no log. */
  tail(name: string, limit: ReadRequest['limit'], nowMs: number): StoredTail | undefined {
    const channel = this.#find(name, nowMs)
    return channel === undefined ? undefined : { ...readTail(channel, this.#tables, limit), at: channel.move }
  }

  /** The new floor; undefined when there is no such channel. */
  trim(name: string, before: number, nowMs: number): number | undefined {
    const channel = this.#alive(name, nowMs)
    if (channel === undefined) return undefined
    const { floor, top } = channel.row
    if (Math.min(before, top + 1) <= floor) return floor
    this.#database.begin()
    channel.trim(before)
    this.#changed(channel)
    return channel.row.floor
  }

  fence(name: string, producer: { readonly id: string; readonly epoch: number }, nowMs: number): Fenced {
    const channel = this.#alive(name, nowMs)
    // Without a log there is no ledger, and nothing of the producer's can still be appended to it.
    if (channel === undefined) return { known: false, last: -1, epoch: producer.epoch + 1 }
    this.#database.begin()
    return this.#tables.producers.fence(channel, producer, nowMs)
  }

  /** Retention by age, markers, and a part of the ledgers. */
  sweep(nowMs: number): ChannelMove[] {
    for (const name of this.#agenda.markersUntil(nowMs - this.#options.deletedMarkerMs)) {
      this.#database.begin()
      this.#forgetMarker(name)
    }
    const moves: ChannelMove[] = []
    for (const name of this.#agenda.dueAt(nowMs)) {
      const channel = this.#alive(name, nowMs)
      if (channel !== undefined && channel.dueMs !== undefined && channel.dueMs <= nowMs) {
        this.#database.begin()
        channel.retain(nowMs)
        this.#changed(channel)
      }
      const move = this.takeMove()
      if (move !== undefined) moves.push({ channel: name, move })
    }
    this.#sweepLedgers(nowMs)
    return moves
  }

  /** Writes what the steps since the last commit have left in memory. */
  flush(): void {
    for (const { row } of this.#dirty) this.#channels.update(row)
    this.#dirty.clear()
    this.#tables.producers.flush()
  }

  /** Deletes a slice of the rows that nobody needs; false when there are none, or with `due` not many. */
  collect(which: 'due' | 'all'): boolean {
    const id = this.#collector.next(which)
    if (id === undefined) return false
    this.#database.begin()
    this.#collector.collect(this.#rowOf(id))
    return true
  }

  /** After a commit: lets go of what has not been used for long. */
  settle(): void {
    for (const name of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) return
      this.#kept.delete(name)
    }
  }

  /** After a rollback: what is in memory is not what the file says. */
  discard(): void {
    this.#kept.clear()
    this.#dirty.clear()
    this.#tables.producers.discard()
    this.#survey()
  }

  /** A channel that exists, or the marker of one; what has expired is deleted here. */
  #find(name: string, nowMs: number): StoredChannel | undefined {
    const channel = this.#load(name)
    if (channel !== undefined && this.#agenda.hasExpired(name, nowMs)) this.#end(channel, nowMs)
    return channel
  }

  #load(name: string): StoredChannel | undefined {
    const kept = this.#kept.get(name)
    if (kept !== undefined) {
      // Those that were used longest ago come first.
      this.#kept.delete(name)
      this.#kept.set(name, kept)
      return kept
    }
    const row = this.#channels.find(name)
    if (row === undefined) return undefined
    if ('damaged' in row) throw this.#damaged(row)
    const channel = new StoredChannel(row, this.#tables)
    this.#kept.set(name, channel)
    return channel
  }

  #alive(name: string, nowMs: number): StoredChannel | undefined {
    const channel = this.#find(name, nowMs)
    return channel?.status === 'deleted' ? undefined : channel
  }

  /** Deletes a channel and leaves its marker. */
  #end(channel: StoredChannel, nowMs: number): void {
    const { name } = channel
    this.#database.begin()
    channel.delete(nowMs)
    this.#changed(channel)
    this.#live--
    this.#agenda.deleted(name, nowMs)
    // There are no more markers than channels may be: the oldest goes.
    const oldest = this.#agenda.markerBeyond(this.#options.maxChannels)
    if (oldest !== undefined) this.#forgetMarker(oldest)
  }

  /** A channel that nobody knows of yet, or why there can be none. */
  #prepare(
    name: string,
    making: { create: ChannelOptions | undefined; moment: Moment; marker: StoredChannel | undefined },
  ): StoredChannel | 'not_found' | 'deleted' | 'too_many_channels' {
    const { create, moment, marker } = making
    if (create === undefined) return marker === undefined ? 'not_found' : 'deleted'
    if (this.#live + this.channelsElsewhere >= this.#options.maxChannels) return 'too_many_channels'
    return new StoredChannel(this.#newRow(name, create, moment), this.#tables)
  }

  #newRow(name: string, options: ChannelOptions, { nowMs, random }: Moment): ChannelRow {
    // Later lives sort later, also where the clock was set back since the file was last open.
    const after = this.#lastEpoch === '' ? 0 : Number.parseInt(this.#lastEpoch.slice(0, 9), 36) + 1
    const epoch = this.#epochs.next(Math.max(nowMs, after), random)
    const seed = chainSeed(name, epoch)
    return {
      id: this.#nextId,
      name,
      epoch,
      options,
      createdMs: nowMs,
      standing: STANDING.open,
      deletedMs: 0,
      floor: 1,
      top: 0,
      floorTotal: 0,
      topTotal: 0,
      floorStamp: seed,
      topStamp: seed,
      floorMs: 0,
      swept: 1,
      liveKeys: 0,
      tombstone: 0,
      sequence: undefined,
    }
  }

  #admit(channel: StoredChannel, marker: StoredChannel | undefined): void {
    this.#database.begin()
    if (marker !== undefined) this.#forgetMarker(marker.name)
    this.#channels.insert(channel.row)
    // Never again, also when it is rolled back: what is at hand about a number is about one life.
    this.#nextId++
    this.#lastEpoch = channel.row.epoch
    this.#live++
    this.#kept.set(channel.name, channel)
    this.#move = channel.move
  }

  #forgetMarker(name: string): void {
    this.#agenda.markerGone(name)
    const marker = this.#load(name)
    if (marker === undefined) return
    marker.row.standing = STANDING.over
    this.#channels.update(marker.row)
    this.#dirty.delete(marker)
    this.#kept.delete(name)
    this.#collector.note(marker.row)
  }

  #changed(channel: StoredChannel): void {
    this.#dirty.add(channel)
    this.#move = channel.move
    this.#agenda.ages(channel.name, channel.status === 'deleted' ? undefined : channel.dueMs)
    this.#collector.note(channel.row)
  }

  #sweepLedgers(nowMs: number): void {
    const { producers } = this.#tables
    for (const { channel: id, id: producer, touchedMs } of producers.silentSince(nowMs - producers.keepMs)) {
      if (touchedMs >= this.#oldestHeldMs(id)) continue
      this.#database.begin()
      producers.forget(id, producer)
    }
  }

  /** When the oldest entry that is held was appended. */
  #oldestHeldMs(id: number): number {
    const row = this.#channels.byId(id)
    return row === undefined || 'damaged' in row || row.floor > row.top ? Infinity : row.floorMs
  }

  /** The current row of a channel that the collector has taken note of. */
  #rowOf(id: number): ChannelRow {
    const row = this.#channels.byId(id)
    if (row === undefined) throw new Error(`channel ${id} has no row`)
    if ('damaged' in row) throw this.#damaged(row)
    const kept = this.#kept.get(row.name)
    return kept?.id === id ? kept.row : row
  }

  /** Reads what is needed of every channel at hand. */
  #survey(): void {
    this.#live = 0
    const agenda = this.#agenda.renew()
    this.#move = undefined
    this.#collector.clear()
    const markers: [string, number][] = []
    for (const row of this.#channels.all()) {
      this.#nextId = Math.max(this.#nextId, row.id + 1)
      if ('damaged' in row) {
        this.#live++
        continue
      }
      if (row.epoch > this.#lastEpoch) this.#lastEpoch = row.epoch
      this.#collector.note(row)
      if (row.standing === STANDING.deleted) markers.push([row.name, row.deletedMs])
      if (row.standing > STANDING.closed) continue
      this.#live++
      agenda.kept(row.name, row.options.expiry)
      this.#agenda.ages(row.name, new StoredChannel(row, this.#tables).dueMs)
    }
    for (const [name, deletedMs] of markers.toSorted(([, a], [, b]) => a - b))
      this.#agenda.deleted(name, deletedMs)
  }

  #damaged({ name }: DamagedRow): Error {
    const what = 'what is known of the channel is not what was written'
    return damagedAt(this.#database.file, { channel: name, offset: 0, what })
  }
}
