/**
 * A machine on which a node runs: it can be started, killed, and told to go. The node is the product's own, with
 * its transports; the machine gives it a clock, a way to its broker, and connections.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Broker } from '../../src/channel/index.ts'
import { ProtocolError } from '../../src/protocol/index.ts'
import type { NodeClock } from '../../src/server/clock.ts'
import { HoldfastNode } from '../../src/server/node.ts'
import type { ServerOptions } from '../../src/server/index.ts'
import { answerRefusal, serveSession, WebSocketCarrier } from '../../src/transport/index.ts'
import type { HttpServer } from './http-exchange.ts'
import type { SocketServer } from './socket-exchange.ts'
import { TimerOwner, type VirtualClock } from './virtual-clock.ts'
import type { Wire } from './wire.ts'

/** Bytes around each publication on the wire. */
const ENVELOPE_BYTES = 300
/** Commands that a client has under way at most. */
const BATCH = 64

export interface HostSurroundings {
  readonly clock: VirtualClock
  readonly random: () => number
  readonly options: ServerOptions
  /** A way to the broker for a node that starts. */
  connect(owner: TimerOwner): { readonly broker: Broker; readonly leave: () => void }
  /** Sweeps come seldom while everyone is asleep. */
  sweepMs(ms: number): number
  /** A node had a fault that is not the broker's. */
  fault(error: unknown): void
  exceeded(what: string, bytes: number): void
  polled(host: NodeHost, body: string, response: { readonly destroyed: boolean }): void
}

interface Running {
  readonly owner: TimerOwner
  readonly node: HoldfastNode
  readonly broker: Broker
  readonly leave: () => void
}

export class NodeHost {
  readonly name: string
  skewMs = 0
  readonly #surroundings: HostSurroundings
  #running: Running | undefined
  #wires: Wire[] = []
  #starts = 0

  constructor(name: string, surroundings: HostSurroundings) {
    this.name = name
    this.#surroundings = surroundings
    this.start()
  }

  get up(): boolean {
    return this.#running !== undefined
  }

  /** How often it was started: names the life of the node. */
  get life(): number {
    return this.#starts
  }

  get node(): HoldfastNode | undefined {
    return this.#running?.node
  }

  get broker(): Broker | undefined {
    return this.#running?.broker
  }

  /** Timers of the node's that have not run. */
  get timers(): number {
    return this.#running?.owner.live ?? 0
  }

  get http(): HttpServer | undefined {
    const { node } = this
    if (node === undefined) return undefined
    const { limits } = node
    return {
      serve: (incoming, response) => serve(node, incoming, response),
      exceeded: (what, bytes) => this.#surroundings.exceeded(what, bytes),
      // Replies of a whole batch are one answer.
      boundBytes: limits.highWaterBytes + limits.pageBytes + this.#envelopes() + BATCH * ENVELOPE_BYTES,
    }
  }

  get socket(): SocketServer | undefined {
    const { node } = this
    if (node === undefined || node.draining) return undefined
    const { limits } = node
    return {
      accept: (connection) => {
        const carrier = new WebSocketCarrier(node, connection, { address: this.name, headers: {} })
        connection.data = carrier
        return carrier
      },
      highWaterBytes: limits.highWaterBytes,
      boundBytes: limits.highWaterBytes + 4 * limits.pageBytes + this.#envelopes(),
      exceeded: (what, bytes) => this.#surroundings.exceeded(what, bytes),
      silenceMs: limits.pingIntervalMs + limits.pongTimeoutMs,
      stallMs: limits.stallMs,
    }
  }

  add(wire: Wire): void {
    this.#wires = this.#wires.filter(({ nodeGone }) => !nodeGone)
    this.#wires.push(wire)
  }

  arrived(body: string, response: { readonly destroyed: boolean }): void {
    if (body.includes('"live":"long-poll"')) this.#surroundings.polled(this, body, response)
  }

  start(): void {
    const { clock, options, random } = this.#surroundings
    const owner = new TimerOwner(`${this.name}.${++this.#starts}`)
    const nodeClock: NodeClock = {
      now: () => clock.wallMs(this.skewMs),
      elapsed: () => clock.nowMs,
      after: (ms, run) => clock.after(owner, ms, run),
      every: (ms, run) => this.#every(owner, ms, run),
      defer: (task) => void clock.after(owner, 0, task),
      random,
    }
    const { broker, leave } = this.#surroundings.connect(owner)
    const onError = (error: unknown): void => this.#surroundings.fault(error)
    this.#running = {
      owner,
      broker,
      leave,
      node: new HoldfastNode(broker, { ...options, onError }, nodeClock),
    }
  }

  /** Killed: its connections are cut, or fall silent when the whole machine is gone. */
  crash(silently: boolean): void {
    if (this.#running === undefined) return
    const { owner, leave } = this.#running
    this.#surroundings.clock.kill(owner)
    leave()
    this.#running = undefined
    for (const wire of this.#wires.splice(0)) {
      // Nothing reaches a process that is dead.
      wire.nodeGone = true
      if (silently) wire.silent = true
      else if (!wire.over) wire.cut()
    }
  }

  /** Says goodbye to everyone; a new one is there at once. */
  async drain(): Promise<void> {
    const { node } = this
    if (node === undefined) return
    node.dispose()
    await Promise.resolve()
  }

  /** Cuts whoever has not gone by itself. */
  cut(): void {
    for (const wire of this.#wires) wire.endNode()
  }

  /** @returns what is left of it, as the names of what should be none. */
  stop(): string[] {
    const { node, timers } = this
    if (node === undefined) return []
    const waiters = node.hub.waiters
    node.hub.dispose()
    const left = { waiters, carriers: node.carriers.size, held: node.held.size, timers }
    return Object.entries(left).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]))
  }

  #envelopes(): number {
    const { limits } = this.#running!.node
    return ENVELOPE_BYTES * (4 * limits.pagePublications + limits.commandsUnderWay)
  }

  #every(owner: TimerOwner, ms: number, run: () => void): () => void {
    const { clock, sweepMs } = this.#surroundings
    let cancel = (): void => undefined
    const again = (): void => {
      cancel = clock.after(owner, sweepMs(ms), () => {
        again()
        run()
      })
    }
    again()
    return () => cancel()
  }
}

/** As the node's routes do, where nothing else is amiss with a request. */
const serve = (node: HoldfastNode, incoming: IncomingMessage, response: ServerResponse): void => {
  const refuse = (): void => answerRefusal(response, new ProtocolError('draining', 'the node is going away'))
  if (node.draining) incoming.once('end', refuse)
  else void serveSession(node, incoming, response)
}
