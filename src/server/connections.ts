/**
 * Counts connections by address and by second, and the requests that wait on each. One connection too many is
 * answered with 503, not cut off in silence. A stream of HTTP/2 is to a client what a connection is without it, and
 * counts like one.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Limits } from '../transport/index.ts'

type ConnectionLimits = Pick<Limits, 'connectionsPerAddress' | 'acceptsPerSecond' | 'requestsPerConnection'>

export class Connections {
  readonly #byAddress = new Map<string, number>()
  /** By both ends: behind TLS a request comes on another socket object than the one that was accepted. */
  readonly #refused = new Set<string>()
  readonly #waiting = new WeakMap<object, number>()
  readonly #limits: ConnectionLimits
  /** One for all of them: most of what a node holds is idle connections. */
  readonly #whenClosed: (this: Socket) => void
  #second = 0
  #accepted = 0
  #open = 0
  #streams = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
    const over = (address: string): void => {
      this.#open--
      this.#closed(address)
    }
    this.#whenClosed = function () {
      over(this.remoteAddress ?? '')
    }
  }

  get open(): number {
    return this.#open
  }

  /** Streams of HTTP/2 that are open on those connections. */
  get streams(): number {
    return this.#streams
  }

  /** A connection has come, and counts until it closes; behind TLS its handshake is still to be made. */
  accept(socket: Socket, nowMs: number): void {
    // Known from here on, also when the connection is over.
    const within = this.#opened(socket.remoteAddress ?? '')
    this.#open++
    if (!within || !this.#withinRate(nowMs)) this.#refuse(socket)
    socket.on('close', this.#whenClosed)
  }

  #refuse(socket: Socket): void {
    const ends = endsOf(socket)
    this.#refused.add(ends)
    socket.once('close', () => this.#refused.delete(ends))
  }

  /** A stream has come on a connection, and counts until it closes; false when it is one too many. */
  acceptStream(stream: Duplex, socket: Socket): boolean {
    const address = socket.remoteAddress ?? ''
    const within = this.#opened(address)
    this.#streams++
    stream.once('close', () => {
      this.#streams--
      this.#closed(address)
    })
    return within
  }

  /** Whether a connection was one too many when it came. */
  isRefused(socket: Socket): boolean {
    return this.#refused.size > 0 && this.#refused.has(endsOf(socket))
  }

  /** A request begins; false when too many before it on its connection have not been answered. */
  begin(socket: Socket, response: ServerResponse): boolean {
    const waiting = (this.#waiting.get(socket) ?? 0) + 1
    this.#waiting.set(socket, waiting)
    response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1))
    return waiting <= this.#limits.requestsPerConnection
  }

  #withinRate(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#accepted = 0
    }
    return ++this.#accepted <= this.#limits.acceptsPerSecond
  }

  /** False when it is one too many of its address. */
  #opened(address: string): boolean {
    const count = (this.#byAddress.get(address) ?? 0) + 1
    this.#byAddress.set(address, count)
    return count <= this.#limits.connectionsPerAddress
  }

  #closed(address: string): void {
    const count = (this.#byAddress.get(address) ?? 1) - 1
    if (count === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, count)
  }
}

const endsOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`
