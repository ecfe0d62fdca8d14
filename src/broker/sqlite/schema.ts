/**
 * The tables of the store, their version, and the place where older files are brought up to date. A file of a
 * newer version is refused: what it says is not known here.
 *
 * Entries lie in the order in which they were appended, found by an index on (channel, offset). Clustered by (channel,
 * offset) instead, each channel of a commit dirties a page of its own among all that were ever written: at 1.5 million
 * entries over 1,000 channels an append took five times as long, and reading half (docs/durable.md).
 * Every row whose change could go unnoticed has a checksum, since SQLite has none. Tables are STRICT: numbers from
 * JavaScript would otherwise be stored as floating point.
 */
import type { DatabaseSync } from 'node:sqlite'
import { StoreFault } from './faults.ts'

/** 'Hold', in the file's header. */
const APPLICATION_ID = 0x486f6c64
const VERSION = 1

const TABLES = `
  CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    epoch TEXT NOT NULL,
    standing INTEGER NOT NULL, -- 0 open, 1 closed, 2 deleted: a marker, 3 over: its rows are being collected
    state BLOB NOT NULL        -- everything else, with a checksum over the row: channel-row.ts
  ) STRICT;
  CREATE UNIQUE INDEX channels_by_name ON channels (name) WHERE standing < 3;
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    record BLOB NOT NULL       -- record.ts
  ) STRICT;
  CREATE UNIQUE INDEX entries_by_offset ON entries (channel, offset);
  CREATE TABLE keys (
    channel INTEGER NOT NULL,
    key TEXT NOT NULL,
    offset INTEGER NOT NULL,   -- the latest entry of the key
    removed INTEGER NOT NULL,  -- 1: it is a tombstone
    PRIMARY KEY (channel, key)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX keys_by_offset ON keys (channel, offset);
  CREATE TABLE producers (
    channel INTEGER NOT NULL,
    id TEXT NOT NULL,
    touched INTEGER NOT NULL,  -- milliseconds since 1970
    record BLOB NOT NULL,      -- producer-row.ts
    PRIMARY KEY (channel, id)
  ) STRICT, WITHOUT ROWID;
`

/** How a file of version n becomes one of version n + 1, by n; each runs in one transaction. */
const MIGRATIONS: Readonly<Record<number, string>> = {}

/** Makes the tables of a new file, brings an older one up to date, and refuses what is newer or not ours. */
export const prepareSchema = (database: DatabaseSync, file: string): void => {
  const version = pragma(database, 'user_version')
  const application = pragma(database, 'application_id')
  if (version === 0 && application === 0 && isEmpty(database)) {
    database.exec(
      `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; COMMIT`,
    )
    return
  }
  if (application !== APPLICATION_ID)
    throw new StoreFault(
      'unusable',
      `${file} is a SQLite file, but not a Holdfast store. Choose another directory.`,
    )
  if (version > VERSION)
    throw new StoreFault(
      'unusable',
      `${file} was written by a newer Holdfast (store version ${version}; this one knows ${VERSION}). Use that version.`,
    )
  for (let from = version; from < VERSION; from++) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[from] ?? ''} PRAGMA user_version = ${from + 1}; COMMIT`)
  }
}

const pragma = (database: DatabaseSync, name: 'user_version' | 'application_id'): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])

const isEmpty = (database: DatabaseSync): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
