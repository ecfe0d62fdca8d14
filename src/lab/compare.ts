/**
 * Runs the comparison: four nodes and their clients in processes of their own, the same publications to all at once, at
 * one rate after the other; and beside them two nodes whose clients only wait. Every process is ended whatever happens.
 */
import { cpus, platform, release } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Cost } from '../advice/index.ts'
import { type TransportName } from '../client/index.ts'
import { spentSince } from './accounting.ts'
import type { Comparison, MeasuredTransport, Phase } from './comparison.ts'
import { nowMicros } from './content.ts'
import { Histogram } from './histogram.ts'
import { type GroupReading, MeasuredGroup } from './measured-group.ts'
import type { NodeReading } from './measured-node.ts'
import { modelOf } from './model.ts'

export interface ComparePlan {
  readonly clients: number
  readonly payloadBytes: number
  /** Publications per second: the one of the table, and all that are measured. */
  readonly perSecond: number
  readonly rates: readonly number[]
  readonly pollIntervalMs: number
  /** Of each rate. */
  readonly windowSeconds: number
  /** While nothing is published. */
  readonly idleSeconds: number
}

export interface CompareProgress {
  readonly what: string
  /** About. */
  readonly done: number
}

export interface CompareOptions {
  readonly plan: ComparePlan
  readonly progress?: (progress: CompareProgress) => void
  readonly signal?: AbortSignal
}

const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']
const WAITING: readonly TransportName[] = ['websocket', 'sse']
/** Until engines have compiled what they run often. */
const WARM_SECONDS = 1.5
const ALONE_SECONDS = 1.75
/** Long polls are held this long, so that holds run out while nothing is published and their cost is seen. */
const HOLD_MS = 1_000
/** What is published may take this long to come, beyond a poll's interval, before it counts as lost. */
const DRAIN_MS = 5_000
const START_SECONDS = 3

/** About how long it takes, seconds. */
export const secondsOf = ({ rates, windowSeconds, idleSeconds, pollIntervalMs }: ComparePlan): number =>
  START_SECONDS +
  WARM_SECONDS +
  idleSeconds +
  rates.length * (windowSeconds + (2 * pollIntervalMs) / 1_000 + 0.3) +
  2 * ALONE_SECONDS +
  0.5

/** @throws ChildError when a process ends early; what `signal` was aborted with. */
export const compare = async (options: CompareOptions): Promise<Comparison> => {
  const run = new Run(options)
  try {
    return await Promise.race([run.run(), run.lost, aborted(options.signal)])
  } finally {
    await run.end()
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error)
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })

/** What one node's process spends with nobody connected. */
interface Alone {
  readonly microsPerSecond: number
  readonly microsPerPublication: number
}

/** Both ends of a window. */
interface Window {
  readonly perSecond: number
  readonly before: GroupReading
  readonly after: GroupReading
  readonly lost: number
  readonly duplicated: number
}

class Run {
  readonly lost: Promise<never>
  readonly #plan: ComparePlan
  readonly #progress: (progress: CompareProgress) => void
  readonly #groups: readonly MeasuredGroup[]
  readonly #waiting: readonly MeasuredGroup[]
  readonly #windows = new Map<TransportName, Window[]>(TRANSPORTS.map((each) => [each, []]))
  readonly #startedMs = performance.now()
  #published = 0

  constructor({ plan, progress = (): void => undefined }: CompareOptions) {
    this.#plan = plan
    this.#progress = progress
    const { clients, pollIntervalMs } = plan
    this.#waiting = WAITING.map((each) => new MeasuredGroup(each, { clients }))
    const settings = { clients, pollIntervalMs, holdMs: HOLD_MS }
    this.#groups = TRANSPORTS.map((each) => new MeasuredGroup(each, settings))
    this.lost = Promise.race([...this.#groups, ...this.#waiting].map(({ node }) => node.lost))
    this.lost.catch(() => undefined)
  }

  async run(): Promise<Comparison> {
    const { rates, idleSeconds } = this.#plan
    this.#say('starting the processes')
    await Promise.all([...this.#groups, ...this.#waiting].map((group) => group.follow()))
    const waitedFrom = await Promise.all(this.#waiting.map(({ node }) => node.read()))
    this.#say('warming up')
    await this.#publish(100, WARM_SECONDS)
    await this.#drained()
    // The busiest first, and the quietest last: engines are slow with what they have not done often yet.
    for (const rate of rates.toSorted((a, b) => b - a)) {
      this.#say(`${rate} publications a second`)
      await this.#window(rate, this.#plan.windowSeconds)
    }
    this.#say('nothing is published')
    await this.#window(0, idleSeconds)
    await Promise.all(this.#groups.map((group) => group.leave()))
    this.#say('nobody is connected')
    const alone = await this.#alone(Math.max(...rates))
    const waitedUntil = await Promise.all(this.#waiting.map(({ node }) => node.read()))
    const idle = new Map(
      WAITING.map((each, at) => [
        each,
        idleCost(waitedFrom[at] as NodeReading, waitedUntil[at] as NodeReading, this.#plan.clients, alone),
      ]),
    )
    return this.#comparison(alone, idle)
  }

  async end(): Promise<void> {
    await Promise.all([...this.#groups, ...this.#waiting].map((group) => group.end()))
  }

  #say(what: string): void {
    const seconds = (performance.now() - this.#startedMs) / 1_000
    this.#progress({ what, done: Math.min(0.99, seconds / secondsOf(this.#plan)) })
  }

  /** Has all nodes publish the same, and waits until it is time for the last. */
  async #publish(perSecond: number, seconds: number): Promise<void> {
    const startMicros = nowMicros() + 50_000
    const { payloadBytes } = this.#plan
    this.#published += Math.max(1, Math.round(perSecond * seconds))
    for (const [at, { node }] of this.#groups.entries()) {
      // A quarter of an interval apart: the bursts of four nodes would stand in each other's way on few cores.
      const shift = (at * 1e6) / perSecond / this.#groups.length
      const pace = { perSecond, payloadBytes, startMicros: startMicros + shift, until: this.#published }
      node.tell({ kind: 'keep', pace })
    }
    await wait(50 + seconds * 1_000)
  }

  /** Waits until everything has come, or must be taken for lost. */
  async #drained(): Promise<GroupReading[]> {
    const wanted = this.#published * this.#plan.clients
    const deadline = performance.now() + DRAIN_MS + this.#plan.pollIntervalMs
    for (;;) {
      const readings = await this.#readings()
      if (readings.every(({ clients }) => clients.delivered >= wanted)) return readings
      if (performance.now() > deadline) return readings
      await wait(50)
    }
  }

  #readings(): Promise<GroupReading[]> {
    return Promise.all(this.#groups.map((group) => group.read()))
  }

  /** A window in a steady state, with as much before it as a poll may wait. */
  async #window(perSecond: number, seconds: number): Promise<void> {
    const settleSeconds = this.#plan.pollIntervalMs / 1_000 + 0.2
    const from = await this.#readings()
    const all = settleSeconds + seconds + 0.1
    const publishing = perSecond > 0 ? this.#publish(perSecond, all) : wait(all * 1_000)
    await wait(settleSeconds * 1_000)
    for (const group of this.#groups) group.begin()
    const before = await this.#readings()
    await wait(seconds * 1_000)
    const after = await this.#readings()
    await publishing
    const until = await this.#drained()
    for (const [at, { transport }] of this.#groups.entries()) {
      const missing = this.#published * this.#plan.clients - (until[at] as GroupReading).clients.delivered
      const earlier = this.#windows.get(transport) ?? []
      const counted = earlier.reduce((sum, { lost }) => sum + lost, 0)
      earlier.push({
        perSecond,
        before: before[at] as GroupReading,
        after: after[at] as GroupReading,
        lost: missing - counted,
        duplicated:
          (until[at] as GroupReading).clients.duplicated - (from[at] as GroupReading).clients.duplicated,
      })
    }
  }

  /** The same publications with nobody there: what is left of the CPU time is the clients'. */
  async #alone(perSecond: number): Promise<ReadonlyMap<TransportName, Alone>> {
    const read = (): Promise<NodeReading[]> => Promise.all(this.#groups.map(({ node }) => node.read()))
    await wait(200)
    const first = await read()
    await wait(ALONE_SECONDS * 1_000)
    const second = await read()
    await this.#publish(perSecond, ALONE_SECONDS)
    const third = await read()
    return new Map(
      this.#groups.map(({ transport }, at) => {
        const silent = spanOf(first[at] as NodeReading, second[at] as NodeReading)
        const busy = spanOf(second[at] as NodeReading, third[at] as NodeReading)
        const microsPerSecond = silent.cpuMicros / silent.seconds
        const rest = busy.cpuMicros - microsPerSecond * busy.seconds
        return [transport, { microsPerSecond, microsPerPublication: Math.max(0, rest / busy.publications) }]
      }),
    )
  }

  #comparison(alone: ReadonlyMap<TransportName, Alone>, idle: ReadonlyMap<TransportName, Cost>): Comparison {
    const { clients, perSecond, payloadBytes, pollIntervalMs } = this.#plan
    const measured = TRANSPORTS.map((transport) => {
      const windows = this.#windows.get(transport) ?? []
      const phases = windows
        .map((each) => phaseOf(each, alone.get(transport) as Alone))
        .toSorted((a, b) => a.perSecond - b.perSecond)
      const about = { clients, perSecond, idle: idle.get(transport) ?? { bytes: 0, cpuMicros: 0 } }
      return { transport, phases, modelled: modelOf(transport, phases, about) }
    })
    return {
      measurement: {
        at: new Date().toISOString(),
        on: `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() || process.arch}, ${platform()} ${release()}`,
        payloadBytes,
        perSecond,
        clients,
        costs: measured.map(({ modelled }) => modelled.cost),
      },
      pollIntervalMs,
      transports: measured.map(({ transport, phases, modelled }): MeasuredTransport => {
        const { residual } = modelled
        return { transport, phases, residual }
      }),
    }
  }
}

const spanOf = (
  before: NodeReading,
  after: NodeReading,
): { seconds: number; publications: number; cpuMicros: number } => ({
  seconds: (after.atMicros - before.atMicros) / 1e6,
  publications: Math.max(1, after.published - before.published),
  cpuMicros: after.cpuMicros - before.cpuMicros,
})

const phaseOf = ({ perSecond, before, after, lost, duplicated }: Window, alone: Alone): Phase => {
  const { bytesRead, bytesWritten, requests, cpuMicros } = spentSince(before.node, after.node)
  const seconds = (after.node.atMicros - before.node.atMicros) / 1e6
  const publications = after.node.published - before.node.published
  const own = alone.microsPerSecond * seconds + alone.microsPerPublication * publications
  return {
    perSecond,
    seconds,
    publications,
    deliveries: after.clients.delivered - before.clients.delivered,
    requests,
    bytesRead,
    bytesWritten,
    cpuMicros: Math.max(0, cpuMicros - own),
    latency: new Histogram(after.clients.latency).percentiles(),
    travel: new Histogram(after.clients.travel).percentiles(),
    lost,
    duplicated,
  }
}

const idleCost = (
  before: NodeReading,
  after: NodeReading,
  clients: number,
  alone: ReadonlyMap<TransportName, Alone>,
): Cost => {
  const spent = spentSince(before, after)
  const seconds = (after.atMicros - before.atMicros) / 1e6
  // The quietest node's: what a process does by itself differs from one to the other by chance.
  const own = Math.min(...[...alone.values()].map(({ microsPerSecond }) => microsPerSecond)) * seconds
  return {
    bytes: (spent.bytesRead + spent.bytesWritten) / seconds / clients,
    cpuMicros: Math.max(0, spent.cpuMicros - own) / seconds / clients,
  }
}
