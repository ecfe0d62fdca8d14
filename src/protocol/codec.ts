/**
 * Objects to text and back. A publication is written once, here, for all transports: WebSocket frames, SSE
 * events and poll answers differ only in what stands around this text. Bytes travel as base64 in text, and in
 * a binary WebSocket message as they are: a header's length (4 bytes, big-endian), the header as JSON, the bytes.
 */
import { type Covering, formatCursor } from '../channel/index.ts'
import { encodeBase64 } from './base64.ts'
import { ProtocolError } from './errors.ts'
import type { ServerEvent } from './events.ts'

declare class TextEncoder {
  encode(text: string): Uint8Array
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean })
  decode(bytes: Uint8Array): string
}

const HEADER_LENGTH_BYTES = 4

/** Which channel a publication is written for. */
export interface PublicationContext {
  readonly channel: string
  readonly epoch: string
  /** Where the snapshot ends that it is part of. */
  readonly snapshot?: number | undefined
}

/** One `publication` event as JSON text, without bytes: those follow it or are spliced in as base64. */
const publicationHead = (context: PublicationContext, covering: Covering): string => {
  const { publication, from } = covering
  let head = `{"type":"publication","channel":${JSON.stringify(context.channel)},"epoch":"${context.epoch}","offset":${publication.offset}`
  if (from !== publication.offset - 1) head += `,"from":${from}`
  if (context.snapshot !== undefined) head += `,"snapshot":${context.snapshot}`
  head += `,"time":${publication.time}`
  if (publication.key !== undefined) head += `,"key":${JSON.stringify(publication.key)}`
  if (publication.removed) head += ',"removed":true'
  if (publication.stamp !== undefined) head += `,"stamp":"${publication.stamp}"`
  return head
}

/** The text of a `publication` event. JSON payloads are spliced in as they were stored, never parsed again. */
export const encodePublication = (context: PublicationContext, covering: Covering): string => {
  const { data } = covering.publication
  const head = publicationHead(context, covering)
  return typeof data === 'string' ? `${head},"data":${data}}` : `${head},"base64":"${encodeBase64(data)}"}`
}

/** The binary message of a `publication` event whose payload is bytes. */
export const encodeBinaryPublication = (
  context: PublicationContext,
  covering: Covering,
  bytes: Uint8Array,
): Uint8Array => encodeBinary(`${publicationHead(context, covering)}}`, bytes)

export const encodeBinary = (header: string, bytes: Uint8Array): Uint8Array => {
  const head = new TextEncoder().encode(header)
  const message = new Uint8Array(HEADER_LENGTH_BYTES + head.length + bytes.length)
  new DataView(message.buffer).setUint32(0, head.length)
  message.set(head, HEADER_LENGTH_BYTES)
  message.set(bytes, HEADER_LENGTH_BYTES + head.length)
  return message
}

/** The header of a binary message as a JSON value, and the bytes after it (a view, not a copy). */
export const decodeBinary = (message: Uint8Array): { header: unknown; bytes: Uint8Array } => {
  if (message.length < HEADER_LENGTH_BYTES)
    throw new ProtocolError('malformed', 'a binary message starts with its header length')
  const length = new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(0)
  const end = HEADER_LENGTH_BYTES + length
  if (end > message.length) throw new ProtocolError('malformed', 'the header is longer than the message')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(message.subarray(HEADER_LENGTH_BYTES, end))
  } catch {
    throw new ProtocolError('malformed', 'the header is not UTF-8')
  }
  return { header: decodeJson(text), bytes: message.subarray(end) }
}

/** @throws ProtocolError `malformed` */
export const decodeJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProtocolError('malformed', 'not JSON')
  }
}

/** One line: a line break never stands raw in it (U+2028 and U+2029 may, and end no line of any transport). */
export const encodeEvent = (event: ServerEvent): string => JSON.stringify(event)

export const cursorAt = (epoch: string, offset: number, stamp?: string): string =>
  formatCursor({ epoch, offset, stamp })
