/**
 * How a message of a document lies in its channel: in one publication, or in parts where it is larger than one may
 * be. It encodes and decodes bytes, and knows nothing of what Yjs makes of them.
 *
 * A publication is: format (1), flags, a nonce of eight bytes, of a part its index and their number (two bytes each),
 * and then the payload. The payload of a snapshot begins with the cursor up to which it covers the log, behind one
 * byte for its length.
 */
import { DocumentError } from './errors.ts'

const FORMAT = 1
const SNAPSHOT = 1
const PART = 2
const NONCE_AT = 2
const PART_AT = 10
/** What stands before the payload of a part. */
const HEAD_BYTES = 14
const MOST_PARTS = 0xffff

export interface Envelope {
  readonly snapshot: boolean
  /** The same in all parts of a message, and in nothing else: 16 digits. */
  readonly nonce: string
  /** Of a message that takes several publications. */
  readonly part: { readonly index: number; readonly count: number } | undefined
  readonly payload: Uint8Array
}

/** A message, whole. */
export interface Message {
  /** An update of Yjs. */
  readonly update: Uint8Array
  /** Of a snapshot: it holds everything in the log up to this cursor. */
  readonly covers: string | undefined
}

/**
 * The publications that carry a message.
 * @param nonce eight random bytes. @param maxBytes of a publication, head and all.
 */
export const encodeMessage = (message: Message, nonce: Uint8Array, maxBytes: number): Uint8Array[] => {
  const snapshot = message.covers === undefined ? 0 : SNAPSHOT
  const payload = snapshot === 0 ? message.update : behindCursor(message.covers as string, message.update)
  if (payload.length + PART_AT <= maxBytes) return [enclose([FORMAT, snapshot, ...nonce], payload)]
  const partBytes = Math.max(1, maxBytes - HEAD_BYTES)
  const count = Math.ceil(payload.length / partBytes)
  if (count > MOST_PARTS) throw new RangeError(`an update of ${payload.length} bytes is too large to publish`)
  return Array.from({ length: count }, (_, index) =>
    enclose(
      [FORMAT, snapshot | PART, ...nonce, index >> 8, index & 0xff, count >> 8, count & 0xff],
      payload.subarray(index * partBytes, (index + 1) * partBytes),
    ),
  )
}

/** @throws DocumentError `unreadable` */
export const decodeEnvelope = (bytes: unknown): Envelope => {
  if (!(bytes instanceof Uint8Array) || bytes.length < PART_AT || bytes[0] !== FORMAT) throw unreadable()
  const flags = bytes[1] as number
  if (flags > (SNAPSHOT | PART)) throw unreadable()
  const snapshot = (flags & SNAPSHOT) !== 0
  const nonce = hexOf(bytes.subarray(NONCE_AT, PART_AT))
  if ((flags & PART) === 0) return { snapshot, nonce, part: undefined, payload: bytes.subarray(PART_AT) }
  if (bytes.length < HEAD_BYTES) throw unreadable()
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const part = { index: view.getUint16(PART_AT), count: view.getUint16(PART_AT + 2) }
  if (part.index >= part.count) throw unreadable()
  return { snapshot, nonce, part, payload: bytes.subarray(HEAD_BYTES) }
}

/** What a whole payload says. @throws DocumentError `unreadable` */
export const decodeMessage = (payload: Uint8Array, snapshot: boolean): Message => {
  if (!snapshot) return { update: payload, covers: undefined }
  const end = 1 + (payload[0] ?? 0)
  if (payload.length <= end) throw unreadable()
  const covers = String.fromCharCode(...payload.subarray(1, end))
  return { update: payload.subarray(end), covers }
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const behindCursor = (cursor: string, update: Uint8Array): Uint8Array =>
  enclose([cursor.length, ...Array.from(cursor, (character) => character.charCodeAt(0))], update)

const enclose = (head: readonly number[], payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

const unreadable = (): DocumentError =>
  new DocumentError('unreadable', 'a publication that is no part of a document was left out')
