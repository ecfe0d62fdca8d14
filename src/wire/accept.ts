// The server's side of an HTTP/1.1 upgrade (RFC 6455 §4.2): from the `upgrade` event of a node:http or node:https
// server to a connection. It does not look at origins, paths or users, which are its caller's to judge before.

import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  acceptKey,
  chooseProtocol,
  looksLikeWebSocket,
  readHandshake,
  writeAcceptance,
} from '../websocket/index.ts'
import { resolveSettings, type ConnectionOptions } from './settings.ts'
import type { SocketHandler } from './handler.ts'
import { WebSocketConnection } from './socket.ts'

export interface AcceptOptions extends ConnectionOptions {
  readonly handler: SocketHandler
  /** Subprotocols that are spoken; the client's order of preference decides. */
  readonly protocols?: readonly string[]
  /** Further headers for the 101 answer. */
  readonly headers?: Readonly<Record<string, string>>
}

export const sha1Base64 = (text: string): string => hash('sha1', text, 'base64')

/**
 * Accepts an opening handshake and takes over its socket; the answer is written with whatever is sent in this turn, and
 * messages arrive from the next turn on. Throws a HandshakeError for a request that is no valid handshake: `refuse` the
 * socket with its status and headers.
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
  const protocol = chooseProtocol(offer.protocols, options.protocols ?? [])
  const answer = writeAcceptance({
    accept: acceptKey(offer.key, sha1Base64),
    protocol,
    headers: options.headers,
  })
  tune(socket)
  const settings = resolveSettings(options, 'server')
  const connection = new WebSocketConnection(socket, { settings, protocol, handler: options.handler })
  connection.start(answer, head)
  return connection
}

/** Whether a request without a usable upgrade was meant as a WebSocket (a proxy dropped its headers): answer 426. */
export function isStrippedHandshake(request: IncomingMessage): boolean {
  return looksLikeWebSocket(request.rawHeaders)
}

/** Frames go out when they are written, and liveness is judged by pings, not by the socket. */
export function tune(socket: Duplex): void {
  const { setNoDelay, setTimeout } = socket as Partial<Socket>
  setNoDelay?.call(socket as Socket, true)
  setTimeout?.call(socket as Socket, 0)
}
