/**
 * The resume rule: what a position means against one log, as it stands in one atomic read. Either everything
 * after the cursor can be served, or there is exactly one gap, and the stream goes on from its cursor.
 */
import type { Cursor, Position } from './cursor.ts'
import { isCursor } from './cursor.ts'

/** Why a cursor cannot be served. */
export type GapReason =
  /** The cursor is of another life of the log. */
  | 'epoch'
  /** Retention or a trim has taken what follows it. */
  | 'trimmed'
  /** It lies beyond the top: the log has lost its end. */
  | 'ahead'
  /** Its stamp is not that of the log: the log was rolled back and went on differently. */
  | 'rolled-back'

/** What the rule needs to know of a log. */
export interface LogBounds {
  readonly epoch: string
  readonly floor: number
  readonly top: number
  /** The stamp of the entry at `offset`, where the broker keeps stamps; undefined when it has let go of it. */
  stampAt?(offset: number): string | undefined
}

/**
 * - `serve`: everything after `after` follows.
 * - `skip`: an ephemeral channel has let go of (from, after]; readers are told by an `advance`.
 * - `gap`: the cursor cannot be served; the stream goes on after `after`.
 */
export type Resumption =
  | { readonly kind: 'serve'; readonly after: number }
  | { readonly kind: 'skip'; readonly from: number; readonly after: number }
  | { readonly kind: 'gap'; readonly why: GapReason; readonly after: number }

export interface ResumeOptions {
  /** Trimmed ranges are an `advance`, not a gap. */
  readonly ephemeral?: boolean
  /**
   * For a conflating reader: the offset of the last tombstone that was dropped. Its cursor may lie below the
   * floor, since the latest entry of each key is kept whatever the retention.
   */
  readonly conflatedFrom?: number
}

export const resume = (position: Position, log: LogBounds, options: ResumeOptions = {}): Resumption => {
  const start = options.conflatedFrom === undefined ? log.floor - 1 : 0
  if (position === 'start') return { kind: 'serve', after: start }
  if (position === 'now') return { kind: 'serve', after: log.top }
  if (!isCursor(position)) return { kind: 'serve', after: Math.max(log.floor - 1, log.top - position.last) }
  if (position.epoch !== log.epoch) return { kind: 'gap', why: 'epoch', after: start }
  if (position.offset > log.top) return { kind: 'gap', why: 'ahead', after: start }
  // Who conflates and stands at the very start knows of no key: there is no removal that it could have missed.
  if (position.offset < (options.conflatedFrom ?? log.floor - 1) && position.offset !== start) {
    return options.ephemeral === true && options.conflatedFrom === undefined
      ? { kind: 'skip', from: position.offset, after: start }
      : { kind: 'gap', why: 'trimmed', after: start }
  }
  const why = disagreement(position, log)
  return why === undefined ? { kind: 'serve', after: position.offset } : { kind: 'gap', why, after: start }
}

/** A cursor without a stamp, or a log that keeps none, cannot disagree; a stamp that is gone cannot be compared. */
const disagreement = (cursor: Cursor, log: LogBounds): GapReason | undefined => {
  if (cursor.stamp === undefined || log.stampAt === undefined) return undefined
  const stamp = log.stampAt(cursor.offset)
  if (stamp === undefined) return 'trimmed'
  return stamp === cursor.stamp ? undefined : 'rolled-back'
}
