/**
 * One measurement of one server: a fresh server, a fresh load, a warm-up, and what the operating system says of it. It
 * has a deadline, at which both are killed and the measurement fails.
 */
import { certificate } from './certificate.ts'
import { LoadProcess } from './load-process.ts'
import { RelayProcess } from './relay-process.ts'
import { ServerProcess } from './server-process.ts'
import type { CaughtUp, Exchanged, Opened, Published, Subject, Workload } from './workload.ts'

export interface Figures {
  /** CPU seconds per million, or bytes for each connection. */
  readonly cost: number
  readonly perSecond?: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** How busy the load generator was, 0 to 1. */
  readonly utilisation: number
  /** What the server held more than before, where some did not read. */
  readonly grownBytes?: number
  /** The share of what was published that did not come. */
  readonly missing?: number
}

const DEADLINE_MS = 60_000
/** Messages of each connection that go before those that are measured, at most: by then compilers are done. */
const WARM_UP_MESSAGES = 1_000
/** Part of the connections that are made before those that are measured. */
const WARM_UP_CONNECTIONS = 1 / 3
/** One round in which a backlog of any length is published. */
const BACKLOG = { burst: 100, intervalMs: 1, bytes: 128, content: 'filler', channels: 1 } as const

export const measure = async (workload: Workload, subject: Subject): Promise<Figures> => {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  try {
    return await measureUntil(deadline, workload, subject)
  } catch (error) {
    throw deadline.aborted ? new Error(`not done after ${DEADLINE_MS / 1_000} s`, { cause: error }) : error
  }
}

const measureUntil = async (
  deadline: AbortSignal,
  workload: Workload,
  subject: Subject,
): Promise<Figures> => {
  const { runtime } = subject
  const settings = { ...workload.settings, ...(workload.tls && { tls: certificate() }) }
  const starting = LoadProcess.start(deadline)
  const endLoad = (): Promise<void> =>
    starting.then(
      (load) => load.end(),
      () => undefined,
    )
  starting.catch(() => undefined)
  try {
    const server = await ServerProcess.start(subject.server, { runtime, settings }, deadline)
    try {
      return await new Measurement(server, await starting, { workload, subject, deadline }).run()
    } finally {
      // In this order: to a load, a server that ends is a failure.
      await endLoad()
      await server.end()
    }
  } finally {
    await endLoad()
  }
}

class Measurement {
  readonly #server: ServerProcess
  readonly #load: LoadProcess
  readonly #deadline: AbortSignal
  readonly #workload: Workload
  readonly #subject: Subject

  constructor(
    server: ServerProcess,
    load: LoadProcess,
    of: { readonly workload: Workload; readonly subject: Subject; readonly deadline: AbortSignal },
  ) {
    this.#server = server
    this.#load = load
    this.#workload = of.workload
    this.#deadline = of.deadline
    this.#subject = of.subject
  }

  async run(): Promise<Figures> {
    const workload = this.#workload
    switch (workload.kind) {
      case 'published':
        return this.#published(workload)
      case 'exchanged':
        return this.#exchanged(workload)
      case 'opened':
        return this.#opened(workload)
      case 'caught up':
        return this.#caughtUp(workload)
    }
  }

  #open(connections: number, { channels = 1, follows = 1, port = this.#server.port } = {}): Promise<unknown> {
    const { settings, tls = false } = this.#workload
    const target = { port, tls, deflate: settings?.deflate ?? false }
    const { client } = this.#subject
    return this.#load.ask({ kind: 'open', ...target, client, connections, channels, follows }, 'open')
  }

  async #published(workload: Published): Promise<Figures> {
    const { connections, round, follows = 1, deaf } = workload
    if (deaf !== undefined) return this.#publishedToTheDeaf(workload, deaf)
    await this.#open(connections, { channels: round.channels, follows })
    // A server that has done all of it once is what is measured: compilers are done by then.
    await this.#publish(workload)
    return this.#publish(workload)
  }

  /** What the server holds more once some have not read a whole round, after one that they have read. */
  async #publishedToTheDeaf(workload: Published, deaf: number): Promise<Figures> {
    const relay = await RelayProcess.start(this.#server.port, this.#deadline)
    try {
      await this.#open(workload.connections - deaf)
      await this.#open(deaf, { port: relay.port })
      // The history is as long as it gets, and buffers are as large.
      await this.#publish(workload)
      relay.stopReading()
      await this.#server.collect()
      const before = this.#server.residentBytes
      const figures = await this.#publish(workload, deaf)
      await this.#server.collect()
      const grownBytes = this.#server.residentBytes - before
      await this.#load.ask({ kind: 'close' }, 'closed')
      return { ...figures, grownBytes }
    } finally {
      await relay.end()
    }
  }

  async #publish(workload: Published, deaf = 0): Promise<Figures> {
    const { round, connections, per, follows = 1 } = workload
    const due = Math.round((round.publications * (connections - deaf) * follows) / round.channels)
    await this.#load.ask({ kind: 'count', deliveries: due }, 'counting')
    const before = this.#server.cpuSeconds
    const [report] = await Promise.all([
      this.#load.next('counted'),
      this.#server.publish(round).then(() => this.#load.tell({ kind: 'finish' })),
    ])
    const used = this.#server.cpuSeconds - before
    const count = per === 'answers' ? report.reads : report.deliveries
    if (count === 0) throw new Error('nothing was delivered')
    const { p50Ms, p99Ms, utilisation, seconds } = report
    const missing = 1 - report.deliveries / due
    return { cost: (used / count) * 1e6, perSecond: count / seconds, p50Ms, p99Ms, utilisation, missing }
  }

  async #exchanged({ inFlight, messages, connections }: Exchanged): Promise<Figures> {
    await this.#open(connections)
    const warm = Math.ceil(Math.min(messages, WARM_UP_MESSAGES) / inFlight) * inFlight
    await this.#load.ask({ kind: 'exchange', inFlight, messages: warm }, 'exchanged')
    const before = this.#server.cpuSeconds
    const report = await this.#load.ask({ kind: 'exchange', inFlight, messages }, 'exchanged')
    const count = messages * connections
    const { seconds, utilisation, p50Ms, p99Ms } = report
    const cost = ((this.#server.cpuSeconds - before) / count) * 1e6
    return { cost, perSecond: count / seconds, p50Ms, p99Ms, utilisation }
  }

  async #opened({ figure, connections }: Opened): Promise<Figures> {
    await this.#open(Math.ceil(connections * WARM_UP_CONNECTIONS))
    if (figure === 'memory') await this.#server.collect()
    const { cpuSeconds, residentBytes } = this.#server
    const began = performance.now()
    await this.#open(connections)
    const perSecond = (connections / (performance.now() - began)) * 1_000
    const cost = ((this.#server.cpuSeconds - cpuSeconds) / connections) * 1e6
    if (figure === 'handshake') return { cost, perSecond, utilisation: 0 }
    await this.#server.collect()
    return { cost: (this.#server.residentBytes - residentBytes) / connections, utilisation: 0 }
  }

  async #caughtUp({ connections, entries }: CaughtUp): Promise<Figures> {
    await this.#server.publish({ ...BACKLOG, publications: entries })
    await this.#catchUp(Math.ceil(connections * WARM_UP_CONNECTIONS), entries)
    await this.#load.ask({ kind: 'close' }, 'closed')
    return this.#catchUp(connections, entries)
  }

  /** Connecting is part of it. How late an entry comes says nothing here. */
  async #catchUp(connections: number, entries: number): Promise<Figures> {
    const due = connections * entries
    await this.#load.ask({ kind: 'count', deliveries: due }, 'counting')
    const before = this.#server.cpuSeconds
    const [{ deliveries, seconds, utilisation }] = await Promise.all([
      this.#load.next('counted'),
      this.#open(connections).then(() => this.#load.tell({ kind: 'finish' })),
    ])
    if (deliveries === 0) throw new Error('nothing was delivered')
    const cost = ((this.#server.cpuSeconds - before) / deliveries) * 1e6
    return { cost, perSecond: deliveries / seconds, utilisation, missing: 1 - deliveries / due }
  }
}
