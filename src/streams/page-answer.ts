/** A page as an answer: its body, where it ends, and what a cache needs to know of it. */
import { isCursor } from '../channel/index.ts'
import { answerShared, SharedAnswer } from '../transport/index.ts'
import { answerEmpty, type Exchange, liveCursorOf } from './exchange.ts'
import { fieldsOf, formatOffset, type Offset, type Place } from './place.ts'
import { Unread } from './unread.ts'

export interface PageAnswer {
  readonly contentType: string
  /** Whoever is given the same object is answered with the same bytes. */
  readonly body: Buffer
  readonly place: Place
  /** What the client asked for; an answer to `now` must not be kept. */
  readonly from: Offset
  /** The offset behind which the body begins. */
  readonly after: number
}

/** What else an answer depends on, beside its body. */
interface Variant {
  readonly page: PageAnswer
  readonly streamCursor: string
  readonly cacheControl: string
}

interface Ready extends Variant {
  readonly answer: SharedAnswer
}

/** The last answer with that body: those who wait at one place are all told the same. */
const ready = new WeakMap<Buffer, Ready>()

/** The answer to a read, or 304 where the client has it already. */
export const answerPage = (exchange: Exchange, page: PageAnswer): void => {
  const { response, incoming } = exchange
  if (response.headersSent || response.destroyed) return
  const variant: Variant = {
    page,
    streamCursor: liveCursorOf(exchange),
    cacheControl: cacheControl(exchange, page),
  }
  const known = incoming.headers['if-none-match']
  if (known !== undefined && page.from !== 'now' && matches(known, etagOf(page)))
    return answerEmpty(exchange, 304, validators(variant))
  answerShared(response, answerFor(variant))
  // Most have left by now.
  if (!response.destroyed) Unread.watch(exchange)
}

const answerFor = (variant: Variant): SharedAnswer => {
  const { body, contentType } = variant.page
  const last = ready.get(body)
  if (last !== undefined && isSame(last, variant)) return last.answer
  const fields = { ...validators(variant), 'content-type': contentType, 'content-length': body.length }
  const answer = new SharedAnswer(200, fields, body)
  ready.set(body, { ...variant, answer })
  return answer
}

/** Whether it was `now` is in what caches are told. */
const isSame = (one: Variant, other: Variant): boolean =>
  one.streamCursor === other.streamCursor &&
  one.cacheControl === other.cacheControl &&
  one.page.contentType === other.page.contentType &&
  one.page.after === other.page.after &&
  one.page.place.upToDate === other.page.place.upToDate &&
  one.page.place.closed === other.page.place.closed

/** What an answer and its 304 both say. */
const validators = ({ page, streamCursor, cacheControl }: Variant): Record<string, string> => {
  const fields = fieldsOf(page.place)
  fields['stream-cursor'] = streamCursor
  fields['cache-control'] = cacheControl
  fields['vary'] = 'authorization, origin'
  if (page.from !== 'now') fields['etag'] = etagOf(page)
  return fields
}

/** Of the bytes between two places, and of what is said of the end: a stream that goes on is told anew. */
const etagOf = ({ after, place: { cursor, upToDate, closed } }: PageAnswer): string =>
  `"${after}:${formatOffset(cursor)}${closed ? ':closed' : upToDate ? ':end' : ''}"`

/**
 * What lies between two places never changes; the end of a stream does, and so does what begins there: whoever asks
 * for those must hear of it, so that they are kept but always asked about.
 */
const cacheControl = ({ host, query }: Exchange, { from, place }: PageAnswer): string => {
  if (from === 'now') return 'no-store'
  const whose = host.anonymous ? 'public' : 'private'
  const settled = isCursor(from) && (place.closed || !place.upToDate || query.live !== undefined)
  return settled ? `${whose}, max-age=60, stale-while-revalidate=300` : `${whose}, no-cache`
}

/** RFC 9110, 13.1.2, by weak comparison. */
const matches = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === '*') return true
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}
