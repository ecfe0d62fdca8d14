/**
 * What a client may ask, as objects that are the same on every transport, and the checks that make a decoded
 * JSON value one of them. Unknown fields are ignored; a known field of the wrong type is refused.
 */
import {
  type Cursor,
  parseCursor,
  parsePosition,
  type Payload,
  type Position,
  type Producer,
} from '../channel/index.ts'
import { decodeBase64 } from './base64.ts'
import { ProtocolError } from './errors.ts'

export const PROTOCOL_VERSION: number = 1
export const SUBPROTOCOL: string = 'holdfast.v1.json'

/** How a session follows a channel. */
export interface SubscribeSpec {
  readonly from: Position
  /** Serve the latest publication of each key instead of every one. */
  readonly conflate: boolean
  /** Data about the member, as JSON text, when this session is to be present; undefined when not. */
  readonly presence: string | undefined
}

export interface Hello {
  readonly type: 'hello'
  readonly id: number
  readonly token: string | undefined
  readonly session: string | undefined
}
export interface Subscribe extends SubscribeSpec {
  readonly type: 'subscribe'
  readonly channel: string
}
export interface Unsubscribe {
  readonly type: 'unsubscribe'
  readonly channel: string
}
export interface Publish {
  readonly type: 'publish'
  readonly id: number
  readonly channel: string
  /** JSON text, or bytes; for a removal the text `null`. */
  readonly data: Payload
  readonly key: string | undefined
  readonly remove: boolean
  readonly producer: Producer | undefined
  readonly expect: Cursor | undefined
}
export interface Fence {
  readonly type: 'fence'
  readonly id: number
  readonly channel: string
  readonly producer: { readonly id: string; readonly epoch: number }
}
export interface Call {
  readonly type: 'call'
  readonly id: number
  readonly method: string
  readonly params: unknown
}
export interface Presence {
  readonly type: 'presence'
  readonly id: number
  readonly channel: string
  /** JSON text about the member; undefined leaves. */
  readonly data: string | undefined
}
export interface History {
  readonly type: 'history'
  readonly id: number
  readonly channel: string
  readonly from: Position
  readonly limit: number
}
export interface Trim {
  readonly type: 'trim'
  readonly id: number
  readonly channel: string
  /** Everything up to and including this cursor is let go. */
  readonly upTo: Cursor
}
export interface Auth {
  readonly type: 'auth'
  readonly id: number
  readonly token: string
}
export interface Ping {
  readonly type: 'ping'
  readonly id: number
}

export type Command =
  Hello | Subscribe | Unsubscribe | Publish | Fence | Call | Presence | History | Trim | Auth | Ping

/** Commands that are answered by a reply with their id. */
export type Request = Exclude<Command, Subscribe | Unsubscribe>

/** Bytes of a channel name, in UTF-8. */
export const MAX_CHANNEL_NAME_BYTES: number = 255
const MAX_ID_LENGTH = 128
const MAX_HISTORY_LIMIT = 1_000

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * One decoded command.
 * @param bytes the payload of a binary WebSocket message, for a `publish`.
 * @throws ProtocolError, whose code is one of the refusal table's.
 */
export const decodeCommand = (value: unknown, bytes?: Uint8Array): Command => {
  if (!isFields(value)) throw malformed('a command is a JSON object')
  switch (value['type']) {
    case 'publish':
      return decodePublish(value, bytes)
    case 'subscribe':
      return { type: 'subscribe', channel: channelOf(value), ...decodeSubscribeSpec(value) }
    case 'unsubscribe':
      return { type: 'unsubscribe', channel: channelOf(value) }
    case 'hello':
      return decodeHello(value)
    case 'remove':
      return decodeRemove(value)
    case 'fence':
      return {
        type: 'fence',
        id: idOf(value),
        channel: channelOf(value),
        producer: decodeProducerEpoch(value['producer']),
      }
    case 'call':
      return { type: 'call', id: idOf(value), method: textOf(value, 'method'), params: value['params'] }
    case 'presence':
      return { type: 'presence', id: idOf(value), channel: channelOf(value), data: jsonOf(value['data']) }
    case 'history':
      return decodeHistory(value)
    case 'trim':
      return {
        type: 'trim',
        id: idOf(value),
        channel: channelOf(value),
        upTo: cursorOf(value['upTo'], 'upTo'),
      }
    case 'auth':
      return { type: 'auth', id: idOf(value), token: textOf(value, 'token') }
    case 'ping':
      return { type: 'ping', id: idOf(value) }
    default:
      throw malformed('unknown command type')
  }
}

/** The id of a command that did not decode, so that its refusal can still be a reply. */
export const idOfRefused = (value: unknown): number | undefined => {
  const id = isFields(value) ? value['id'] : undefined
  return Number.isSafeInteger(id) ? (id as number) : undefined
}

/** How a session wants to follow one channel: the fields of `subscribe`, and the values in a poll's body. */
export const decodeSubscribeSpec = (fields: Fields): SubscribeSpec => {
  const from = fields['from']
  return {
    from: from === undefined ? 'now' : positionOf(from),
    conflate: flagOf(fields, 'conflate'),
    presence: fields['presence'] === undefined ? undefined : jsonOf(fields['presence']),
  }
}

/** A channel name: 1 to 255 bytes of UTF-8 without control characters. */
export const checkChannelName = (name: unknown): string => {
  if (typeof name !== 'string' || name.length === 0) {
    throw new ProtocolError('bad_channel_name', 'a channel name is a non-empty string')
  }
  let bytes = 0
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) {
      throw new ProtocolError('bad_channel_name', 'a channel name holds no control characters')
    }
    // A pair of surrogates is four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  if (bytes > MAX_CHANNEL_NAME_BYTES || !name.isWellFormed()) {
    throw new ProtocolError(
      'bad_channel_name',
      `a channel name is at most ${MAX_CHANNEL_NAME_BYTES} bytes of UTF-8`,
    )
  }
  return name
}

const decodeHello = (fields: Fields): Hello => {
  if (fields['version'] !== PROTOCOL_VERSION) {
    throw new ProtocolError('unsupported_version', `this node speaks version ${PROTOCOL_VERSION}`)
  }
  return {
    type: 'hello',
    id: idOf(fields),
    token: optionalTextOf(fields, 'token'),
    session: optionalTextOf(fields, 'session'),
  }
}

const decodePublish = (fields: Fields, bytes?: Uint8Array): Publish => {
  const expect = fields['expect']
  return {
    type: 'publish',
    id: idOf(fields),
    channel: channelOf(fields),
    data: payloadOf(fields, bytes),
    key: optionalTextOf(fields, 'key'),
    remove: false,
    producer: fields['producer'] === undefined ? undefined : decodeProducer(fields['producer']),
    expect: expect === undefined ? undefined : cursorOf(expect, 'expect'),
  }
}

const decodeRemove = (fields: Fields): Publish => {
  const command = decodePublish({ ...fields, data: null, base64: undefined })
  if (command.key === undefined) throw new ProtocolError('key_required', '`remove` needs a key')
  return { ...command, remove: true }
}

const payloadOf = (fields: Fields, bytes: Uint8Array | undefined): Payload => {
  if (bytes !== undefined) return bytes
  if (fields['base64'] === undefined) {
    const text = jsonOf(fields['data'])
    if (text === undefined) throw malformed('publish needs `data` or `base64`')
    return text
  }
  const text = fields['base64']
  const decoded = typeof text === 'string' ? decodeBase64(text) : undefined
  if (decoded === undefined) throw malformed('`base64` is not base64')
  return decoded
}

const decodeHistory = (fields: Fields): History => {
  const limit = fields['limit'] ?? 100
  return {
    type: 'history',
    id: idOf(fields),
    channel: channelOf(fields),
    from: fields['from'] === undefined ? 'start' : positionOf(fields['from']),
    limit: countOf(limit, 'limit', MAX_HISTORY_LIMIT),
  }
}

const decodeProducer = (value: unknown): Producer => {
  const { id, epoch } = decodeProducerEpoch(value)
  const fields = value as Fields
  return { id, epoch, seq: countOf(fields['seq'], 'producer.seq'), again: flagOf(fields, 'again') }
}

const decodeProducerEpoch = (value: unknown): { id: string; epoch: number } => {
  if (!isFields(value)) throw malformed('`producer` is an object of id, epoch and seq')
  return { id: textOf(value, 'id', MAX_ID_LENGTH), epoch: countOf(value['epoch'], 'producer.epoch') }
}

const channelOf = (fields: Fields): string => checkChannelName(fields['channel'])

const idOf = (fields: Fields): number => countOf(fields['id'], 'id')

const positionOf = (value: unknown): Position => {
  const position = typeof value === 'string' ? parsePosition(value) : undefined
  if (position === undefined) throw new ProtocolError('bad_cursor', '`from` is a cursor, -1, now or last:N')
  return position
}

const cursorOf = (value: unknown, field: string): Cursor => {
  const cursor = typeof value === 'string' ? parseCursor(value) : undefined
  if (cursor === undefined) throw new ProtocolError('bad_cursor', `\`${field}\` is a cursor`)
  return cursor
}

const countOf = (value: unknown, field: string, most: number = Number.MAX_SAFE_INTEGER): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) {
    throw malformed(`\`${field}\` is a whole number from 0 to ${most}`)
  }
  return value
}

const flagOf = (fields: Fields, field: string): boolean => {
  const value = fields[field]
  if (value !== undefined && typeof value !== 'boolean') throw malformed(`\`${field}\` is true or false`)
  return value === true
}

const MAX_TEXT_LENGTH = 16_384

const textOf = (fields: Fields, field: string, most: number = MAX_TEXT_LENGTH): string => {
  const value = fields[field]
  if (typeof value !== 'string' || value.length === 0 || value.length > most) {
    throw malformed(`\`${field}\` is a non-empty string of at most ${most} characters`)
  }
  return value
}

const optionalTextOf = (fields: Fields, field: string): string | undefined =>
  fields[field] === undefined ? undefined : textOf(fields, field)

/** Objects and arrays within each other in a payload: whoever is given it must be able to write it again. */
export const MAX_JSON_DEPTH: number = 500

/** The JSON text of a decoded value; undefined for undefined. */
const jsonOf = (value: unknown): string | undefined => {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    // The only value that JSON.parse can make and JSON.stringify cannot take is one nested too deeply.
    throw malformed(`JSON nested too deeply: ${(cause as Error).message}`)
  }
  if (text !== undefined && depthOf(text) > MAX_JSON_DEPTH) {
    throw malformed(`JSON nested more than ${MAX_JSON_DEPTH} deep`)
  }
  return text
}

/** How deep a JSON text is nested; 0 for one that is too short to be nested too deeply. */
const depthOf = (text: string): number => {
  if (text.length <= 2 * MAX_JSON_DEPTH) return 0
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth)
    else if (char === ']' || char === '}') depth--
  }
  return deepest
}

const malformed = (message: string): ProtocolError => new ProtocolError('malformed', message)
