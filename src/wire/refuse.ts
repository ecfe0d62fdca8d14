// Refusing an upgrade: one complete HTTP answer, then the end of the connection. What the client sent after its request
// is thrown away, never parsed, and nothing internal stands in the answer.

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { headerLine } from '../websocket/index.ts'

export interface RefuseOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Plain text; the code by default. */
  readonly body?: string
  /** A stable code for the client, sent as the body unless there is one. */
  readonly code?: string
}

/** How long the client may take to read the answer and hang up. */
const LINGER_MS = 1_000

/** Answers with `status` and `Connection: close`; a HandshakeError fits as options. The socket is then destroyed. */
export function refuse(socket: Duplex, status: number, options: RefuseOptions = {}): void {
  const reason = STATUS_CODES[status] ?? 'Refused'
  const body = Buffer.from(options.body ?? options.code ?? reason)
  const fields = {
    'Content-Type': 'text/plain; charset=utf-8',
    ...options.headers,
    Connection: 'close',
    'Content-Length': String(body.length),
  }
  let head = `HTTP/1.1 ${status} ${reason}\r\n`
  for (const [name, value] of Object.entries(fields)) head += headerLine(name, value)
  const destroy = (): void => void socket.destroy()
  // Reading on until the client hangs up, within bounds: closing over unread bytes would reset the answer away.
  const linger = setTimeout(destroy, LINGER_MS).unref()
  socket
    .on('error', destroy)
    .on('end', destroy)
    .on('close', () => clearTimeout(linger))
  socket.end(Buffer.concat([Buffer.from(head + '\r\n', 'latin1'), body]))
  socket.resume()
}
