// What carries a connection: a TCP or TLS socket, or one stream of an HTTP/2 session. The differences between them that
// a connection would notice are levelled here, and nowhere else. It reads and writes nothing.

import { constants, type Http2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

function isStream(carrier: Duplex): carrier is Http2Stream {
  return 'rstCode' in carrier
}

/**
 * Frames go out when they are written, and liveness is judged by pings, not by the socket. The socket below a stream
 * belongs to its session, which has switched Nagle's algorithm off by itself.
 */
export function tune(carrier: Duplex): void {
  if (isStream(carrier)) return
  const { setNoDelay, setTimeout } = carrier as Partial<Socket>
  setNoDelay?.call(carrier as Socket, true)
  setTimeout?.call(carrier as Socket, 0)
}

/** The peer's address, while it is known. */
export function remoteAddressOf(carrier: Duplex): string | undefined {
  if (isStream(carrier)) return carrier.session?.socket.remoteAddress
  return (carrier as Partial<Socket>).remoteAddress
}

/** Ends it at once. RFC 8441 §5: what a reset is to a TCP connection, CANCEL is to a stream. */
export function cutOff(carrier: Duplex): void {
  if (isStream(carrier) && !carrier.destroyed && !carrier.closed) carrier.close(constants.NGHTTP2_CANCEL)
  carrier.destroy()
}
