// The opening handshake over HTTP/2 (RFC 8441 §4 and §5), both halves: an extended CONNECT asks for the WebSocket on
// one stream, and a 2xx answer grants it. No key is exchanged, since no HTTP/1.1 server can mistake it for a request of
// its own. It refuses by throwing a HandshakeError or an AnswerError; it decides nothing about origins, paths or users.

import { AnswerError, HandshakeError } from './errors.ts'
import {
  readChoice,
  wishHeaders,
  type HandshakeAnswer,
  type HandshakeChoice,
  type HandshakeWishes,
} from './handshake-answer.ts'
import {
  checkFieldCount,
  checkNoBody,
  checkVersion,
  readOffer,
  singleField,
  type HandshakeOffer,
} from './handshake-fields.ts'
import type { HeaderList } from './header.ts'

/** A request's pseudo-header fields, as HTTP/2 libraries hand them out. */
export interface PseudoHeaders {
  readonly ':method'?: string | undefined
  readonly ':protocol'?: unknown
}

/** Whom an extended CONNECT speaks to. */
export interface ConnectTarget {
  /** RFC 8441 §5: `https` for wss: URLs, `http` for ws: URLs. */
  readonly scheme: 'http' | 'https'
  readonly authority: string
  /** The path and the query. */
  readonly path: string
}

/** Whether a stream asks for another protocol on itself (§4). A CONNECT without `:protocol` asks for a proxy. */
export function isExtendedConnect(headers: PseudoHeaders): boolean {
  return headers[':method'] === 'CONNECT' && headers[':protocol'] !== undefined
}

/** Judges a client's extended CONNECT, pseudo-header fields among its headers, or throws a HandshakeError. */
export function readExtendedConnect(headers: HeaderList): HandshakeOffer {
  checkFieldCount(countFields(headers))
  const method = singleField(headers, ':method')
  const protocol = singleField(headers, ':protocol')
  if (method !== 'CONNECT' || protocol === '')
    throw new HandshakeError('bad-method', `${method} without :protocol is no extended CONNECT`)
  if (protocol !== 'websocket')
    throw new HandshakeError('unknown-protocol', `:protocol is ${protocol}, not websocket`)
  checkTarget(headers)
  singleField(headers, 'origin')
  checkNoBody(headers)
  checkVersion(headers)
  return readOffer(headers)
}

/** The request's header fields. Throws a CallerError for subprotocols that cannot be sent. */
export function connectHeaders(target: ConnectTarget, wishes: HandshakeWishes): Record<string, string> {
  return {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': target.scheme,
    ':authority': target.authority,
    ':path': target.path,
    ...wishHeaders(wishes),
  }
}

/** Judges the answer and returns what the server chose; any 2xx grants the stream. */
export function readConnectAnswer(answer: HandshakeAnswer, asked: readonly string[]): HandshakeChoice {
  const { status, headers } = answer
  if (status < 200 || status > 299) throw new AnswerError('bad-status', `the server answered ${status}`)
  return readChoice(headers, asked)
}

/** §4: unlike a proxy's CONNECT, this one has a scheme, a path and an authority, which is the resource's. */
function checkTarget(headers: HeaderList): void {
  const scheme = singleField(headers, ':scheme')
  if (scheme !== 'http' && scheme !== 'https')
    throw new HandshakeError('bad-scheme', `:scheme is neither http nor https`)
  if (!singleField(headers, ':path').startsWith('/'))
    throw new HandshakeError('bad-path', ':path is missing or does not begin with /')
  const authority = singleField(headers, ':authority')
  const host = singleField(headers, 'host')
  if (authority === '') throw new HandshakeError('bad-host', ':authority is missing or empty')
  // RFC 9113 §8.3.1: a Host that is there too has to name the same.
  if (host !== '' && host !== authority)
    throw new HandshakeError('bad-host', 'the Host header is not the :authority')
}

function countFields(headers: HeaderList): number {
  let count = 0
  for (let at = 0; at < headers.length; at += 2) if (!headers[at]!.startsWith(':')) count++
  return count
}
