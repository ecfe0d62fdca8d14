// The client's half of the opening handshake (RFC 6455 §4.1): the headers of its request and the judgement of the
// server's answer. It refuses an answer that proves nothing or that chooses what was not asked for, by throwing an
// AnswerError.

import { AnswerError, CallerError } from './errors.ts'
import { hasToken, headerValues, isPlainAscii, isToken, type HeaderList } from './header.ts'

export interface HandshakeAnswer {
  readonly status: number
  readonly headers: HeaderList
}

/** What the client knows of its own request. */
export interface HandshakeExpectation {
  /** The accept key of the key that was sent. */
  readonly accept: string
  /** The subprotocols that were asked for. */
  readonly protocols: readonly string[]
}

/** The headers that make a GET an opening handshake. Throws a CallerError for subprotocols that cannot be sent. */
export function handshakeHeaders(key: string, protocols: readonly string[]): Record<string, string> {
  if (!protocols.every(isToken) || new Set(protocols).size !== protocols.length) {
    throw new CallerError('invalid-protocol', `cannot ask for the subprotocols ${JSON.stringify(protocols)}`)
  }
  return {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
  }
}

/** Judges the answer and returns the subprotocol that the server chose, '' for none. */
export function readAnswer(answer: HandshakeAnswer, expected: HandshakeExpectation): string {
  const { status, headers } = answer
  if (status !== 101) throw new AnswerError('bad-status', `the server answered ${status}`)
  if (!hasToken(field(headers, 'upgrade'), 'websocket')) {
    throw new AnswerError('bad-upgrade', 'the answer does not upgrade to websocket')
  }
  if (!hasToken(field(headers, 'connection'), 'upgrade')) {
    throw new AnswerError('bad-connection', 'the answer lacks Connection: Upgrade')
  }
  if (field(headers, 'sec-websocket-accept') !== expected.accept) {
    throw new AnswerError('bad-accept', 'the answer does not prove that the server read our key')
  }
  // §4.1: an extension that was not asked for fails the connection; none is asked for.
  if (headerValues(headers, 'sec-websocket-extensions').length > 0) {
    throw new AnswerError('bad-extension', 'the server chose an extension that was not asked for')
  }
  const chosen = headerValues(headers, 'sec-websocket-protocol').length > 0
  const protocol = field(headers, 'sec-websocket-protocol')
  if (chosen && !expected.protocols.includes(protocol)) {
    throw new AnswerError('bad-protocol', 'the server chose a subprotocol that was not asked for')
  }
  return protocol
}

function field(headers: HeaderList, name: string): string {
  const values = headerValues(headers, name)
  if (values.length > 1)
    throw new AnswerError('duplicate-header', `${name} stands there ${values.length} times`)
  const value = values[0] ?? ''
  if (!isPlainAscii(value)) throw new AnswerError('non-ascii-header', `${name} is not plain ASCII`)
  return value
}
