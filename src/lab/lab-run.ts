/**
 * One measurement for the page: a node for each transport behind a network of its own, and one with no clients. It lives
 * while the page asks for its numbers, and ends by itself soon after.
 */
import type { TransportName } from '../client/index.ts'
import { NetworkProxy } from '../network/index.ts'
import type { Knobs } from './knobs.ts'
import { nowMicros } from './machine-clock.ts'
import { type MeasuredNode, startNode } from './measured-group.ts'
import type { NodeReading } from './measured-node.ts'
import type { RunReading, RunStarted } from './run-reading.ts'

export const LAB_TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

/** Who has not asked for this long is gone; a page that is not in sight asks once in a while only. */
export const LEASE_MS = 10_000
/** Until all nodes have heard when to begin. */
const LEAD_MICROS = 100_000

export class LabRun {
  readonly id: string
  readonly #nodes: readonly MeasuredNode[]
  readonly #control: MeasuredNode
  readonly #over: (run: LabRun) => void
  #networks: readonly NetworkProxy[] = []
  #knobs: Knobs
  #publishing = false
  #lease: NodeJS.Timeout | undefined
  #ended: Promise<void> | undefined

  /** @param over called when it ends without being told to. */
  constructor(id: string, { knobs, origin, over }: LabRunOptions) {
    this.id = id
    this.#knobs = knobs
    this.#over = over
    this.#nodes = LAB_TRANSPORTS.map(() => startNode({ origins: [origin], clients: 1 }))
    this.#control = startNode({ origins: [], clients: 0 })
    for (const { lost } of [...this.#nodes, this.#control]) lost.catch(() => over(this))
  }

  /** Fulfilled when clients may come: where each transport's node is reached. @throws ChildError */
  async ready(): Promise<RunStarted['urls']> {
    const nodes = await Promise.all(this.#nodes.map((node) => node.ready<{ port: number }>()))
    await this.#control.ready()
    const conditions = conditionsOf(this.#knobs)
    this.#networks = nodes.map(({ port }) => new NetworkProxy({ target: { port }, conditions }))
    const places = await Promise.all(this.#networks.map((network) => network.listen()))
    this.#renew()
    const urls = places.map(({ url }, at) => [LAB_TRANSPORTS[at], url])
    return Object.fromEntries(urls) as RunStarted['urls']
  }

  /** From now on all nodes publish the same. */
  publish(): void {
    this.#publishing = true
    this.#pace()
  }

  change(knobs: Partial<Knobs>): void {
    this.#knobs = { ...this.#knobs, ...knobs }
    const conditions = conditionsOf(this.#knobs)
    for (const network of this.#networks) network.change(conditions)
    if (this.#publishing) this.#pace()
  }

  async read(): Promise<RunReading> {
    this.#renew()
    const [control, ...nodes] = await Promise.all([this.#control, ...this.#nodes].map((node) => node.read()))
    const accounts = LAB_TRANSPORTS.map((transport, at) => [transport, nodes[at] as NodeReading] as const)
    return {
      clockMicros: nowMicros(),
      knobs: this.#knobs,
      nodes: Object.fromEntries(accounts) as unknown as RunReading['nodes'],
      controlMicros: (control as NodeReading).cpuMicros,
      cuts: this.#networks.reduce((sum, { traffic }) => sum + traffic.cuts, 0),
    }
  }

  /** Ends its processes and its networks. */
  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    clearTimeout(this.#lease)
    await Promise.all(this.#networks.map((network) => network.close().catch(() => undefined)))
    await Promise.all([this.#control, ...this.#nodes].map((node) => node.end()))
  }

  #renew(): void {
    clearTimeout(this.#lease)
    if (this.#ended === undefined) this.#lease = setTimeout(() => this.#over(this), LEASE_MS)
  }

  #pace(): void {
    const { perSecond, payloadBytes, publications } = this.#knobs
    const pace = { perSecond, payloadBytes, startMicros: nowMicros() + LEAD_MICROS, until: publications }
    for (const node of [...this.#nodes, this.#control]) node.tell({ kind: 'keep', pace })
  }
}

export interface LabRunOptions {
  readonly knobs: Knobs
  /** Of the page whose clients come. */
  readonly origin: string
  readonly over: (run: LabRun) => void
}

const conditionsOf = ({ delayMs, buffering, noUpgrade, cutEverySeconds }: Knobs) =>
  ({
    delayMs,
    buffering: buffering ? 'responses' : 'none',
    // An nginx that buffers holds what fits into its buffers, not more.
    bufferBytes: 64 * 1024,
    upgrade: noUpgrade ? 'stripped' : 'passed',
    cutEveryMs: cutEverySeconds * 1_000,
  }) as const
