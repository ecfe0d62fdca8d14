// What the opening handshakes of HTTP/1.1 and HTTP/2 have in common: the fields of the request, each judged as strictly
// whichever version carried it. Every single-valued field may stand there once, in plain ASCII. It refuses by throwing
// a HandshakeError, and it knows nothing of the request's first line or pseudo-header fields.

import { HandshakeError } from './errors.ts'
import { parseExtensions, type Extension } from './extension.ts'
import { findHeader, headerValues, isPlainAscii, parseTokens, type HeaderList } from './header.ts'

const MAX_HEADERS = 100

/** What a client asks for, as both sides see it. */
export interface HandshakeOffer {
  /** Subprotocols in the client's order of preference. */
  readonly protocols: readonly string[]
  /** Extensions with their parameters, in the client's order of preference. */
  readonly extensions: readonly Extension[]
}

/** Refuses more fields than any client needs. */
export function checkFieldCount(count: number): void {
  if (count > MAX_HEADERS) {
    throw new HandshakeError('too-many-headers', `${count} headers, at most ${MAX_HEADERS}`)
  }
}

/** A body would leave it open where the frames begin. */
export function checkNoBody(headers: HeaderList): void {
  const length = singleField(headers, 'content-length')
  if ((length !== '' && length !== '0') || findHeader(headers, 'transfer-encoding') >= 0) {
    throw new HandshakeError('unexpected-body', 'the request has a body')
  }
}

/** RFC 6455 §4.4: a server that does not speak the version refuses with those it does. */
export function checkVersion(headers: HeaderList): void {
  if (singleField(headers, 'sec-websocket-version') !== '13') {
    throw new HandshakeError('bad-version', 'the WebSocket version is not 13')
  }
}

/** The subprotocols and extensions of the request. */
export function readOffer(headers: HeaderList): HandshakeOffer {
  return { protocols: readProtocols(headers), extensions: readExtensions(headers) }
}

function readProtocols(headers: HeaderList): readonly string[] {
  const text = listField(headers, 'sec-websocket-protocol')
  const protocols = text === '' ? [] : parseTokens(text)
  // §4.1: the elements are tokens, each there once.
  if (protocols === undefined || (protocols.length > 1 && new Set(protocols).size !== protocols.length)) {
    throw new HandshakeError('bad-protocols', 'Sec-WebSocket-Protocol is malformed')
  }
  return protocols
}

function readExtensions(headers: HeaderList): readonly Extension[] {
  const text = listField(headers, 'sec-websocket-extensions')
  const extensions = text === '' ? [] : parseExtensions(text)
  if (extensions === undefined) {
    throw new HandshakeError('bad-extensions', 'Sec-WebSocket-Extensions is malformed')
  }
  return extensions
}

/** The value of a field that may stand there once; '' if it is missing. */
export function singleField(headers: HeaderList, name: string): string {
  const at = findHeader(headers, name)
  if (at < 0) return ''
  if (findHeader(headers, name, at + 2) >= 0)
    throw new HandshakeError('duplicate-header', `${name} stands there more than once`)
  return ascii(name, headers[at + 1]!)
}

/** The value of a field whose list may be spread over several lines; '' if it is missing. */
export function listField(headers: HeaderList, name: string): string {
  const at = findHeader(headers, name)
  if (at < 0) return ''
  const onlyOne = findHeader(headers, name, at + 2) < 0
  return ascii(name, onlyOne ? headers[at + 1]! : headerValues(headers, name).join(','))
}

function ascii(name: string, value: string): string {
  if (!isPlainAscii(value)) {
    throw new HandshakeError('non-ascii-header', `${name} is not plain ASCII`)
  }
  return value
}
