/**
 * Content types of streams, as far as this face has to tell them apart: RFC 9110, 8.3. It looks at the type alone
 * and keeps parameters as they were given.
 */
import { ProtocolError } from '../protocol/index.ts'

/** What a stream is that was made without saying. */
export const DEFAULT_CONTENT_TYPE: string = 'application/octet-stream'
export const JSON_CONTENT_TYPE: string = 'application/json'

/** How the entries of a stream are read and written. */
export type Mode =
  /** `application/json`: every entry is a JSON value, and what is read is an array of them. */
  | 'json'
  /** `text/*`: bytes that SSE carries as they are. */
  | 'text'
  /** Everything else: bytes, as base64 over SSE. */
  | 'binary'

const MAX_LENGTH = 256
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** The type without its parameters, in lower case: what two content types have to share. */
export const essenceOf = (contentType: string): string =>
  (contentType.split(';', 1)[0] as string).trim().toLowerCase()

/** @throws ProtocolError `malformed` */
export const checkContentType = (contentType: string): string => {
  if (contentType.length > MAX_LENGTH || !TOKEN.test(essenceOf(contentType))) {
    throw new ProtocolError('malformed', `Content-Type is type/subtype, of at most ${MAX_LENGTH} characters`)
  }
  return contentType
}

export const modeOf = (contentType: string): Mode => {
  if (contentType === JSON_CONTENT_TYPE) return 'json'
  const essence = essenceOf(contentType)
  if (essence === JSON_CONTENT_TYPE) return 'json'
  return essence.startsWith('text/') ? 'text' : 'binary'
}
