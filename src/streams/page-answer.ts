/** A page as an answer: its body, where it ends, and what a cache needs to know of it. */
import { isCursor } from '../channel/index.ts'
import { answerEmpty, type Exchange, liveCursorOf } from './exchange.ts'
import { decodeOffset, fieldsOf, formatOffset, type Place } from './place.ts'
import { Unread } from './unread.ts'

export interface PageAnswer {
  readonly contentType: string
  readonly body: Buffer
  readonly place: Place
  /** Undefined where the answer must not be kept. */
  readonly etag: string | undefined
}

/** The answer to a read, or 304 where the client has it already. */
export const answerPage = (exchange: Exchange, { contentType, body, place, etag }: PageAnswer): void => {
  const { response, incoming } = exchange
  if (response.headersSent || response.destroyed) return
  const fields: Record<string, string | number> = fieldsOf(place)
  fields['stream-cursor'] = liveCursorOf(exchange)
  fields['cache-control'] = etag === undefined ? 'no-store' : cacheControl(exchange, place)
  fields['vary'] = 'authorization, origin'
  if (etag !== undefined) fields['etag'] = etag
  if (etag !== undefined && matches(incoming.headers['if-none-match'], etag)) {
    return answerEmpty(exchange, 304, fields)
  }
  fields['content-type'] = contentType
  fields['content-length'] = body.length
  response.writeHead(200, fields)
  response.end(body)
  // Most have left by now.
  if (!response.destroyed) Unread.watch(exchange)
}

/** Of the bytes between two places, and of what is said of the end: a stream that goes on is told anew. */
export const etagBetween = (after: number, { cursor, upToDate, closed }: Place): string =>
  `"${after}:${formatOffset(cursor)}${closed ? ':closed' : upToDate ? ':end' : ''}"`

/**
 * What lies between two places never changes; the end of a stream does, and so does what begins there: whoever asks
 * for those must hear of it, so that they are kept but always asked about.
 */
const cacheControl = ({ host, query }: Exchange, { upToDate, closed }: Place): string => {
  const whose = host.anonymous ? 'public' : 'private'
  const between = isCursor(decodeOffset(query.offset ?? '-1'))
  const settled = between && (closed || !upToDate || query.live !== undefined)
  return settled ? `${whose}, max-age=60, stale-while-revalidate=300` : `${whose}, no-cache`
}

/** RFC 9110, 13.1.2, by weak comparison. */
const matches = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === '*') return true
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}
