/**
 * What a stream was made as: its content type and when it goes. It is written into the channel's metadata, and
 * compared with what a later `PUT` asks for. A channel that was made elsewhere has the content type of its mode.
 */
import type { IncomingMessage } from 'node:http'
import type { ContentType, Expiry } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { fieldOf } from './field.ts'
import { checkContentType, DEFAULT_CONTENT_TYPE, essenceOf, JSON_CONTENT_TYPE, modeOf } from './media-type.ts'

export interface StreamConfig {
  /** As it was given, parameters included. */
  readonly contentType: string
  /** Seconds without a read or an append after which it goes. */
  readonly ttlSeconds?: number
  /** When it goes, milliseconds since 1970. */
  readonly expiresAtMs?: number
}

const TTL = /^(?:0|[1-9]\d{0,9})$/
/** RFC 3339, section 5.6: a date, a time to the second or finer, and an offset. */
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** What a `PUT` asks for. @throws ProtocolError `malformed` */
export const decodeConfig = (incoming: IncomingMessage): StreamConfig => {
  const contentType = checkContentType(fieldOf(incoming, 'content-type') ?? DEFAULT_CONTENT_TYPE)
  const ttl = fieldOf(incoming, 'stream-ttl')
  const expiresAt = fieldOf(incoming, 'stream-expires-at')
  if (ttl !== undefined && expiresAt !== undefined) {
    throw new ProtocolError('malformed', 'a stream has Stream-TTL or Stream-Expires-At, not both')
  }
  if (ttl !== undefined) return { contentType, ttlSeconds: secondsOf(ttl) }
  if (expiresAt !== undefined) return { contentType, expiresAtMs: timeOf(expiresAt) }
  return { contentType }
}

/** Whether two streams were asked for in the same way, however their content types are spelled. */
export const isSameConfig = (one: StreamConfig, other: StreamConfig): boolean =>
  essenceOf(one.contentType) === essenceOf(other.contentType) &&
  one.ttlSeconds === other.ttlSeconds &&
  one.expiresAtMs === other.expiresAtMs

export const expiryOf = ({ ttlSeconds, expiresAtMs }: StreamConfig): Expiry | undefined => {
  if (ttlSeconds !== undefined) return { kind: 'idle', afterMs: ttlSeconds * 1_000 }
  return expiresAtMs === undefined ? undefined : { kind: 'at', atMs: expiresAtMs }
}

/** What payloads of its channel are. */
export const payloadTypeOf = ({ contentType }: StreamConfig): ContentType =>
  modeOf(contentType) === 'json' ? 'json' : 'bytes'

export const encodeMetadata = (config: StreamConfig): string => JSON.stringify(config)

const JSON_CONFIG: StreamConfig = { contentType: JSON_CONTENT_TYPE }
const BYTES_CONFIG: StreamConfig = { contentType: DEFAULT_CONTENT_TYPE }

/** @param metadata of a channel; only this room writes any. @param payloads what the channel holds. */
export const configOf = (metadata: string | undefined, payloads: ContentType): StreamConfig => {
  if (metadata !== undefined) return JSON.parse(metadata) as StreamConfig
  return payloads === 'json' ? JSON_CONFIG : BYTES_CONFIG
}

const secondsOf = (text: string): number => {
  if (!TTL.test(text)) {
    throw new ProtocolError('malformed', 'Stream-TTL is a whole number of seconds, of at most ten digits')
  }
  return Number(text)
}

const timeOf = (text: string): number => {
  const [, date = ''] = TIMESTAMP.exec(text) ?? []
  const ms = date === '' ? Number.NaN : Date.parse(text.toUpperCase())
  // A day that its month does not have is taken for one of the next month.
  const exists = Number.isFinite(ms) && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  if (!exists) throw new ProtocolError('malformed', 'Stream-Expires-At is a time as RFC 3339 spells it')
  return ms
}
