// The client's side of the opening handshake: opens ws:// and wss:// URLs over HTTP/1.1 (RFC 6455 §4.1) or HTTP/2
// (RFC 8441 §5), directly or through a proxy. It follows no redirect and tries nothing twice.

import { CallerError, wishHeaders } from '../websocket/index.ts'
import { Attempt } from './attempt.ts'
import { tune } from './carrier.ts'
import type { WebSocketConnection } from './connection.ts'
import { dialStream } from './dial-stream.ts'
import { dialUpgrade } from './dial-upgrade.ts'
import { judged, type DialOptions } from './dialling.ts'
import { chosenExtensions, offerExtensions } from './extensions.ts'
import { nameOf } from './reach.ts'
import { resolveSettings } from './settings.ts'
import { SocketConnection } from './socket.ts'

/**
 * Opens a connection. Messages reach the handler after the promise's awaiters have run. Rejects with a DialError, or
 * with a CallerError or TypeError for a URL or subprotocol that makes no sense.
 */
export async function dial(url: string | URL, options: DialOptions = {}): Promise<WebSocketConnection> {
  const target = parseTarget(url)
  const settings = resolveSettings(options, 'client')
  const wishes = { protocols: options.protocols ?? [], extensions: offerExtensions(settings) }
  // For what it refuses, before anything is sent.
  wishHeaders(wishes)
  const attempt = new Attempt(nameOf(target), options)
  const dialling = { target, wishes, options, attempt, closeTimeoutMs: settings.closeTimeoutMs }
  const { http2 = false } = options
  try {
    const { carrier, choice, head } = await (http2 === false
      ? dialUpgrade(dialling)
      : dialStream(dialling, http2))
    const { protocol } = choice
    const deflate = judged(carrier, target, () => chosenExtensions(choice.extensions, settings))
    tune(carrier)
    const connection = new SocketConnection(carrier, {
      settings,
      protocol,
      deflate,
      handler: options.handler,
    })
    connection.start('', head)
    return connection
  } finally {
    attempt.end()
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
