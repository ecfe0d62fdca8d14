// The server's half of the opening handshake (RFC 6455 §4.2): judges a client's request and writes the answer that
// accepts it. Every single-valued field may stand there once, in plain ASCII. It refuses by throwing a HandshakeError
// that carries the status; it decides nothing about origins, paths or users.

import { HandshakeError } from './errors.ts'
import { parseExtensions, type Extension } from './extension.ts'
import { hasToken, headerLine, headerValues, isPlainAscii, parseTokens, type HeaderList } from './header.ts'

const MAX_HEADERS = 100
const KEY_LENGTH = 24
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface HandshakeRequest {
  readonly method: string
  /** As in `1.1`. */
  readonly httpVersion: string
  readonly headers: HeaderList
}

/** What a valid request asks for. */
export interface HandshakeOffer {
  readonly key: string
  /** In the client's order of preference. */
  readonly protocols: readonly string[]
  readonly extensions: readonly Extension[]
}

export interface HandshakeAcceptance {
  /** The accept key of the request's key. */
  readonly accept: string
  /** The chosen subprotocol, or '' for none. */
  readonly protocol: string
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
export function readHandshake(request: HandshakeRequest): HandshakeOffer {
  const { headers } = request
  if (headers.length > 2 * MAX_HEADERS) {
    throw new HandshakeError('too-many-headers', `${headers.length / 2} headers, at most ${MAX_HEADERS}`)
  }
  checkRequestLine(request)
  if (single(headers, 'host') === '')
    throw new HandshakeError('bad-host', 'the Host header is missing or empty')
  single(headers, 'origin')
  checkNoBody(headers)
  if (!hasToken(list(headers, 'upgrade'), 'websocket')) {
    throw new HandshakeError('upgrade-missing', 'the Upgrade header does not say websocket')
  }
  if (!hasToken(list(headers, 'connection'), 'upgrade')) {
    throw new HandshakeError('connection-missing', 'the Connection header does not say Upgrade')
  }
  // §4.4: a server that does not speak the version answers 426 with those it does.
  if (single(headers, 'sec-websocket-version') !== '13') {
    throw new HandshakeError('bad-version', 'the WebSocket version is not 13')
  }
  const key = single(headers, 'sec-websocket-key')
  if (!isKey(key)) throw new HandshakeError('bad-key', 'the Sec-WebSocket-Key is not 16 bytes in base64')
  return { key, protocols: readProtocols(headers), extensions: readExtensions(headers) }
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
export function writeAcceptance({ accept, protocol, headers = {} }: HandshakeAcceptance): string {
  let head =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n`
  if (protocol !== '') head += `Sec-WebSocket-Protocol: ${protocol}\r\n`
  for (const [name, value] of Object.entries(headers)) head += headerLine(name, value)
  return head + '\r\n'
}

/** §4.1: the method is GET and the version at least 1.1. */
function checkRequestLine({ method, httpVersion }: HandshakeRequest): void {
  if (method !== 'GET') throw new HandshakeError('bad-method', `the method is ${method}, not GET`)
  if (httpVersion !== '1.1')
    throw new HandshakeError('bad-http-version', `HTTP/${httpVersion} cannot upgrade`)
}

/** A body would leave it open where the frames begin. */
function checkNoBody(headers: HeaderList): void {
  const length = single(headers, 'content-length')
  if ((length !== '' && length !== '0') || headerValues(headers, 'transfer-encoding').length > 0) {
    throw new HandshakeError('unexpected-body', 'the request has a body')
  }
}

function isKey(key: string): boolean {
  if (key.length !== KEY_LENGTH || !key.endsWith('==')) return false
  for (let at = 0; at < KEY_LENGTH - 2; at++) {
    const character = key.charAt(at)
    if (character === '+' || character === '/') continue
    if (character < '0' || character > 'z' || (character > '9' && character < 'A')) return false
    if (character > 'Z' && character < 'a') return false
  }
  return true
}

function readProtocols(headers: HeaderList): readonly string[] {
  const text = list(headers, 'sec-websocket-protocol')
  const protocols = parseTokens(text)
  // §4.1: the elements are tokens, each there once.
  if (protocols === undefined || new Set(protocols).size !== protocols.length) {
    throw new HandshakeError('bad-protocols', 'Sec-WebSocket-Protocol is malformed')
  }
  return protocols
}

function readExtensions(headers: HeaderList): readonly Extension[] {
  const text = list(headers, 'sec-websocket-extensions')
  const extensions = text === '' ? [] : parseExtensions(text)
  if (extensions === undefined) {
    throw new HandshakeError('bad-extensions', 'Sec-WebSocket-Extensions is malformed')
  }
  return extensions
}

/** The value of a field that may stand there once; '' if it is missing. */
function single(headers: HeaderList, name: string): string {
  const values = headerValues(headers, name)
  if (values.length > 1)
    throw new HandshakeError('duplicate-header', `${name} stands there ${values.length} times`)
  return ascii(name, values[0] ?? '')
}

/** The value of a field whose list may be spread over several lines. */
function list(headers: HeaderList, name: string): string {
  return ascii(name, headerValues(headers, name).join(','))
}

function ascii(name: string, value: string): string {
  if (!isPlainAscii(value)) {
    throw new HandshakeError('non-ascii-header', `${name} is not plain ASCII`)
  }
  return value
}
