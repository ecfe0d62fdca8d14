// Reading the head of an HTTP/1.1 request that can be read in one way only. It is no HTTP parser: whatever is unusual,
// ambiguous, incomplete or wrong is not read at all, and is left to node:http, which judges it.

import type { IncomingHttpHeaders } from 'node:http'

/** The fields of a head, as far as they do not depend on its request line. */
export interface PlainFields {
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[]
  /** It asks for a WebSocket on its connection. */
  readonly upgrade: boolean
}

export interface PlainHead {
  readonly method: string
  readonly url: string
  readonly fields: PlainFields
  /** Where they begin. */
  readonly fieldsAt: number
  /** Where the body begins. */
  readonly end: number
  readonly bodyBytes: number
}

const MOST_BYTES = 8_192
const LINE_END = Buffer.from('\r\n')
const END = Buffer.from('\r\n\r\n')
const REQUEST_LINE = /^(?:GET|POST|PUT|DELETE|OPTIONS) \/[\w!$%&'()*+,\-./:;=?@~]* HTTP\/1\.1$/
const VERSION = ' HTTP/1.1'
const FIELDS = /^(?:[\w!#$%&'*+\-.^`|~]+:[ -~]*\r\n)+\r\n$/
/** What would change how the message is framed, what follows it, or who else has to agree. */
const UNUSUAL: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'trailer',
  'te',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
])
const COMMON = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Cache-Control',
  'Connection',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'Host',
  'If-None-Match',
  'Origin',
  'Pragma',
  'Referer',
  'Sec-Fetch-Dest',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Site',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version',
  'Upgrade',
  'User-Agent',
  'X-Forwarded-For',
]
/** The lower case of names as clients write them: to look it up costs less than to make it. */
const LOWER_CASE: ReadonlyMap<string, string> = new Map(
  COMMON.flatMap((name) => [name, name.toLowerCase()].map((spelled) => [spelled, name.toLowerCase()])),
)
const SPACE = 0x20
const LENGTH = /^\d{1,7}$/
const UPGRADE = /^(?:keep-alive, ?)?upgrade$/i

/** Fields that came on a connection, and how they were written: most clients say the same again. */
export interface KnownFields {
  readonly bytes: Buffer
  readonly fields: PlainFields
}

export const knownFields = (bytes: Buffer, { fields, fieldsAt, end }: PlainHead): KnownFields => ({
  bytes: Buffer.from(bytes.subarray(fieldsAt, end)),
  fields,
})

/**
 * The head at the beginning of `bytes`; undefined when it is not all there, or not plain.
 * @param known the fields that came on its connection before.
 */
export function readPlainHead(bytes: Buffer, known?: KnownFields): PlainHead | undefined {
  const at = bytes.indexOf(END)
  if (at < 0 || at > MOST_BYTES) return undefined
  const end = at + END.length
  const fieldsAt = bytes.indexOf(LINE_END) + LINE_END.length
  const line = bytes.toString('latin1', 0, fieldsAt - LINE_END.length)
  if (!REQUEST_LINE.test(line)) return undefined
  const space = line.indexOf(' ')
  const method = line.slice(0, space)
  const url = line.slice(space + 1, -VERSION.length)
  const fields =
    known !== undefined && known.bytes.compare(bytes, fieldsAt, end) === 0
      ? known.fields
      : readFields(bytes.toString('latin1', fieldsAt, end))
  if (fields === undefined) return undefined
  const bodyBytes = bodyBytesOf(method, fields.headers['content-length'])
  if (bodyBytes === undefined || (fields.upgrade && method !== 'GET')) return undefined
  return { method, url, fields, fieldsAt, end, bodyBytes }
}

/** Undefined where a field stands there twice, is one of the unusual, or where there is no `Host`. */
function readFields(text: string): PlainFields | undefined {
  if (!FIELDS.test(text)) return undefined
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = []
  for (let at = 0; at < text.length - 2;) {
    const colon = text.indexOf(':', at)
    const next = text.indexOf('\r\n', colon)
    const name = text.slice(at, colon)
    const common = LOWER_CASE.get(name)
    const key = common ?? name.toLowerCase()
    if (key in headers || (common === undefined && UNUSUAL.has(key))) return undefined
    const value = valueOf(text, colon + 1, next)
    headers[key] = value
    rawHeaders.push(name, value)
    at = next + 2
  }
  if (headers['host'] === undefined || !isPlainConnection(headers)) return undefined
  return { headers, rawHeaders, upgrade: headers['upgrade'] !== undefined }
}

/** What stands there without the spaces around it; what else might surround it is not plain. */
function valueOf(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && text.charCodeAt(from) === SPACE) from++
  while (from < to && text.charCodeAt(to - 1) === SPACE) to--
  return text.slice(from, to)
}

/** Of what comes without a body none may be announced, of what comes with one it must be. */
function bodyBytesOf(method: string, length: string | undefined): number | undefined {
  if (method === 'POST' || method === 'PUT')
    return length !== undefined && LENGTH.test(length) ? Number(length) : undefined
  return length === undefined ? 0 : undefined
}

/** It stays as it is, or becomes a WebSocket. */
function isPlainConnection({ connection, upgrade }: IncomingHttpHeaders): boolean {
  if (upgrade === undefined) return connection === undefined || connection.toLowerCase() === 'keep-alive'
  return upgrade.toLowerCase() === 'websocket' && connection !== undefined && UPGRADE.test(connection)
}
