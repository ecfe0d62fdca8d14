/** Node's way to a WebSocket: dialled here, so that TLS options and proxies reach it and a refusal is told with its status. */
import { dial, DialError, type ReachOptions, type WebSocketConnection } from '../wire/index.ts'
import { refused, TransportError } from './errors.ts'
import type { OpenSocket, SocketEvents } from './transports/socket.ts'

export const dialSocket =
  (path: ReachOptions): OpenSocket =>
  (url, protocol, events) => {
    const abort = new AbortController()
    const opening = open(url, protocol, { events, path, signal: abort.signal })
    let connection: WebSocketConnection | undefined
    opening.then(
      (opened) => {
        connection = opened
        events.open()
      },
      (cause: unknown) => events.close(1006, failureOf(cause)),
    )
    return {
      send: (data) => connection?.send(data),
      close: () => {
        abort.abort()
        connection?.close(1000, '')
      },
    }
  }

const open = (
  url: string,
  protocol: string,
  { events, path, signal }: { events: SocketEvents; path: ReachOptions; signal: AbortSignal },
): Promise<WebSocketConnection> =>
  dial(url, {
    protocols: [protocol],
    signal,
    ...path,
    handler: {
      message: (_connection, data) => events.message(data),
      close: (_connection, code) => events.close(code),
    },
  })

const BUSY = [429, 503]

const failureOf = (cause: unknown): TransportError => {
  if (!(cause instanceof DialError))
    return new TransportError('upgrade_refused', 'it could not be opened', cause)
  const { code, status, message, headers } = cause
  // A proxy's status says nothing about the server.
  if (code === 'refused' && status !== undefined && BUSY.includes(status)) {
    const seconds = Number(headers['retry-after'] ?? 0)
    return refused({ code: 'too_many_connections', message, retry: 'backoff' }, seconds * 1_000 || undefined)
  }
  const unreachable = code === 'network' || code === 'timeout' || code === 'proxy-refused'
  return new TransportError(unreachable ? 'unreachable' : 'upgrade_refused', message, cause)
}
