/**
 * Pages of stored logs: the resume rule, then a run of records that each verify and follow one another. Damage
 * behind the first entry ends the page before it; at the first entry it is the answer.
 */
import { type GapReason, latestRun, type LogStatus, type ReadRequest, resume } from '../../channel/index.ts'
import type { StoredChannel, Tables } from './stored-channel.ts'
import { spellStamp, type RecordView } from './record.ts'
import { StoreFault } from './faults.ts'

/** A page whose entries are still packed. */
export interface PackedPage {
  readonly kind: 'page'
  readonly epoch: string
  readonly floor: number
  readonly top: number
  readonly status: LogStatus
  readonly bytesChannel: boolean
  readonly conflated: boolean
  readonly metadata: string | undefined
  readonly gap: GapReason | undefined
  readonly skippedFrom: number | undefined
  readonly after: number
  readonly upTo: number
  readonly stamp: string | undefined
  readonly entries: readonly { readonly from: number; readonly record: Uint8Array }[]
}

interface Run {
  readonly entries: PackedPage['entries']
  readonly upTo: number
}

export const readPage = (channel: StoredChannel, tables: Tables, request: ReadRequest): PackedPage => {
  const { row } = channel
  const conflating = request.conflate === true && row.options.conflated
  const resumption = resume(
    request.from,
    { epoch: row.epoch, floor: row.floor, top: row.top, stampAt: (offset) => channel.stampAt(offset) },
    { ephemeral: row.options.ephemeral, ...(conflating ? { conflatedFrom: row.tombstone } : {}) },
  )
  const { after } = resumption
  const stamp = channel.stampNumberAt(after)
  const { entries, upTo } = conflating
    ? readLatest(channel, tables, { after, limit: request.limit })
    : readRun(channel, tables, { after, stamp, limit: request.limit })
  return {
    kind: 'page',
    epoch: row.epoch,
    floor: row.floor,
    top: row.top,
    status: channel.status,
    bytesChannel: row.options.contentType === 'bytes',
    conflated: row.options.conflated,
    metadata: row.options.metadata,
    gap: resumption.kind === 'gap' ? resumption.why : undefined,
    skippedFrom: resumption.kind === 'skip' ? resumption.from : undefined,
    after,
    upTo,
    stamp: stamp === undefined ? undefined : spellStamp(stamp),
    entries,
  }
}

/** The end of a log, as much of it as a tail in memory begins with. */
export const readTail = (
  channel: StoredChannel,
  tables: Tables,
  limit: ReadRequest['limit'],
): { readonly after: number; readonly records: readonly Uint8Array[] } => {
  const { floor, top } = channel.row
  const records: Uint8Array[] = []
  let bytes = 0
  try {
    for (const record of tables.entries.backwards(channel, floor, top)) {
      bytes += record.weight
      if (records.length >= limit.count || bytes > limit.bytes) break
      records.push(record.bytes)
    }
  } catch (fault) {
    // A tail may begin anywhere: what is damaged is met by whoever reads a page of it.
    if (!(fault instanceof StoreFault)) throw fault
  }
  return { after: top - records.length, records: records.reverse() }
}

const readRun = (
  channel: StoredChannel,
  tables: Tables,
  from: { readonly after: number; readonly stamp: number | undefined; readonly limit: ReadRequest['limit'] },
): Run => {
  const { after, limit } = from
  const last = Math.min(channel.row.top, after + limit.count)
  const entries: { from: number; record: Uint8Array }[] = []
  let bytes = 0
  let previous = from.stamp
  try {
    if (last > after) {
      for (const record of tables.entries.range(channel, after + 1, last)) {
        checkFollows(channel, tables, record, previous)
        previous = record.stamp
        bytes += record.weight
        if (bytes > limit.bytes && entries.length > 0) break
        entries.push({ from: record.offset - 1, record: record.bytes })
      }
    }
  } catch (fault) {
    if (entries.length === 0) throw fault
  }
  return { entries, upTo: after + entries.length }
}

const checkFollows = (
  channel: StoredChannel,
  tables: Tables,
  record: RecordView,
  previous: number | undefined,
): void => {
  if (previous === undefined || record.follows(previous)) return
  tables.entries.damaged(channel, record.offset, 'the entry does not follow the one before it')
}

const readLatest = (
  channel: StoredChannel,
  tables: Tables,
  from: { readonly after: number; readonly limit: ReadRequest['limit'] },
): Run => {
  const { after, limit } = from
  const { top, tombstone, liveKeys } = channel.row
  const run = latestRun(tables.keys.latestAfter(channel, after), {
    after,
    top,
    limit,
    servesFrom: tombstone,
    weightOf: ({ record }) => record.weight,
  })
  if (after === 0 && run.upTo === top) {
    const live = run.entries.reduce((count, { publication }) => count + (publication.removed ? 0 : 1), 0)
    if (live !== liveKeys)
      tables.entries.damaged(channel, top, `it has ${liveKeys} keys, and ${live} were found`)
  }
  return {
    entries: run.entries.map(({ from, publication }) => ({ from, record: publication.record.bytes })),
    upTo: run.upTo,
  }
}
