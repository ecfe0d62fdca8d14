/** A publication as an application sees it, made from the event that brought it. */
import { formatCursor } from '../channel/index.ts'
import { decodeBase64, type PublicationEvent } from '../protocol/index.ts'

/** One entry of a channel's log. `T` is what the application says its data is; nothing checks it. */
export interface Publication<T = unknown> {
  readonly channel: string
  /** Where a subscription goes on after it. */
  readonly cursor: string
  /** Its number in the channel, from 1, without holes. */
  readonly offset: number
  /** When it was appended, by the server's clock, milliseconds since 1970. */
  readonly time: number
  /** A JSON value, or a `Uint8Array` on a channel of bytes. */
  readonly data: T
  /** What it is the latest value of, on a conflated channel. */
  readonly key: string | undefined
  /** The key is gone. */
  readonly removed: boolean
}

/** @param bytes the payload, where it came beside the event. */
export const publicationOf = (event: PublicationEvent, bytes?: Uint8Array): Publication => ({
  channel: event.channel,
  cursor: formatCursor(event),
  offset: event.offset,
  time: event.time,
  data: bytes ?? (event.base64 === undefined ? event.data : decodeBase64(event.base64)),
  key: event.key,
  removed: event.removed === true,
})
