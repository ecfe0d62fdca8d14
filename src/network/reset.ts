/**
 * Resetting a TCP connection at once, with whatever still waits to be sent: what a network does to one that it cuts.
 * `resetAndDestroy` of Node is another thing: it waits until all is written and the end of it is told, for ever where
 * nobody reads; and where the socket fails meanwhile its handle is lost: the connection stays open, and the process
 * spins when it ends.
 */
import type { Socket } from 'node:net'

export const reset = (socket: Socket): void => {
  const ending = socket.writableEnded && !socket.writableFinished
  // Neither can be reset (a reset that is refused is what loses the handle): these close like any other.
  if (!ending && !socket.connecting && !socket.destroyed) Object.assign(socket, { resetAndClosing: true })
  socket.destroy()
}
