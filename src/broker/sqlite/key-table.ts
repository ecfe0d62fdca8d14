/** The latest entry of each key of keyed channels. Whose rows they are, and what is dropped when, is decided elsewhere. */
import type { StatementSync } from 'node:sqlite'
import type { Database } from './database.ts'
import type { EntryTable, LogIdentity } from './entry-table.ts'
import { damagedAt, isCorruption } from './faults.ts'
import { readShape, RecordView } from './record.ts'

export interface LatestOfKey {
  readonly offset: number
  readonly removed: boolean
}

/** The latest entry of some key. */
export interface LatestEntry {
  readonly offset: number
  readonly removed: boolean
  readonly record: RecordView
}

export class KeyTable {
  readonly #file: string
  readonly #entries: EntryTable
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #after: StatementSync
  readonly #lastTombstone: StatementSync
  readonly #dropTombstones: StatementSync
  readonly #collect: StatementSync

  constructor(database: Database, entries: EntryTable) {
    this.#file = database.file
    this.#entries = entries
    this.#find = database.prepare('SELECT offset, removed FROM keys WHERE channel = ? AND key = ?')
    this.#put = database.prepare(
      `INSERT INTO keys (channel, key, offset, removed) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET offset = excluded.offset, removed = excluded.removed`,
    )
    this.#after = database.prepare(
      `SELECT keys.key, keys.offset, keys.removed, entries.record FROM keys LEFT JOIN entries USING (channel, offset)
       WHERE keys.channel = ? AND keys.offset > ? ORDER BY keys.offset`,
    )
    this.#lastTombstone = database.prepare(
      'SELECT max(offset) FROM keys WHERE channel = ? AND removed = 1 AND offset BETWEEN ? AND ?',
    )
    this.#dropTombstones = database.prepare(
      'DELETE FROM keys WHERE channel = ? AND removed = 1 AND offset BETWEEN ? AND ?',
    )
    this.#collect = database.prepare(
      'DELETE FROM keys WHERE channel = ?1 AND key IN (SELECT key FROM keys WHERE channel = ?1 LIMIT ?2)',
    )
  }

  find(log: LogIdentity, key: string): LatestOfKey | undefined {
    const row = this.#find.get(log.id, key) as unknown as [number, number] | undefined
    return row === undefined ? undefined : { offset: row[0], removed: row[1] === 1 }
  }

  put(log: LogIdentity, key: string, latest: LatestOfKey): void {
    this.#put.run(log.id, key, latest.offset, latest.removed ? 1 : 0)
  }

  /** The latest entries after `after`, in offset order. */
  *latestAfter(log: LogIdentity, after: number): Generator<LatestEntry> {
    let at = after + 1
    try {
      for (const row of this.#after.iterate(log.id, after)) {
        const [key, offset, removed, bytes] = row as unknown as [string, number, number, Uint8Array | null]
        at = offset
        if (bytes === null) this.#entries.damaged(log, offset, 'the latest entry of a key is missing')
        const record = new RecordView(bytes)
        if (!record.isWhole(log.seed, offset))
          this.#entries.damaged(log, offset, 'the entry is not what was written')
        const shape = readShape(record.body)
        if (shape.key !== key || (shape.remove === true) !== (removed === 1))
          this.#entries.damaged(log, offset, 'the entry is not the one that its key names')
        yield { offset, removed: removed === 1, record }
      }
    } catch (error) {
      if (!isCorruption(error)) throw error
      const what = 'SQLite cannot read the page that it lies in'
      throw damagedAt(this.#file, { channel: log.name, offset: at, what }, error)
    }
  }

  /** Lets go of the tombstones in [first, last]; returns the last of them, 0 for none. */
  dropTombstones(log: LogIdentity, first: number, last: number): number {
    const [dropped] = this.#lastTombstone.get(log.id, first, last) as unknown as [number | null]
    if (dropped === null) return 0
    this.#dropTombstones.run(log.id, first, last)
    return dropped
  }

  /** Deletes up to `count` rows of a life that is over; returns how many there were. */
  collect(id: number, count: number): number {
    return Number(this.#collect.run(id, count).changes)
  }
}
