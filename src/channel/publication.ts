/**
 * One entry of a channel's log. A payload is opaque here: it is the JSON text or the bytes that were
 * published, and nothing on the way to a subscriber parses it again.
 */

/** JSON text (a `json` channel) or bytes (a `bytes` channel). */
export type Payload = string | Uint8Array

/** What every payload of a channel is; fixed when the channel is created. */
export type ContentType = 'json' | 'bytes'

/** Who published an entry, as the ledger knows it: see producer.ts. */
export interface ProducerStamp {
  readonly id: string
  readonly epoch: number
  readonly seq: number
}

/** All fields are always present, so that every publication has one hidden class. */
export interface Publication {
  /** Its number in the channel: 1, 2, 3 … without holes, up to 2^53 − 1. */
  readonly offset: number
  /** When the broker appended it, in milliseconds since 1970. */
  readonly time: number
  readonly data: Payload
  /** The key that conflation works by; undefined on a plain channel. */
  readonly key: string | undefined
  /** True for a tombstone: the key is gone, and `data` is `null` or empty. */
  readonly removed: boolean
  readonly producer: ProducerStamp | undefined
  /** Chain stamp up to and including this entry, where the broker can roll back; 8 hex digits. */
  readonly stamp: string | undefined
}

export const contentTypeOf = (data: Payload): ContentType => (typeof data === 'string' ? 'json' : 'bytes')

/**
 * Bytes that an entry counts for in retention and page limits. A string counts its UTF-16 length, which is
 * its byte length for ASCII and within a factor of three otherwise: a bound, cheap enough for every append.
 */
export const weigh = (publication: { data: Payload; key?: string | undefined }): number =>
  publication.data.length +
  (publication.key === undefined ? 0 : publication.key.length) +
  ENTRY_OVERHEAD_BYTES

/** What an entry costs beside its payload, so that a million empty ones are not free. */
export const ENTRY_OVERHEAD_BYTES: number = 64
