/**
 * The client, as browsers get it: `connect` over the platform's own WebSocket and fetch. It pulls in no server
 * file and no module of Node's.
 */
import { type Client, HoldfastClient } from './client.ts'
import { openersFor } from './endpoints.ts'
import type { ConnectOptions } from './options.ts'
import { systemTimers } from './timers.ts'
import { watchPlatform } from './platform-events.ts'
import { platformSocket } from './transports/socket.ts'

/**
 * A client of the server at `url`, connecting at once and for as long as it is not closed.
 * @param url `http(s)://host[/prefix]`; `ws(s)://` means the same. @throws TypeError
 */
export const connect = (url: string | URL, options: ConnectOptions = {}): Client =>
  new HoldfastClient(options, {
    timers: systemTimers,
    openers: openersFor(url, options, platformSocket(options.WebSocket)),
    watch: watchPlatform,
  })

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
