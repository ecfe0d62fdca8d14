/**
 * A client's way to the nodes: what its transports are given as `fetch` and as a socket, and the handles by which
 * faults take hold of it. A balancer in front of the nodes chooses one for each request, and may send it twice.
 */
import type { SocketEvents, Socket } from '../../src/client/transports/socket.ts'
import type { Chance } from './chance.ts'
import { exchange } from './http-exchange.ts'
import type { NodeHost } from './node-host.ts'
import { dialOver } from './socket-exchange.ts'
import type { Trace } from './trace.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'
import type { Path, Wire } from './wire.ts'

export interface Network {
  readonly clock: VirtualClock
  readonly chance: Chance
  readonly network: TimerOwner
  readonly linkMs: { readonly least: number; readonly most: number }
  readonly splits: number
  /** Where the next connection goes. */
  balance(): NodeHost
  readonly trace: Trace
  /** The chance that a request's answer is lost, and that a request is sent twice. */
  readonly lostAnswers: number
  readonly duplicates: number
}

/** A proxy that has tried again waits this long for an answer that it will throw away. */
const COPY_WAIT_MS = 3_000

export class ClientPath implements Path {
  readonly name: string
  readonly clock: VirtualClock
  readonly chance: Chance
  readonly network: TimerOwner
  readonly splits: number
  paused = false
  /** `refused`: attempts fail at once. `swallowed`: nothing comes back. */
  state: 'up' | 'refused' | 'swallowed' = 'up'
  #wires: Wire[] = []
  readonly #network: Network

  constructor(name: string, network: Network) {
    this.name = name
    this.#network = network
    this.clock = network.clock
    this.chance = network.chance
    this.network = network.network
    this.splits = network.splits
  }

  delayMs(): number {
    const { least, most } = this.#network.linkMs
    return this.chance.between(least, most)
  }

  detail(what: () => string): void {
    this.#network.trace.detail(this.name, what)
  }

  /** As the global `fetch`. */
  fetch(body: string, signal: AbortSignal | null | undefined): Promise<object> {
    const network = this.#network
    if (network.duplicates > 0 && this.chance.happens(network.duplicates)) this.#copy(body)
    const host = network.balance()
    const { wire, answer } = exchange({
      path: this,
      address: this.name,
      body,
      signal,
      server: () => host.http,
      arrived: (response) => {
        host.arrived(body, response)
        if (network.lostAnswers > 0 && this.chance.happens(network.lostAnswers)) this.#loseAnswer(wire)
      },
    })
    this.#add(host, wire)
    return answer
  }

  open(events: SocketEvents): Socket {
    const host = this.#network.balance()
    const { wire, socket } = dialOver({ path: this, events, server: () => host.socket })
    this.#add(host, wire)
    return socket
  }

  /** It waits on a connection that is dead. */
  get deaf(): boolean {
    return this.#wires.some(({ silent, clientGone }) => silent && !clientGone)
  }

  /** Every connection is cut; both ends hear of it. */
  cut(): void {
    for (const wire of this.#wires) if (!wire.over) wire.cut()
  }

  /** Every connection falls silent, and nobody hears of it. */
  silence(): void {
    for (const wire of this.#wires) wire.silent = true
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    for (const wire of this.#wires) wire.resume()
  }

  #add(host: NodeHost, wire: Wire): void {
    this.#wires = this.#wires.filter(({ over, clientGone }) => !over && !clientGone)
    this.#wires.push(wire)
    host.add(wire)
    if (this.state === 'refused') wire.cut()
    if (this.state === 'swallowed') wire.silent = true
  }

  #loseAnswer(wire: Wire): void {
    this.clock.after(this.network, this.delayMs(), () => wire.cut())
  }

  /** The same request once more, sooner or later, to whichever node. */
  #copy(body: string): void {
    this.clock.after(this.network, this.chance.magnitude(1, 40_000), () => {
      const host = this.#network.balance()
      const { wire } = exchange({ path: this, address: this.name, body, server: () => host.http })
      host.add(wire)
      this.clock.after(this.network, COPY_WAIT_MS, () => wire.closeClient())
    })
  }
}
