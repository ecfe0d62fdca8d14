/**
 * Runs the comparison: four nodes and their clients in processes of their own, the same publications to all at once, at
 * one rate after the other. Beside them are a node with no clients, whose CPU time is what is not the clients' fault,
 * and two whose clients only wait. Every process is ended whatever happens.
 */
import { cpus, platform, release } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { TransportName } from '../client/index.ts'
import type { Comparison, MeasuredTransport } from './comparison.ts'
import { nowMicros } from './machine-clock.ts'
import { type GroupReading, MeasuredGroup, type MeasuredNode, startNode } from './measured-group.ts'
import type { NodeReading } from './measured-node.ts'
import { modelOf } from './model.ts'
import { idleCost, phaseOf, type Window } from './window.ts'

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
  /**
   * At least so long are clients watched that only wait. Connections are kept alive every 25 s and a little: what
   * that costs is seen from 28 s on.
   */
  readonly waitingSeconds: number
}

export interface CompareProgress {
  readonly what: string
  /** About, from 0 to 1. */
  readonly done: number
}

export interface CompareOptions {
  readonly plan: ComparePlan
  readonly progress?: (progress: CompareProgress) => void
  readonly signal?: AbortSignal
}

const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']
/** Those whose connections are kept alive while they wait. */
const WAITING: readonly TransportName[] = ['websocket', 'sse']
/** Many, so that what a process does by itself does not count. */
const WAITING_CLIENTS = 100
/** Until engines have compiled what they run often. */
const WARM_SECONDS = 1.5
/** Long polls are held this long, so that holds run out while nothing is published and their cost is seen. */
const HOLD_MS = 1_000
/** What is published may take this long to come, beyond a poll's interval, before it counts as lost. */
const DRAIN_MS = 5_000
const START_SECONDS = 3

/** Keeps no process alive: while there is something to wait for, the processes that were started do. */
const wait = (ms: number): Promise<void> => setTimeout(ms, undefined, { ref: false })

/** About how long it takes, seconds. */
export const secondsOf = (plan: ComparePlan): number => {
  const { rates, windowSeconds, idleSeconds, pollIntervalMs, waitingSeconds } = plan
  const windows = rates.length * (windowSeconds + (2 * pollIntervalMs) / 1_000 + 0.3)
  return START_SECONDS + Math.max(waitingSeconds, WARM_SECONDS + idleSeconds + 0.8 + windows)
}

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

/** All of them at a moment: in the order of TRANSPORTS, and the one with no clients. */
interface Readings {
  readonly groups: readonly GroupReading[]
  readonly control: NodeReading
}

class Run {
  readonly lost: Promise<never>
  readonly #plan: ComparePlan
  readonly #progress: (progress: CompareProgress) => void
  readonly #control: MeasuredNode
  readonly #groups: readonly MeasuredGroup[]
  readonly #waiting: readonly MeasuredGroup[]
  readonly #startedMs = performance.now()
  #published = 0
  /** Counted as lost already, in the order of TRANSPORTS. */
  readonly #lost: number[] = TRANSPORTS.map(() => 0)

  constructor({ plan, progress = (): void => undefined }: CompareOptions) {
    this.#plan = plan
    this.#progress = progress
    const { clients, pollIntervalMs } = plan
    this.#waiting = WAITING.map((each) => new MeasuredGroup(each, { clients: WAITING_CLIENTS }))
    const settings = { clients, pollIntervalMs, holdMs: HOLD_MS }
    this.#groups = TRANSPORTS.map((each) => new MeasuredGroup(each, settings))
    this.#control = startNode({ origins: [], clients: 0 })
    const nodes = [this.#control, ...[...this.#groups, ...this.#waiting].map(({ node }) => node)]
    this.lost = Promise.race(nodes.map(({ lost }) => lost))
    this.lost.catch(() => undefined)
  }

  async run(): Promise<Comparison> {
    const { rates, idleSeconds, windowSeconds } = this.#plan
    this.#say('starting the processes')
    await Promise.all([...this.#groups, ...this.#waiting].map((group) => group.follow()))
    await this.#control.ready()
    const waitedFrom = await this.#readWaiting()
    const waited = wait(this.#plan.waitingSeconds * 1_000)
    this.#say('warming up')
    await this.#publish(100, WARM_SECONDS)
    await this.#drained()
    const windows: Window[][] = []
    // The busiest first, and the quietest last: engines are slow with what they have not done often yet.
    for (const rate of rates.toSorted((a, b) => b - a)) {
      this.#say(`${rate} publications a second`)
      windows.push(await this.#window(rate, windowSeconds))
    }
    this.#say('nothing is published')
    const silent = await this.#window(0, idleSeconds)
    await waited
    const waitedUntil = await this.#readWaiting()
    const idle = WAITING.map((transport, at) => ({
      transport,
      cost: idleCost([waitedFrom[at] as NodeReading, waitedUntil[at] as NodeReading], silent[at] as Window),
    }))
    return this.#comparison([silent, ...windows.toReversed()], idle)
  }

  async end(): Promise<void> {
    await Promise.all([this.#control, ...this.#groups, ...this.#waiting].map((each) => each.end()))
  }

  #say(what: string): void {
    const seconds = (performance.now() - this.#startedMs) / 1_000
    this.#progress({ what, done: Math.min(0.99, seconds / secondsOf(this.#plan)) })
  }

  #readWaiting(): Promise<NodeReading[]> {
    return Promise.all(this.#waiting.map(({ node }) => node.read()))
  }

  async #read(): Promise<Readings> {
    const [control, ...groups] = await Promise.all([
      this.#control.read(),
      ...this.#groups.map((group) => group.read()),
    ])
    return { control, groups }
  }

  /** Has all nodes publish the same, and waits until it is time for the last. */
  async #publish(perSecond: number, seconds: number): Promise<void> {
    const startMicros = nowMicros() + 50_000
    const { payloadBytes } = this.#plan
    this.#published += Math.max(1, Math.round(perSecond * seconds))
    for (const [at, node] of [...this.#groups.map((group) => group.node), this.#control].entries()) {
      // A part of an interval apart: the bursts of four nodes would stand in each other's way on few cores.
      const shift = (at * 1e6) / perSecond / (this.#groups.length + 1)
      const pace = { perSecond, payloadBytes, startMicros: startMicros + shift, until: this.#published }
      node.tell({ kind: 'keep', pace })
    }
    await wait(50 + seconds * 1_000)
  }

  /** Waits until everything has come, or must be taken for lost. */
  async #drained(): Promise<Readings> {
    const wanted = this.#published * this.#plan.clients
    const deadline = performance.now() + DRAIN_MS + this.#plan.pollIntervalMs
    for (;;) {
      const readings = await this.#read()
      if (readings.groups.every(({ clients }, at) => clients.delivered + (this.#lost[at] ?? 0) >= wanted))
        return readings
      if (performance.now() > deadline) return readings
      await wait(50)
    }
  }

  /** A window in a steady state, with as much before it as a poll may wait; in the order of TRANSPORTS. */
  async #window(perSecond: number, seconds: number): Promise<Window[]> {
    const settleSeconds = this.#plan.pollIntervalMs / 1_000 + 0.2
    const from = await this.#read()
    const all = settleSeconds + seconds + 0.1
    const publishing = perSecond > 0 ? this.#publish(perSecond, all) : wait(all * 1_000)
    await wait(settleSeconds * 1_000)
    for (const group of this.#groups) group.begin()
    const before = await this.#read()
    await wait(seconds * 1_000)
    const after = await this.#read()
    await publishing
    const until = await this.#drained()
    return this.#groups.map((_, at) => ({
      ...between(perSecond, before, after, at),
      ...this.#losses(from, until, at),
    }))
  }

  #losses(from: Readings, until: Readings, at: number): Pick<Window, 'lost' | 'duplicated'> {
    const { delivered, duplicated } = (until.groups[at] as GroupReading).clients
    const missing = this.#published * this.#plan.clients - delivered
    const lost = missing - (this.#lost[at] ?? 0)
    this.#lost[at] = missing
    return { lost, duplicated: duplicated - (from.groups[at] as GroupReading).clients.duplicated }
  }

  #comparison(
    windows: readonly Window[][],
    waited: readonly { transport: TransportName; cost: ReturnType<typeof idleCost> }[],
  ): Comparison {
    const { clients, perSecond, payloadBytes, pollIntervalMs } = this.#plan
    const measured = TRANSPORTS.map((transport, at) => {
      const phases = windows.map((each) => phaseOf(each[at] as Window))
      const idle = waited.find((each) => each.transport === transport)?.cost ?? { bytes: 0, cpuMicros: 0 }
      return { transport, phases, modelled: modelOf(transport, phases, { clients, perSecond, idle }) }
    })
    const processor = cpus()[0]?.model.trim() || process.arch
    return {
      measurement: {
        at: new Date().toISOString(),
        on: `Node ${process.versions.node}, ${cpus().length} × ${processor}, ${platform()} ${release()}`,
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

const between = (
  perSecond: number,
  before: Readings,
  after: Readings,
  at: number,
): Omit<Window, 'lost' | 'duplicated'> => ({
  perSecond,
  before: before.groups[at] as GroupReading,
  after: after.groups[at] as GroupReading,
  controlMicros: after.control.cpuMicros - before.control.cpuMicros,
})
