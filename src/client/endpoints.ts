/** Where a client finds its server: from one base URL, the address of each carrier. */
import type { ConnectOptions, TransportName } from './options.ts'
import { pollTransport } from './transports/polling.ts'
import type { OpenSocket } from './transports/socket.ts'
import { sseTransport } from './transports/sse.ts'
import type { OpenTransport } from './transports/transport.ts'
import { websocketTransport } from './transports/websocket.ts'

/** @param base `http(s)://host[/prefix]`; `ws(s)://` means the same. @throws TypeError */
export const openersFor = (
  base: string | URL,
  options: ConnectOptions,
  openSocket: OpenSocket,
): Record<TransportName, OpenTransport> => {
  const root = String(new URL(base))
    .replace(/^ws/, 'http')
    .replace(/\/*([?#].*)?$/, '')
  const access = {
    url: `${root}/session`,
    // Looked up at each request, and called without a receiver.
    fetch: options.fetch ?? ((...request: Parameters<typeof fetch>): Promise<Response> => fetch(...request)),
  }
  return {
    websocket: websocketTransport(`${root.replace(/^http/, 'ws')}/ws`, openSocket),
    sse: sseTransport(access),
    'long-polling': pollTransport(access, 'long-polling'),
    polling: pollTransport(access, 'polling'),
  }
}
