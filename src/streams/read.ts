/** `GET` without waiting: one page from an offset, and what a cache needs to know of it. */
import { isCursor } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { answerEmpty, type Exchange, liveCursorOf } from './exchange.ts'
import { fieldOf } from './field.ts'
import { bodyFraming } from './framing.ts'
import { modeOf } from './media-type.ts'
import {
  decodeOffset,
  fieldsOf,
  type FoundPage,
  formatOffset,
  type Offset,
  type Place,
  placeOf,
  tailOf,
} from './place.ts'
import { StreamRefusal } from './refusal.ts'
import { configOf } from './stream-config.ts'
import { Unread } from './unread.ts'

/** @throws (rejects with) ProtocolError */
export const readStream = async (exchange: Exchange, from: Offset): Promise<void> => {
  const { host, channel } = exchange
  const { pagePublications, pageBytes } = host.limits
  const [page] = await host.broker.read([
    { channel, from, limit: { count: pagePublications, bytes: pageBytes } },
  ])
  if (page?.kind !== 'page') throw StreamRefusal.missing()
  if (page.gap !== undefined) throw StreamRefusal.gone(page, page.gap)
  const { contentType } = configOf(page.metadata, page.contentType)
  const body = bodyFraming(modeOf(contentType)).encode({ channel, epoch: page.epoch }, page.entries)
  answerPage(exchange, {
    contentType,
    body,
    place: placeOf(page),
    etag: from === 'now' ? undefined : etagOf(page),
  })
}

/** `HEAD`: where a stream ends and what it was made as. @throws (rejects with) ProtocolError */
export const describeStream = async (exchange: Exchange): Promise<void> => {
  const info = await exchange.host.broker.describe(exchange.channel)
  if (info === undefined) throw StreamRefusal.missing()
  const config = configOf(info.options.metadata, info.options.contentType)
  const { ttlSeconds, expiresAtMs } = config
  answerEmpty(exchange, 200, {
    'content-type': config.contentType,
    ...fieldsOf({ ...tailOf(info), upToDate: false }),
    ...(ttlSeconds === undefined ? {} : { 'stream-ttl': String(ttlSeconds) }),
    ...(expiresAtMs === undefined ? {} : { 'stream-expires-at': new Date(expiresAtMs).toISOString() }),
  })
}

/** `DELETE`. @throws (rejects with) ProtocolError */
export const deleteStream = async (exchange: Exchange): Promise<void> => {
  if (!(await exchange.host.broker.delete(exchange.channel))) throw StreamRefusal.missing()
  answerEmpty(exchange, 204, {})
}

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
  const fields = {
    ...fieldsOf(place),
    'stream-cursor': liveCursorOf(exchange),
    'cache-control': etag === undefined ? 'no-store' : cacheControl(exchange, place),
    vary: 'authorization, origin',
    ...(etag === undefined ? {} : { etag }),
  }
  if (etag !== undefined && matches(fieldOf(incoming, 'if-none-match'), etag)) {
    return answerEmpty(exchange, 304, fields)
  }
  Unread.watch(exchange)
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length, ...fields })
  response.end(body)
}

/** Of the bytes between two places, and of what is said of the end: a stream that goes on is told anew. */
export const etagOf = (page: FoundPage): string => etagBetween(page.after, placeOf(page))

export const etagBetween = (after: number, { cursor, upToDate, closed }: Place): string =>
  `"${after}:${formatOffset(cursor)}${closed ? ':closed' : upToDate ? ':end' : ''}"`

/**
 * What lies between two places never changes; the end of a stream does, and so does what begins there: whoever asks
 * for those must hear of it, so that they are kept but always asked about.
 */
const cacheControl = ({ host, query }: Exchange, { upToDate, closed }: Place): string => {
  const whose = host.anonymous ? 'public' : 'private'
  const between = isCursor(decodeOffset(query.get('offset') ?? '-1'))
  const settled = between && (closed || !upToDate || query.has('live'))
  return settled ? `${whose}, max-age=60, stale-while-revalidate=300` : `${whose}, no-cache`
}

/** RFC 9110, 13.1.2, by weak comparison. */
const matches = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === '*') return true
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}

/** @throws ProtocolError `malformed` when it stands there twice */
export const parameterOf = (query: URLSearchParams, name: string): string | undefined => {
  const [value, second] = query.getAll(name)
  if (second !== undefined) throw new ProtocolError('malformed', `\`${name}\` stands there twice`)
  return value
}
