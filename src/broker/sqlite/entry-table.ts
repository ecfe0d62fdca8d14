/**
 * The rows of logs. What it gives out has been checked: each record against its own checksum, and each against
 * the one before it by the chain. What cannot be vouched for is a fault that names its place, never left out.
 */
import type { StatementSync } from 'node:sqlite'
import type { Database } from './database.ts'
import { damagedAt, isCorruption } from './faults.ts'
import { RecordView } from './record.ts'

/** Whose entries they are. */
export interface LogIdentity {
  readonly id: number
  readonly name: string
  /** Its records verify with this. */
  readonly seed: number
}

export class EntryTable {
  readonly #file: string
  readonly #insert: StatementSync
  readonly #at: StatementSync
  readonly #range: StatementSync
  readonly #last: StatementSync
  readonly #remove: StatementSync
  readonly #collect: StatementSync
  readonly #collectKeyed: StatementSync
  readonly #collectFirst: StatementSync

  constructor(database: Database) {
    this.#file = database.file
    this.#insert = database.prepare('INSERT INTO entries (channel, offset, record) VALUES (?, ?, ?)')
    this.#at = database.prepare('SELECT record FROM entries WHERE channel = ? AND offset = ?')
    this.#range = database.prepare(
      'SELECT record FROM entries WHERE channel = ? AND offset BETWEEN ? AND ? ORDER BY offset',
    )
    this.#last = database.prepare(
      'SELECT record FROM entries WHERE channel = ? AND offset BETWEEN ? AND ? ORDER BY offset DESC',
    )
    this.#remove = database.prepare('DELETE FROM entries WHERE channel = ? AND offset = ?')
    this.#collect = database.prepare('DELETE FROM entries WHERE channel = ? AND offset >= ? AND offset < ?')
    this.#collectKeyed = database.prepare(
      `DELETE FROM entries WHERE channel = ?1 AND offset >= ?2 AND offset < ?3
       AND offset NOT IN (SELECT offset FROM keys WHERE channel = ?1 AND offset >= ?2 AND offset < ?3)`,
    )
    this.#collectFirst = database.prepare(
      `DELETE FROM entries WHERE channel = ?1
       AND offset IN (SELECT offset FROM entries WHERE channel = ?1 ORDER BY offset LIMIT ?2)`,
    )
  }

  insert(log: LogIdentity, offset: number, record: Uint8Array): void {
    this.#insert.run(log.id, offset, record)
  }

  /** The entry at `offset`; undefined when it is not there, which below the floor means nothing. */
  find(log: LogIdentity, offset: number): RecordView | undefined {
    return this.#guarded(log, offset, () => {
      const row = this.#at.get(log.id, offset) as unknown as [Uint8Array] | undefined
      return row === undefined ? undefined : this.#whole(log, offset, row[0])
    })
  }

  /** The entry at `offset`, which the log holds. */
  at(log: LogIdentity, offset: number): RecordView {
    return this.find(log, offset) ?? this.#damaged(log, offset, 'the entry is missing')
  }

  /** The entries from `first` to `last`, which the log holds, in order and one by one. */
  *range(log: LogIdentity, first: number, last: number): Generator<RecordView> {
    let expected = first
    let previous: RecordView | undefined
    try {
      for (const row of this.#range.iterate(log.id, first, last)) {
        const view = this.#whole(log, expected, (row as unknown as [Uint8Array])[0])
        if (previous !== undefined && !view.follows(previous.stamp))
          this.#damaged(log, expected, 'the entry does not follow the one before it')
        yield view
        previous = view
        expected++
      }
    } catch (error) {
      throw this.#translated(log, expected, error)
    }
    if (expected <= last) this.#damaged(log, expected, 'the entry is missing')
  }

  /** The entries from `last` down to `first`. */
  *backwards(log: LogIdentity, first: number, last: number): Generator<RecordView> {
    let expected = last
    try {
      for (const row of this.#last.iterate(log.id, first, last)) {
        yield this.#whole(log, expected, (row as unknown as [Uint8Array])[0])
        expected--
      }
    } catch (error) {
      throw this.#translated(log, expected, error)
    }
  }

  remove(log: LogIdentity, offset: number): void {
    this.#remove.run(log.id, offset)
  }

  /** Deletes what lies in [first, end); of a keyed channel, what is not the latest of its key. */
  collect(
    id: number,
    range: { readonly first: number; readonly end: number; readonly keyed: boolean },
  ): void {
    const { first, end, keyed } = range
    if (keyed) this.#collectKeyed.run(id, first, end)
    else this.#collect.run(id, first, end)
  }

  /** Deletes up to `count` rows of a life that is over; returns how many there were. */
  collectFirst(id: number, count: number): number {
    return Number(this.#collectFirst.run(id, count).changes)
  }

  damaged(log: LogIdentity, offset: number, what: string): never {
    return this.#damaged(log, offset, what)
  }

  #whole(log: LogIdentity, offset: number, bytes: Uint8Array): RecordView {
    const view = new RecordView(bytes)
    if (view.isWhole(log.seed, offset)) return view
    // A hole in the numbers is found at the entry behind it, which is whole.
    const missing = bytes.length >= 16 && view.offset > offset && view.isWhole(log.seed, view.offset)
    return this.#damaged(log, offset, missing ? 'the entry is missing' : 'the entry is not what was written')
  }

  #guarded<T>(log: LogIdentity, offset: number, read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw this.#translated(log, offset, error)
    }
  }

  #translated(log: LogIdentity, offset: number, error: unknown): unknown {
    if (!isCorruption(error)) return error
    const what = 'SQLite cannot read the page that it lies in'
    return damagedAt(this.#file, { channel: log.name, offset, what }, error)
  }

  #damaged(log: LogIdentity, offset: number, what: string): never {
    throw damagedAt(this.#file, { channel: log.name, offset, what })
  }
}
