/** Counts connections by address and by second. One too many is answered with 503, not cut off in silence. */
import type { Socket } from 'node:net'
import type { Limits } from '../transport/index.ts'

type ConnectionLimits = Pick<Limits, 'connectionsPerAddress' | 'acceptsPerSecond'>

export class Connections {
  readonly #byAddress = new Map<string, number>()
  readonly #refused = new WeakSet<object>()
  readonly #limits: ConnectionLimits
  #second = 0
  #accepted = 0
  #open = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  get open(): number {
    return this.#open
  }

  accept(socket: Socket, nowMs: number): void {
    const address = socket.remoteAddress ?? ''
    const count = (this.#byAddress.get(address) ?? 0) + 1
    this.#byAddress.set(address, count)
    this.#open++
    socket.once('close', () => this.#closed(address))
    if (count > this.#limits.connectionsPerAddress || !this.#withinRate(nowMs)) this.#refused.add(socket)
  }

  /** Whether a connection was one too many when it came. */
  isRefused(socket: object): boolean {
    return this.#refused.has(socket)
  }

  #withinRate(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#accepted = 0
    }
    return ++this.#accepted <= this.#limits.acceptsPerSecond
  }

  #closed(address: string): void {
    this.#open--
    const count = (this.#byAddress.get(address) ?? 1) - 1
    if (count === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, count)
  }
}
