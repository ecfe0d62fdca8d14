// The client's half of the opening handshake over HTTP/1.1 (RFC 6455 §4.1): the headers of its request and the
// judgement of the server's answer, whose choice is judged here for HTTP/2 too. It refuses an answer that proves
// nothing or that chooses what was not asked for, by throwing an AnswerError.

import { AnswerError, CallerError } from './errors.ts'
import { parseExtensions, type Extension } from './extension.ts'
import { hasToken, headerValues, isPlainAscii, isToken, type HeaderList } from './header.ts'

export interface HandshakeAnswer {
  readonly status: number
  readonly headers: HeaderList
}

/** What a server chose of what it was asked for. */
export interface HandshakeChoice {
  /** The subprotocol, or '' for none. */
  readonly protocol: string
  readonly extensions: readonly Extension[]
}

/** What the client knows of its own request. */
export interface HandshakeExpectation {
  /** The accept key of the key that was sent. */
  readonly accept: string
  /** The subprotocols that were asked for. */
  readonly protocols: readonly string[]
}

export interface HandshakeWishes {
  /** Subprotocols, in order of preference. */
  readonly protocols: readonly string[]
  /** The value of Sec-WebSocket-Extensions, or '' for none. */
  readonly extensions: string
}

/** The headers that make a GET an opening handshake. Throws a CallerError for subprotocols that cannot be sent. */
export function handshakeHeaders(key: string, wishes: HandshakeWishes): Record<string, string> {
  return {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    ...wishHeaders(wishes),
  }
}

/** The fields that say what is asked for, whichever version carries them. Throws a CallerError as above. */
export function wishHeaders({ protocols, extensions }: HandshakeWishes): Record<string, string> {
  if (!protocols.every(isToken) || new Set(protocols).size !== protocols.length) {
    throw new CallerError('invalid-protocol', `cannot ask for the subprotocols ${JSON.stringify(protocols)}`)
  }
  return {
    'Sec-WebSocket-Version': '13',
    ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
    ...(extensions !== '' && { 'Sec-WebSocket-Extensions': extensions }),
  }
}

/** Judges the answer and returns what the server chose. */
export function readAnswer(answer: HandshakeAnswer, expected: HandshakeExpectation): HandshakeChoice {
  const { status, headers } = answer
  if (status !== 101) throw new AnswerError('bad-status', `the server answered ${status}`)
  // §4.1: its value is websocket, not a list that holds it.
  if (field(headers, 'upgrade').toLowerCase() !== 'websocket') {
    throw new AnswerError('bad-upgrade', 'the answer does not upgrade to websocket')
  }
  if (!hasToken(field(headers, 'connection'), 'upgrade')) {
    throw new AnswerError('bad-connection', 'the answer lacks Connection: Upgrade')
  }
  if (field(headers, 'sec-websocket-accept') !== expected.accept) {
    throw new AnswerError('bad-accept', 'the answer does not prove that the server read our key')
  }
  return readChoice(headers, expected.protocols)
}

/** Judges what the server chose, but for its extensions: whoever implements them knows what was offered. */
export function readChoice(headers: HeaderList, asked: readonly string[]): HandshakeChoice {
  const chosen = headerValues(headers, 'sec-websocket-protocol').length > 0
  const protocol = field(headers, 'sec-websocket-protocol')
  if (chosen && !asked.includes(protocol)) {
    throw new AnswerError('bad-protocol', 'the server chose a subprotocol that was not asked for')
  }
  return { protocol, extensions: readExtensions(headers) }
}

function readExtensions(headers: HeaderList): readonly Extension[] {
  const values = headerValues(headers, 'sec-websocket-extensions')
  const extensions = values.length === 0 ? [] : parseExtensions(values.join(','))
  if (extensions === undefined)
    throw new AnswerError('bad-extension', 'Sec-WebSocket-Extensions is malformed')
  return extensions
}

function field(headers: HeaderList, name: string): string {
  const values = headerValues(headers, name)
  if (values.length > 1)
    throw new AnswerError('duplicate-header', `${name} stands there ${values.length} times`)
  const value = values[0] ?? ''
  if (!isPlainAscii(value)) throw new AnswerError('non-ascii-header', `${name} is not plain ASCII`)
  return value
}
