/**
 * What becomes of an append, before anything is changed: the ledger's verdict, then `expect`, then the entries.
 * One set of rules for every broker of this room; where the state comes from is the broker's affair.
 */
import {
  type AppendRequest,
  type AppendResult,
  type ChannelOptions,
  type Cursor,
  type LogStatus,
  refuseEntry,
  type RefusalCode,
  type Verdict,
} from '../channel/index.ts'

/** A channel as an append finds it. */
export interface AppendSite {
  readonly log: {
    readonly epoch: string
    readonly top: number
    readonly status: LogStatus
    /** Chain stamp at the top, where the broker keeps stamps. */
    readonly stamp?: string
  }
  /** The greatest `sequence` of an append so far. */
  readonly sequence: string | undefined
  readonly options: ChannelOptions
  /** The ledger's, of an append with a producer. */
  readonly verdict: Verdict | undefined
  /** Keys that have a value; undefined on a plain channel. */
  readonly keys: { readonly size: number; has(key: string): boolean } | undefined
}

/** The answer of an append that changes nothing, or undefined: it is to be made. */
export const decideAppend = (request: AppendRequest, site: AppendSite): AppendResult | undefined => {
  const { log, options } = site
  const known = answerOf(site.verdict, log)
  if (known !== undefined) return known
  if (log.status === 'closed') return { ...refused('closed'), cursor: tailOf(log) }
  if (request.expect !== undefined && !isTail(request.expect, log)) {
    return { ...refused('expect_failed'), cursor: tailOf(log) }
  }
  if (request.sequence !== undefined && site.sequence !== undefined && request.sequence <= site.sequence) {
    return refused('sequence_behind')
  }
  for (const entry of request.entries) {
    const code = refuseEntry(entry, options)
    if (code !== undefined) return refused(code)
  }
  return keysAfter(request, site.keys) > options.maxKeys ? refused('too_many_keys') : undefined
}

const answerOf = (verdict: Verdict | undefined, log: AppendSite['log']): AppendResult | undefined => {
  switch (verdict?.kind) {
    case undefined:
    case 'fresh':
      return undefined
    case 'duplicate':
      return {
        kind: 'duplicate',
        epoch: log.epoch,
        ...verdict.result,
        lastSeq: verdict.last,
        tail: tailOf(log),
        status: log.status,
      }
    case 'fenced':
      return { kind: 'refused', code: 'producer_fenced', expected: verdict.epoch }
    case 'hole':
      return { kind: 'refused', code: 'producer_hole', expected: verdict.expected }
    case 'unknown':
      return refused('producer_unknown')
  }
}

const tailOf = ({ epoch, top, stamp }: AppendSite['log']): Cursor =>
  stamp === undefined ? { epoch, offset: top } : { epoch, offset: top, stamp }

const isTail = (cursor: Cursor, log: AppendSite['log']): boolean =>
  cursor.epoch === log.epoch &&
  cursor.offset === log.top &&
  (cursor.stamp === undefined || log.stamp === undefined || cursor.stamp === log.stamp)

/** Keys with a value once the request is appended; 0 where it adds none. */
const keysAfter = (request: AppendRequest, keys: AppendSite['keys']): number => {
  if (keys === undefined) return 0
  const last = new Map<string, boolean>()
  for (const { key, remove } of request.entries) if (key !== undefined) last.set(key, remove !== true)
  let added = 0
  for (const [key, present] of last) added += Number(present) - Number(keys.has(key))
  return added > 0 ? keys.size + added : 0
}

const refused = (code: RefusalCode): { kind: 'refused'; code: RefusalCode } => ({ kind: 'refused', code })
