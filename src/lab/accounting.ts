/**
 * What a server's process has spent: CPU as the process itself accounts for it, bytes as its sockets count them, those
 * of closed connections too, and HTTP requests. It listens to Node's own diagnostics channels, so that the node under
 * measurement is the product as it is.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

export interface Spent {
  /** User and system time of the process, microseconds. */
  readonly cpuMicros: number
  readonly bytesRead: number
  readonly bytesWritten: number
  /** HTTP requests with an answer; a WebSocket's opening is none of them. */
  readonly requests: number
  /** Connections that were accepted, and those that are open. */
  readonly accepted: number
  readonly open: number
}

export class Accounting {
  readonly #sockets = new Set<Socket>()
  #closedRead = 0
  #closedWritten = 0
  #requests = 0
  #accepted = 0

  constructor() {
    subscribe('net.server.socket', (message) => this.#follow((message as { socket: Socket }).socket))
    subscribe('http.server.request.start', () => void this.#requests++)
  }

  read(): Spent {
    const { user, system } = process.cpuUsage()
    let bytesRead = this.#closedRead
    let bytesWritten = this.#closedWritten
    for (const socket of this.#sockets) {
      bytesRead += socket.bytesRead
      bytesWritten += socket.bytesWritten
    }
    return {
      cpuMicros: user + system,
      bytesRead,
      bytesWritten,
      requests: this.#requests,
      accepted: this.#accepted,
      open: this.#sockets.size,
    }
  }

  #follow(socket: Socket): void {
    this.#accepted++
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#closedRead += socket.bytesRead
      this.#closedWritten += socket.bytesWritten
    })
  }
}

/** What was spent between two readings. */
export const spentSince = (before: Spent, after: Spent): Spent => ({
  cpuMicros: after.cpuMicros - before.cpuMicros,
  bytesRead: after.bytesRead - before.bytesRead,
  bytesWritten: after.bytesWritten - before.bytesWritten,
  requests: after.requests - before.requests,
  accepted: after.accepted - before.accepted,
  open: after.open,
})
