// The server's side of the opening handshake, over both versions of HTTP: from the `upgrade` event of a node:http or
// node:https server (RFC 6455 §4.2), or the `stream` event of a node:http2 server (RFC 8441 §5), to a connection. It
// does not look at origins, paths or users, which are its caller's to judge before.

import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import {
  acceptKey,
  chooseProtocol,
  concessionHeaders,
  headerLine,
  looksLikeWebSocket,
  readExtendedConnect,
  readHandshake,
  writeAcceptance,
  type HandshakeConcession,
  type HandshakeOffer,
  type HeaderList,
} from '../websocket/index.ts'
import { tune } from './carrier.ts'
import { answerExtensions } from './extensions.ts'
import type { SocketHandler } from './handler.ts'
import { resolveSettings, type ConnectionOptions } from './settings.ts'
import type { WebSocketConnection } from './connection.ts'
import { SocketConnection, type ConnectionIdentity } from './socket.ts'

export interface AcceptOptions extends ConnectionOptions {
  /** Hears the messages; without one they are iterated. */
  readonly handler?: SocketHandler
  /** Subprotocols that are spoken; the client's order of preference decides. */
  readonly protocols?: readonly string[]
  /** Further headers for the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

export const sha1Base64 = (text: string): string => hash('sha1', text, 'base64')

const NOTHING = new Uint8Array(0)

/**
 * Accepts an opening handshake and takes over its socket; the answer is written at once, and messages arrive from the
 * next turn on. Throws a HandshakeError for a request that is no valid handshake: `refuse` the socket with its status
 * and headers.
 */
export function accept(
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  options: AcceptOptions,
): WebSocketConnection {
  const offer = readHandshake({
    method: request.method ?? '',
    httpVersion: request.httpVersion,
    headers: request.rawHeaders,
  })
  const agreement = agree(offer, options)
  const answer = writeAcceptance({
    ...agreement.concession,
    accept: acceptKey(offer.key, sha1Base64),
    headers: options.headers,
  })
  tune(socket)
  const connection = new SocketConnection(socket, agreement)
  connection.start(answer, head)
  return connection
}

/**
 * Accepts an extended CONNECT and takes over its stream; the session has to announce `enableConnectProtocol`. The
 * answer, a 200, leaves at once, and messages arrive from the next turn on. Throws a HandshakeError for a stream that
 * is no valid handshake: `refuse` it with its status and headers. A stream that is gone already makes a connection that
 * is over: its handler's `close` follows.
 */
export function acceptStream(
  stream: ServerHttp2Stream,
  rawHeaders: HeaderList,
  options: AcceptOptions,
): WebSocketConnection {
  const agreement = agree(readExtendedConnect(rawHeaders), options)
  const headers = { ...concessionHeaders(agreement.concession), ...options.headers }
  // For what it refuses: a header that would not stay in its line, or that HTTP/1.1 would not carry either.
  for (const [name, value] of Object.entries(headers)) headerLine(name, value)
  if (!stream.destroyed && !stream.closed) stream.respond({ ':status': 200, ...headers })
  tune(stream)
  const connection = new SocketConnection(stream, agreement)
  connection.start('', NOTHING)
  return connection
}

interface Agreement extends ConnectionIdentity {
  readonly concession: HandshakeConcession
}

/** What is made of a valid offer, whichever version of HTTP carried it. */
function agree(offer: HandshakeOffer, options: AcceptOptions): Agreement {
  const settings = resolveSettings(options, 'server')
  const protocol = chooseProtocol(offer.protocols, options.protocols ?? [])
  const { header: extensions, deflate } = answerExtensions(offer.extensions, settings)
  return { settings, protocol, deflate, handler: options.handler, concession: { protocol, extensions } }
}

/**
 * Whether a request of HTTP/1.1 without a usable upgrade was meant as a WebSocket (a proxy dropped its headers): answer
 * 426. In HTTP/2 there is no upgrade, and a 426 could not be sent.
 */
export function isStrippedHandshake(request: IncomingMessage): boolean {
  return request.httpVersion !== '2.0' && looksLikeWebSocket(request.rawHeaders)
}
