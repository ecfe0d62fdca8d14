// The client's side: opens ws:// and wss:// URLs over HTTP/1.1 (RFC 6455 §4.1). It follows no redirect, tries nothing
// twice and offers no extension.

import { randomBytes } from 'node:crypto'
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { acceptKey, CallerError, handshakeHeaders, readAnswer } from '../websocket/index.ts'
import { sha1Base64, tune } from './accept.ts'
import { DialError } from './errors.ts'
import { resolveSettings, type ConnectionOptions } from './settings.ts'
import type { SocketHandler } from './handler.ts'
import { WebSocketConnection } from './socket.ts'

export interface DialOptions extends ConnectionOptions {
  readonly handler: SocketHandler
  /** Subprotocols to ask for, in order of preference. */
  readonly protocols?: readonly string[]
  /** Further headers for the request. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** For wss://: `ca`, `servername`, `rejectUnauthorized` and the rest of node:tls. */
  readonly tls?: TlsOptions
  /** How long until the server must have answered; 10,000. */
  readonly handshakeTimeoutMs?: number
  /** Gives up the handshake; without effect on the connection once it is open. */
  readonly signal?: AbortSignal
}

const HANDSHAKE_TIMEOUT_MS = 10_000

/**
 * Opens a connection. Messages reach the handler after the promise's awaiters have run. Rejects with a DialError, or
 * with a CallerError or TypeError for a URL or subprotocol that makes no sense.
 */
export async function dial(url: string | URL, options: DialOptions): Promise<WebSocketConnection> {
  const target = parseTarget(url)
  const key = randomBytes(16).toString('base64')
  const { signal } = options
  const settings = resolveSettings(options, 'client')
  const headers = { ...options.headers, ...handshakeHeaders(key, options.protocols ?? []) }
  if (signal?.aborted) throw abortedError(target, signal)
  const request = openRequest(target, { ...options.tls, headers: headers as Record<string, string> })
  const { answer, socket, head } = await answerOf(request, target, options)
  try {
    const expected = { accept: acceptKey(key, sha1Base64), protocols: options.protocols ?? [] }
    const protocol = readAnswer({ status: 101, headers: answer.rawHeaders }, expected)
    tune(socket)
    const connection = new WebSocketConnection(socket, { settings, protocol, handler: options.handler })
    connection.start('', head)
    return connection
  } catch (cause) {
    socket.destroy()
    throw new DialError('bad-handshake', `${target.href} answered with a wrong handshake`, { cause })
  }
}

function parseTarget(url: string | URL): URL {
  const target = new URL(url)
  if (target.protocol !== 'ws:' && target.protocol !== 'wss:') {
    throw new CallerError('invalid-url', `cannot dial ${target.protocol} URLs, only ws: and wss:`)
  }
  // RFC 6455 §3: a fragment has no meaning in these URLs.
  if (target.hash !== '') throw new CallerError('invalid-url', 'cannot dial a URL with a fragment')
  return target
}

function openRequest(target: URL, options: RequestOptions): ClientRequest {
  const secure = target.protocol === 'wss:'
  const user =
    target.username === '' ? {} : { auth: decodeURIComponent(`${target.username}:${target.password}`) }
  const request = (secure ? httpsRequest : httpRequest)({
    ...options,
    ...user,
    host: target.hostname.startsWith('[') ? target.hostname.slice(1, -1) : target.hostname,
    port: target.port === '' ? (secure ? 443 : 80) : target.port,
    path: target.pathname + target.search,
    // A connection of its own, never one from a pool.
    agent: false,
  })
  request.end()
  return request
}

interface Answer {
  readonly answer: IncomingMessage
  readonly socket: Duplex
  readonly head: Uint8Array
}

function answerOf(request: ClientRequest, target: URL, options: DialOptions): Promise<Answer> {
  const { signal, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  return new Promise((resolve, reject) => {
    const fail = (error: DialError): void => {
      settled()
      reject(error)
      request.on('error', () => {}).destroy()
    }
    const abort = (): void => fail(abortedError(target, signal!))
    const timer = setTimeout(() => {
      fail(new DialError('timeout', `${target.href} did not answer within ${handshakeTimeoutMs} ms`))
    }, handshakeTimeoutMs)
    const settled = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      request.removeAllListeners()
    }
    signal?.addEventListener('abort', abort)
    request.on('upgrade', (answer, socket, head) => {
      settled()
      resolve({ answer, socket, head })
    })
    request.on('response', (answer) => fail(refusedError(target, answer)))
    request.on('error', (cause) => fail(new DialError('network', `cannot reach ${target.href}`, { cause })))
  })
}

function refusedError(target: URL, answer: IncomingMessage): DialError {
  const { statusCode: status, headers } = answer
  // To the HTTP parser a 101 without an Upgrade header is an answer like any other.
  if (status === 101) return new DialError('bad-handshake', `${target.href} answered 101 without Upgrade`)
  return new DialError('refused', `${target.href} answered ${status}`, { status, headers })
}

function abortedError(target: URL, signal: AbortSignal): DialError {
  return new DialError('aborted', `dialling ${target.href} was aborted`, { cause: signal.reason })
}
