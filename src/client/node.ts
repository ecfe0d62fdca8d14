/**
 * The client, as Node gets it: the same as in a browser, with a WebSocket and requests that take TLS options, go
 * through proxies, and say why they failed.
 */
import { type Client, HoldfastClient } from './client.ts'
import { dialSocket } from './dial-socket.ts'
import { openersFor } from './endpoints.ts'
import type { ReachOptions } from '../wire/index.ts'
import { nodeFetch } from './node-fetch.ts'
import type { ConnectOptions } from './options.ts'
import { watchPlatform } from './platform-events.ts'
import { systemTimers } from './timers.ts'
import { platformSocket } from './transports/socket.ts'

export interface NodeConnectOptions extends ConnectOptions {
  /** For `wss://` and `https://`: `ca`, `servername` and the rest of node:tls. NODE_EXTRA_CA_CERTS needs nothing. */
  readonly tls?: NonNullable<ReachOptions['tls']>
  /**
   * The proxy to go through, by CONNECT: `http(s)://[user:password@]host:port`; false for none. By default HTTPS_PROXY,
   * HTTP_PROXY and NO_PROXY say. Neither reaches a `fetch` or `WebSocket` that was handed in.
   */
  readonly proxy?: false | string | URL
}

/**
 * A client of the server at `url`, connecting at once and for as long as it is not closed.
 * @param url `http(s)://host[/prefix]`; `ws(s)://` means the same. @throws TypeError
 */
export const connect = (url: string | URL, options: NodeConnectOptions = {}): Client => {
  const { WebSocket: given, fetch, tls, proxy } = options
  const path: ReachOptions = { ...(tls && { tls }), ...(proxy !== undefined && { proxy }) }
  const openSocket = given === undefined ? dialSocket(path) : platformSocket(given)
  return new HoldfastClient(options, {
    timers: systemTimers,
    openers: openersFor(url, { ...options, fetch: fetch ?? nodeFetch(url, path) }, openSocket),
    watch: watchPlatform,
  })
}

export type * from './surface.ts'
export { TRANSPORT_ORDER } from './options.ts'
export {
  CallError,
  ClientClosedError,
  HoldfastError,
  PublishError,
  RefusedError,
  TransportError,
} from './errors.ts'
