// The server's half of the opening handshake over HTTP/1.1 (RFC 6455 §4.2): judges a client's request and writes the
// answer that accepts it. It refuses by throwing a HandshakeError that carries the status; it decides nothing about
// origins, paths or users.

import { HandshakeError } from './errors.ts'
import {
  checkFieldCount,
  checkNoBody,
  checkVersion,
  listField,
  readOffer,
  singleField,
  type HandshakeOffer,
} from './handshake-fields.ts'
import { hasToken, headerLine, headerValues, type HeaderList } from './header.ts'

/** The base64 of 16 bytes. */
const KEY = /^[A-Za-z0-9+/]{22}==$/
const PROTOCOL_FIELD = 'Sec-WebSocket-Protocol'
const EXTENSIONS_FIELD = 'Sec-WebSocket-Extensions'
export const ACCEPT_GUID: string = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface HandshakeRequest {
  readonly method: string
  /** As in `1.1`. */
  readonly httpVersion: string
  readonly headers: HeaderList
}

/** What a valid request asks for, and the key that the answer must prove to have read. */
export interface UpgradeOffer extends HandshakeOffer {
  readonly key: string
}

/** What a server answers an offer with. */
export interface HandshakeConcession {
  /** The chosen subprotocol, or '' for none. */
  readonly protocol: string
  /** The value of Sec-WebSocket-Extensions, or '' for none. */
  readonly extensions?: string
}

export interface HandshakeAcceptance extends HandshakeConcession {
  /** The accept key of the request's key. */
  readonly accept: string
  /** Further headers, one value each. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Whether a request that carries no usable upgrade was meant as a WebSocket: a proxy on the way has taken its
 * hop-by-hop headers. It deserves a 426, which tells the client to use another transport.
 */
export function looksLikeWebSocket(headers: HeaderList): boolean {
  return headerValues(headers, 'sec-websocket-key').length > 0
}

/** Judges a client's opening handshake (§4.2.1), or throws a HandshakeError. */
export function readHandshake(request: HandshakeRequest): UpgradeOffer {
  const { headers } = request
  checkFieldCount(headers.length / 2)
  checkRequestLine(request)
  if (singleField(headers, 'host') === '')
    throw new HandshakeError('bad-host', 'the Host header is missing or empty')
  singleField(headers, 'origin')
  checkNoBody(headers)
  if (!hasToken(listField(headers, 'upgrade'), 'websocket')) {
    throw new HandshakeError('upgrade-missing', 'the Upgrade header does not say websocket')
  }
  if (!hasToken(listField(headers, 'connection'), 'upgrade')) {
    throw new HandshakeError('connection-missing', 'the Connection header does not say Upgrade')
  }
  checkVersion(headers)
  const key = singleField(headers, 'sec-websocket-key')
  if (!KEY.test(key)) throw new HandshakeError('bad-key', 'the Sec-WebSocket-Key is not 16 bytes in base64')
  return { key, ...readOffer(headers) }
}

/** §4.2.2: the first of the client's subprotocols that the server speaks, or '' for none. */
export function chooseProtocol(offered: readonly string[], spoken: readonly string[]): string {
  return offered.find((protocol) => spoken.includes(protocol)) ?? ''
}

/** §4.2.2: the accept key that proves the handshake was understood. */
export function acceptKey(key: string, sha1Base64: (text: string) => string): string {
  return sha1Base64(key + ACCEPT_GUID)
}

/** The head of the 101 answer (§4.2.2). Throws a CallerError for a header that cannot stand in it. */
export function writeAcceptance(acceptance: HandshakeAcceptance): string {
  const { accept, protocol, extensions = '', headers } = acceptance
  let head =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n`
  if (protocol !== '') head += headerLine(PROTOCOL_FIELD, protocol)
  if (extensions !== '') head += headerLine(EXTENSIONS_FIELD, extensions)
  if (headers !== undefined)
    for (const [name, value] of Object.entries(headers)) head += headerLine(name, value)
  return head + '\r\n'
}

/** The fields that tell the client what was chosen, for a version that carries no lines. */
export function concessionHeaders(concession: HandshakeConcession): Record<string, string> {
  const { protocol, extensions = '' } = concession
  return {
    ...(protocol !== '' && { [PROTOCOL_FIELD]: protocol }),
    ...(extensions !== '' && { [EXTENSIONS_FIELD]: extensions }),
  }
}

/** §4.1: the method is GET and the version at least 1.1. */
function checkRequestLine({ method, httpVersion }: HandshakeRequest): void {
  if (method !== 'GET') throw new HandshakeError('bad-method', `the method is ${method}, not GET`)
  if (httpVersion !== '1.1')
    throw new HandshakeError('bad-http-version', `HTTP/${httpVersion} cannot upgrade`)
}
