// Reading the head of an HTTP/1.1 request that can be read in one way only. It is no HTTP parser: whatever is unusual,
// ambiguous, incomplete or wrong is not read at all, and is left to node:http, which judges it.

import type { IncomingHttpHeaders } from 'node:http'

/** The fields of a head, as far as they do not depend on its request line. */
export interface PlainFields {
  /** As they came, each with its line's end, and the empty line. */
  readonly text: string
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
  /** Where the body begins. */
  readonly end: number
  readonly bodyBytes: number
}

const MOST_BYTES = 8_192
const END = Buffer.from('\r\n\r\n')
const REQUEST_LINE = /^(?:GET|POST|PUT|DELETE|OPTIONS) \/[\w!$%&'()*+,\-./:;=?@~]* HTTP\/1\.1$/
const VERSION = ' HTTP/1.1'
const FIELDS = /^(?:[\w!#$%&'*+\-.^`|~]+:[ -~]*\r\n)+\r\n$/
/** What would change how the message is framed, what follows it, or who else has to agree. */
const UNUSUAL = [
  'transfer-encoding',
  'expect',
  'trailer',
  'te',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
]
const LENGTH = /^\d{1,7}$/
const UPGRADE = /^(?:keep-alive, ?)?upgrade$/i

/**
 * The head at the beginning of `bytes`; undefined when it is not all there, or not plain.
 * @param last the fields that came on its connection before: most clients say the same again.
 */
export function readPlainHead(bytes: Buffer, last?: PlainFields): PlainHead | undefined {
  const at = bytes.indexOf(END)
  if (at < 0 || at > MOST_BYTES) return undefined
  const end = at + END.length
  const text = bytes.toString('latin1', 0, end)
  const lineEnd = text.indexOf('\r\n')
  const line = text.slice(0, lineEnd)
  if (!REQUEST_LINE.test(line)) return undefined
  const space = line.indexOf(' ')
  const method = line.slice(0, space)
  const url = line.slice(space + 1, -VERSION.length)
  const fieldsText = text.slice(lineEnd + 2)
  const fields = last?.text === fieldsText ? last : readFields(fieldsText)
  if (fields === undefined) return undefined
  const bodyBytes = bodyBytesOf(method, fields.headers['content-length'])
  if (bodyBytes === undefined || (fields.upgrade && method !== 'GET')) return undefined
  return { method, url, fields, end, bodyBytes }
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
    const key = name.toLowerCase()
    if (key in headers) return undefined
    const value = text.slice(colon + 1, next).trim()
    headers[key] = value
    rawHeaders.push(name, value)
    at = next + 2
  }
  for (const name of UNUSUAL) if (name in headers) return undefined
  if (headers['host'] === undefined || !isPlainConnection(headers)) return undefined
  return { text, headers, rawHeaders, upgrade: headers['upgrade'] !== undefined }
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
