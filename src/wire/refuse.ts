// Refusing an upgrade or an extended CONNECT: one complete HTTP answer, then the end of the connection or the stream.
// What the client sent after its request is thrown away, never parsed, and nothing internal stands in the answer.

import { STATUS_CODES } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { headerLine } from '../websocket/index.ts'
import { cutOff } from './carrier.ts'

export interface RefuseOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Plain text; the code by default. */
  readonly body?: string
  /** A stable code for the client, sent as the body unless there is one. */
  readonly code?: string
}

/** How long the client may take to read the answer and hang up. */
const LINGER_MS = 1_000

/** RFC 9113 §8.2.2: fields that say something about an HTTP/1.1 connection must not stand in HTTP/2. */
const CONNECTION_FIELDS = ['connection', 'upgrade', 'keep-alive', 'proxy-connection', 'transfer-encoding']

/**
 * Answers with `status` and the end: of the connection, with `Connection: close`, or of the stream. A HandshakeError
 * fits as options. Nothing happens to a client that has gone.
 */
export function refuse(
  carrier: Duplex | ServerHttp2Stream,
  status: number,
  options: RefuseOptions = {},
): void {
  const body = Buffer.from(options.body ?? options.code ?? STATUS_CODES[status] ?? 'Refused')
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    ...options.headers,
  }
  if ('respond' in carrier) refuseStream(carrier, status, { headers, body })
  else refuseSocket(carrier, status, { headers, body })
}

interface Refusal {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

function refuseSocket(socket: Duplex, status: number, { headers, body }: Refusal): void {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n`
  const fields = { ...headers, Connection: 'close', 'Content-Length': String(body.length) }
  for (const [name, value] of Object.entries(fields)) head += headerLine(name, value)
  lingerOn(socket)
  socket.end(Buffer.concat([Buffer.from(head + '\r\n', 'latin1'), body]))
  socket.resume()
}

function refuseStream(stream: ServerHttp2Stream, status: number, { headers, body }: Refusal): void {
  const fields: Record<string, string | number> = {
    // RFC 9110 §15.5.22: a 426 has to name an upgrade, and HTTP/2 has none.
    ':status': status === constants.HTTP_STATUS_UPGRADE_REQUIRED ? constants.HTTP_STATUS_BAD_REQUEST : status,
  }
  for (const [name, value] of Object.entries(headers)) {
    headerLine(name, value)
    if (!CONNECTION_FIELDS.includes(name.toLowerCase())) fields[name.toLowerCase()] = value
  }
  fields['content-length'] = body.length
  if (stream.destroyed || stream.closed || stream.headersSent) return cutOff(stream)
  lingerOn(stream)
  // RFC 9113 §8.1: once the answer is out, the client need not send the rest.
  stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
  stream.respond(fields)
  stream.end(body)
  stream.resume()
}

/** Reading on until the client hangs up, within bounds: closing over unread bytes would reset the answer away. */
function lingerOn(carrier: Duplex): void {
  const destroy = (): void => cutOff(carrier)
  const linger = setTimeout(destroy, LINGER_MS).unref()
  carrier
    .on('error', destroy)
    .on('end', destroy)
    .on('close', () => clearTimeout(linger))
}
