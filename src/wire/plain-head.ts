// Reading the head of an HTTP/1.1 request that can be read in one way only. It is no HTTP parser: whatever is unusual,
// ambiguous, incomplete or wrong is not read at all, and is left to node:http, which judges it.

import type { IncomingHttpHeaders } from 'node:http'

export interface PlainHead {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[]
  /** Where the body begins. */
  readonly end: number
  readonly bodyBytes: number
  /** It asks for a WebSocket on its connection. */
  readonly upgrade: boolean
}

const MOST_BYTES = 8_192
const END = Buffer.from('\r\n\r\n')
const HEAD =
  /^(GET|POST|PUT|DELETE|OPTIONS) (\/[\w!$%&'()*+,\-./:;=?@~]*) HTTP\/1\.1\r\n((?:[\w!#$%&'*+\-.^`|~]+:[ -~]*\r\n)+)\r\n$/
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

/** The head at the beginning of `bytes`; undefined when it is not all there, or not plain. */
export function readPlainHead(bytes: Buffer): PlainHead | undefined {
  const last = bytes.indexOf(END)
  if (last < 0 || last > MOST_BYTES) return undefined
  const end = last + END.length
  const [, method, url, fields] = HEAD.exec(bytes.toString('latin1', 0, end)) ?? []
  if (method === undefined || url === undefined || fields === undefined) return undefined
  const rawHeaders: string[] = []
  const headers = readFields(fields, rawHeaders)
  if (headers === undefined) return undefined
  const upgrade = headers.upgrade !== undefined
  const bodyBytes = bodyBytesOf(method, headers['content-length'])
  if (bodyBytes === undefined || !isPlainConnection(headers) || (upgrade && method !== 'GET'))
    return undefined
  return { method, url, headers, rawHeaders, end, bodyBytes, upgrade }
}

/** Undefined where a field stands there twice, is one of the unusual, or where there is no `Host`. */
function readFields(fields: string, raw: string[]): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {}
  for (let at = 0; at < fields.length;) {
    const colon = fields.indexOf(':', at)
    const next = fields.indexOf('\r\n', colon)
    const name = fields.slice(at, colon)
    const key = name.toLowerCase()
    if (key in headers) return undefined
    const value = fields.slice(colon + 1, next).trim()
    headers[key] = value
    raw.push(name, value)
    at = next + 2
  }
  for (const name of UNUSUAL) if (name in headers) return undefined
  return headers['host'] === undefined ? undefined : headers
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
