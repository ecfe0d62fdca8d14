// Has a server's connections live on their handles (tcp-socket.ts) instead of on Sockets. What a handle is not known for
// (a pipe, a server with `maxConnections`, a Node whose internals are others) is a Socket as ever.

import { channel } from 'node:diagnostics_channel'
import type { Server, Socket } from 'node:net'
import { findHandles, isTcpHandle, type TcpHandle } from './node-handle.ts'
import { TcpSocket } from './tcp-socket.ts'

interface ListeningHandle extends TcpHandle {
  onconnection: (this: unknown, error: number, handle: TcpHandle | undefined) => void
}

/** Where a connection has the options of the socket that it was accepted from, it need not be told itself. */
const bequeathsNoDelay = process.platform === 'linux'

/** Whoever watches the connections of node:net hears of these too. */
const accepted = channel('net.server.socket')

/**
 * From when it listens, the server's `connection` events bring a TcpSocket in the place of a Socket. `close` and
 * `getConnections` of the server know nothing of them.
 * @returns whether they will
 */
export const acceptHandles = (server: Server): boolean => {
  if (!findHandles()) return false
  server.on('listening', () => {
    const { _handle: listening } = server as unknown as { _handle?: Partial<ListeningHandle> | null }
    const accept = listening?.onconnection
    if (typeof accept !== 'function') return
    const areTuned = bequeathsNoDelay && isTcpHandle(listening!) && listening.setNoDelay(true) === 0
    listening!.onconnection = function (error, handle) {
      if (error !== 0 || !isTcpHandle(handle) || server.maxConnections > 0)
        return accept.call(this, error, handle)
      if (!areTuned) handle.setNoDelay(true)
      const socket = new TcpSocket(handle) as unknown as Socket
      server.emit('connection', socket)
      if (accepted.hasSubscribers) accepted.publish({ socket })
    }
  })
  return true
}
