/**
 * Refusals as this face answers them: codes are those of the protocol's table, statuses those of Durable Streams,
 * which differ for a few, and some carry fields that say what to do.
 */
import { cursorAt, type ErrorCode, ERRORS, ProtocolError } from '../protocol/index.ts'
import type { GapReason } from '../channel/index.ts'
import type { FoundPage } from './place.ts'

/** Where Durable Streams has another status than the table. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  content_type: 409,
  // What has been deleted is not there. Offsets of its life are met by a later one with 410.
  deleted: 404,
  // The stream is written through another transport, with keys.
  key_required: 405,
}

const WHY: Record<GapReason, string> = {
  epoch: 'it is of another life of this stream, or of another stream',
  trimmed: 'what follows it is not kept any more',
  ahead: 'the stream ends before it',
  'rolled-back': 'the stream has gone on differently from there',
}

export interface RefusalOptions {
  readonly status?: number
  readonly fields?: Readonly<Record<string, string>>
}

export class StreamRefusal extends ProtocolError {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, options: RefusalOptions = {}) {
    super(code, message)
    this.status = options.status ?? statusOf(code)
    this.fields = options.fields ?? {}
  }

  static missing(): StreamRefusal {
    return new StreamRefusal('not_found', 'there is no such stream')
  }

  /** The offset cannot be served; the earliest that can is told. */
  static gone(page: FoundPage, why: GapReason): StreamRefusal {
    return new StreamRefusal('bad_cursor', `the offset cannot be served: ${WHY[why]}`, {
      status: 410,
      fields: { 'stream-earliest-offset': cursorAt(page.epoch, page.after, page.stamp) },
    })
  }
}

export const statusOf = (code: ErrorCode): number => STATUSES[code] ?? ERRORS[code].status
