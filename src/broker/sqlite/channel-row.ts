/** One life of one channel as a row: its bounds, how it is kept, and a checksum over all of it. */
import { crc32 } from 'node:zlib'
import type { StatementSync } from 'node:sqlite'
import type { ChannelOptions, ListRequest } from '../../channel/index.ts'
import type { Database } from './database.ts'
import { readOptions, writeOptions } from './options-packing.ts'
import { ByteReader, ByteWriter } from './packing.ts'

/** Open, closed, deleted (a marker), over (its rows are being collected). */
export const STANDING = { open: 0, closed: 1, deleted: 2, over: 3 } as const
export type Standing = (typeof STANDING)[keyof typeof STANDING]

export interface ChannelRow {
  readonly id: number
  readonly name: string
  readonly epoch: string
  readonly options: ChannelOptions
  readonly createdMs: number
  standing: Standing
  deletedMs: number
  floor: number
  top: number
  /** What all entries before the floor weigh, and all up to the top: the difference is what is held. */
  floorTotal: number
  topTotal: number
  /** Stamp of the entry before the floor; undefined when it was damaged. */
  floorStamp: number | undefined
  topStamp: number
  /** When the entry at the floor was appended; 0 when none is held. */
  floorMs: number
  /** Everything before it that nobody needs has been deleted from the file. */
  swept: number
  /** Keys that have a value. */
  liveKeys: number
  /** The last tombstone that was dropped. */
  tombstone: number
  /** The greatest sequence that a writer gave. */
  sequence: string | undefined
}

/** What a row says whose checksum does not hold. */
export interface DamagedRow {
  readonly damaged: true
  readonly id: number
  readonly name: string
}

const SUM_BYTES = 4

const encodeState = (row: ChannelRow): Uint8Array => {
  const writer = new ByteWriter(256)
  writer.u32(0)
  writeOptions(writer, row.options)
  for (const value of [row.createdMs, row.deletedMs, row.floor, row.top, row.floorTotal, row.topTotal])
    writer.f64(value)
  writer.u8(row.floorStamp === undefined ? 0 : 1)
  writer.u32(row.floorStamp ?? 0)
  writer.u32(row.topStamp)
  for (const value of [row.floorMs, row.swept, row.liveKeys, row.tombstone]) writer.f64(value)
  writer.u8(row.sequence === undefined ? 0 : 1)
  writer.text(row.sequence ?? '')
  const state = writer.finish()
  writer.patchU32(0, sumOf(row, state))
  return state
}

const sumOf = (
  row: { readonly id: number; readonly name: string; readonly epoch: string; readonly standing: number },
  state: Uint8Array,
): number => crc32(`${row.id} ${row.epoch} ${row.standing} ${row.name}`, crc32(state.subarray(SUM_BYTES)))

const decodeRow = (columns: readonly unknown[]): ChannelRow | DamagedRow => {
  const [id, name, epoch, standing, state] = columns as [number, string, string, Standing, Uint8Array]
  const reader = new ByteReader(state)
  if (state.length < SUM_BYTES || reader.u32() !== sumOf({ id, name, epoch, standing }, state))
    return { damaged: true, id, name }
  const options = readOptions(reader)
  const [createdMs, deletedMs, floor, top] = [reader.f64(), reader.f64(), reader.f64(), reader.f64()]
  const [floorTotal, topTotal] = [reader.f64(), reader.f64()]
  const hasFloorStamp = reader.u8() === 1
  const [floorStamp, topStamp] = [reader.u32(), reader.u32()]
  const [floorMs, swept, liveKeys, tombstone] = [reader.f64(), reader.f64(), reader.f64(), reader.f64()]
  return {
    id,
    name,
    epoch,
    standing,
    options,
    createdMs,
    deletedMs,
    floor,
    top,
    floorTotal,
    topTotal,
    floorStamp: hasFloorStamp ? floorStamp : undefined,
    topStamp,
    floorMs,
    swept,
    liveKeys,
    tombstone,
    sequence: reader.u8() === 0 ? undefined : reader.text(),
  }
}

export class ChannelTable {
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #byName: StatementSync
  readonly #all: StatementSync
  readonly #names: StatementSync
  readonly #remove: StatementSync
  readonly #byId: StatementSync

  constructor(database: Database) {
    const columns = 'id, name, epoch, standing, state'
    this.#insert = database.prepare(`INSERT INTO channels (${columns}) VALUES (?, ?, ?, ?, ?)`)
    this.#update = database.prepare('UPDATE channels SET standing = ?, state = ? WHERE id = ?')
    this.#byName = database.prepare(`SELECT ${columns} FROM channels WHERE name = ? AND standing < 3`)
    this.#all = database.prepare(`SELECT ${columns} FROM channels ORDER BY id`)
    this.#names = database.prepare(
      'SELECT name FROM channels WHERE name > ? AND instr(name, ?) > 0 AND standing < 2 ORDER BY name LIMIT ?',
    )
    this.#remove = database.prepare('DELETE FROM channels WHERE id = ?')
    this.#byId = database.prepare(`SELECT ${columns} FROM channels WHERE id = ?`)
  }

  insert(row: ChannelRow): void {
    this.#insert.run(row.id, row.name, row.epoch, row.standing, encodeState(row))
  }

  update(row: ChannelRow): void {
    this.#update.run(row.standing, encodeState(row), row.id)
  }

  /** The channel of this name, or the marker of its deletion. */
  find(name: string): ChannelRow | DamagedRow | undefined {
    const columns = this.#byName.get(name) as unknown as unknown[] | undefined
    return columns === undefined ? undefined : decodeRow(columns)
  }

  byId(id: number): ChannelRow | DamagedRow | undefined {
    const columns = this.#byId.get(id) as unknown as unknown[] | undefined
    return columns === undefined ? undefined : decodeRow(columns)
  }

  /** Names of open and closed channels, in the order of their bytes. */
  names({ after, contains, limit }: ListRequest): string[] {
    return (this.#names.all(after, contains, limit) as unknown as [string][]).map(([name]) => name)
  }

  *all(): Generator<ChannelRow | DamagedRow> {
    for (const columns of this.#all.iterate()) yield decodeRow(columns as unknown as unknown[])
  }

  remove(id: number): void {
    this.#remove.run(id)
  }
}
