/**
 * The client, as Node gets it: the same as in a browser, with a WebSocket that takes TLS options and says why it
 * could not be opened.
 */
import { type Client, HoldfastClient } from './client.ts'
import { dialSocket, type DialTls } from './dial-socket.ts'
import { openersFor } from './endpoints.ts'
import type { ConnectOptions } from './options.ts'
import { watchPlatform } from './platform-events.ts'
import { systemTimers } from './timers.ts'
import { platformSocket } from './transports/socket.ts'

export interface NodeConnectOptions extends ConnectOptions {
  /** For `wss://`: `ca`, `servername` and the rest of node:tls. For HTTPS, hand in a `fetch` that trusts the same. */
  readonly tls?: DialTls
}

/**
 * A client of the server at `url`, connecting at once and for as long as it is not closed.
 * @param url `http(s)://host[/prefix]`; `ws(s)://` means the same. @throws TypeError
 */
export const connect = (url: string | URL, options: NodeConnectOptions = {}): Client => {
  const { WebSocket: given } = options
  const openSocket = given === undefined ? dialSocket(options.tls) : platformSocket(given)
  return new HoldfastClient(options, {
    timers: systemTimers,
    openers: openersFor(url, options, openSocket),
    watch: watchPlatform,
  })
}

export type * from './surface.ts'
export {
  CallError,
  ClientClosedError,
  HoldfastError,
  PublishError,
  RefusedError,
  TransportError,
} from './errors.ts'
