/**
 * One SQLite file, opened for one process alone: its settings, its transactions and its checkpoints. It knows
 * nothing of channels. Commits sync (`synchronous=FULL`); checkpoints are run by hand, since one that SQLite runs
 * by itself swallows a failed sync.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { isFull, openFault, StoreFault } from './faults.ts'
import { prepareSchema } from './schema.ts'
import { refuseDamagedWal } from './wal-inspection.ts'

const FILE_NAME = 'holdfast.db'
const CACHE_KIB = 32 * 1_024

const SETTINGS = `
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA cache_size = -${CACHE_KIB};
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
`

export class Database {
  readonly file: string
  /** Why nothing is written any more, until the file is opened again. */
  stopped: StoreFault | undefined
  readonly #sqlite: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  readonly #checkpoint: StatementSync
  #inTransaction = false

  /** @throws StoreFault `unusable`: in use, damaged, newer, or not ours. */
  constructor(directory: string) {
    this.file = join(directory, FILE_NAME)
    try {
      mkdirSync(directory, { recursive: true })
      refuseStump(this.file)
      refuseDamagedWal(this.file)
      this.#sqlite = new DatabaseSync(this.file, { enableForeignKeyConstraints: false })
    } catch (error) {
      throw openFault(this.file, error)
    }
    try {
      // Exclusive before the first access: the lock is kept, and the WAL's index lies in memory, not in a file
      // whose pages a full disk could take away.
      this.#sqlite.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;')
      this.#sqlite.exec(SETTINGS)
      prepareSchema(this.#sqlite, this.file)
      this.#begin = this.#sqlite.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#sqlite.prepare('COMMIT')
      this.#rollback = this.#sqlite.prepare('ROLLBACK')
      this.#checkpoint = this.#sqlite.prepare('PRAGMA wal_checkpoint(PASSIVE)')
      this.#refuseTruncated()
    } catch (error) {
      this.#sqlite.close()
      throw openFault(this.file, error)
    }
  }

  /** Rows come as arrays, in the order of the columns. */
  prepare(sql: string): StatementSync {
    const statement = this.#sqlite.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }

  /** Begins a transaction, unless one has begun. @throws StoreFault when nothing is written any more */
  begin(): void {
    if (this.#inTransaction) return
    if (this.stopped !== undefined) throw this.stopped
    this.#begin.run()
    this.#inTransaction = true
  }

  get inTransaction(): boolean {
    return this.#inTransaction
  }

  /** Returns when what was written is synced. */
  commit(): void {
    this.#commit.run()
    this.#inTransaction = false
  }

  rollback(): void {
    this.#inTransaction = false
    try {
      this.#rollback.run()
    } catch {
      // SQLite has rolled back by itself, as it does after some failures.
    }
  }

  /** Moves what the WAL holds into the file. @throws what SQLite throws when a sync fails */
  checkpoint(): void {
    this.#checkpoint.get()
  }

  close(): void {
    this.#sqlite.close()
  }

  /** A file that is shorter than its header says has lost its end. */
  #refuseTruncated(): void {
    try {
      this.#sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      // What the WAL holds finds no room in the file: both are read, and nothing can be said of the length.
      if (isFull(error)) return
      throw error
    }
    const pages = Number(Object.values(this.#sqlite.prepare('PRAGMA page_count').get() ?? {})[0])
    const pageBytes = Number(Object.values(this.#sqlite.prepare('PRAGMA page_size').get() ?? {})[0])
    const { size } = statSync(this.file)
    if (size < pages * pageBytes)
      throw new StoreFault(
        'unusable',
        `${this.file} is truncated: ${size} bytes of ${pages * pageBytes}. ${REMEDY}`,
      )
  }
}

/** The least that a file has: SQLite's first header. What is shorter it would take for a new file. */
const HEADER_BYTES = 100

const refuseStump = (file: string): void => {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > 0 && size < HEADER_BYTES && !existsSync(`${file}-wal`))
    throw new StoreFault('unusable', `${file} is truncated: ${size} bytes. ${REMEDY}`)
}

const REMEDY = 'Restore it from a backup, or move it away to begin anew.'
