/**
 * One server under measurement with a load of its own: opened, warmed up, and asked for turn after turn of its work, each
 * with what the operating system says of it. What takes too long is killed, and fails.
 */
import { setTimeout } from 'node:timers/promises'
import { certificate } from './certificate.ts'
import { LoadProcess } from './load-process.ts'
import { RelayProcess } from './relay-process.ts'
import { type Round, ServerProcess } from './server-process.ts'
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

/** What a start with its warm-up may take, and a turn. */
const DEADLINE_MS = 60_000
/** Who uses next to nothing for so long has done what it had to. */
const QUIET_MS = 50
const QUIET_SECONDS = 0.005
/**
 * Messages, answers or writes that go before those that are measured: V8 compiles what a server does in the midst of
 * its first hundred thousand, on threads whose time is the server's.
 */
const WARM_UP = 120_000
/** Connections that are made and ended before those that are measured. */
const WARM_UP_HANDSHAKES = 20_000
/** Part of the connections that come before those that are measured, where memory or a backlog is. */
const WARM_UP_CONNECTIONS = 1 / 3
/** Between two publications to one connection while a server warms up. */
const WARM_UP_MICROS = 25
/** One round in which a backlog of any length is published. */
const BACKLOG = { burst: 100, intervalMs: 1, bytes: 128, content: 'filler', channels: 1 } as const

/** Whether it can be done again and again by the same server; otherwise a fresh one is needed each time. */
export const isRepeatable = (workload: Workload): boolean => {
  if (workload.kind === 'published') return workload.deaf === undefined
  return workload.kind === 'exchanged' || (workload.kind === 'opened' && workload.figure !== 'memory')
}

/** Kills what it was given when something takes too long. */
class Deadline {
  readonly #controller = new AbortController()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async bound<T>(work: () => Promise<T>): Promise<T> {
    const timer = globalThis.setTimeout(() => this.#controller.abort(), DEADLINE_MS)
    try {
      return await work()
    } catch (error) {
      throw this.signal.aborted
        ? new Error(`not done after ${DEADLINE_MS / 1_000} s`, { cause: error })
        : error
    } finally {
      clearTimeout(timer)
    }
  }
}

export class Contender {
  readonly #server: ServerProcess
  readonly #load: LoadProcess
  readonly #deadline: Deadline
  readonly #workload: Workload
  readonly #subject: Subject

  private constructor(
    server: ServerProcess,
    load: LoadProcess,
    of: { readonly workload: Workload; readonly subject: Subject; readonly deadline: Deadline },
  ) {
    this.#server = server
    this.#load = load
    this.#workload = of.workload
    this.#deadline = of.deadline
    this.#subject = of.subject
  }

  /** Started, and warm where it is to be. */
  static async start(workload: Workload, subject: Subject): Promise<Contender> {
    const deadline = new Deadline()
    return deadline.bound(async () => {
      const { runtime } = subject
      const settings = { ...workload.settings, ...(workload.tls && { tls: certificate() }) }
      const load = await LoadProcess.start(deadline.signal)
      const starting = ServerProcess.start(subject.server, { runtime, settings }, deadline.signal)
      const server = await starting.catch((error: unknown) => endAndThrow(load, error))
      const contender = new Contender(server, load, { workload, subject, deadline })
      if (isRepeatable(workload))
        await contender.#warmUp().catch((error: unknown) => endAndThrow(contender, error))
      return contender
    })
  }

  /** The work done once, by a server of its own. */
  static async once(workload: Workload, subject: Subject): Promise<Figures> {
    const contender = await Contender.start(workload, subject)
    try {
      return await contender.turn()
    } finally {
      await contender.end()
    }
  }

  /** The work once; again and again where it is repeatable. */
  turn(): Promise<Figures> {
    return this.#deadline.bound(() => this.#work())
  }

  /** In this order: to a load, a server that ends is a failure. */
  async end(): Promise<void> {
    await this.#load.end()
    await this.#server.end()
  }

  #work(): Promise<Figures> {
    const workload = this.#workload
    switch (workload.kind) {
      case 'published':
        return workload.deaf === undefined
          ? this.#publish(workload)
          : this.#publishedToTheDeaf(workload, workload.deaf)
      case 'exchanged':
        return this.#exchanged(workload)
      case 'opened':
        return workload.figure === 'memory' ? this.#held(workload) : this.#shaken(workload)
      case 'caught up':
        return this.#caughtUp(workload)
    }
  }

  async #warmUp(): Promise<void> {
    const workload = this.#workload
    if (workload.kind === 'published') {
      const { connections, round, follows = 1 } = workload
      await this.#open(connections, { channels: round.channels, follows })
      await this.#publish({ ...workload, round: warming(workload) })
    } else if (workload.kind === 'exchanged') {
      const { connections, inFlight } = workload
      await this.#open(connections)
      const messages = Math.ceil(WARM_UP / connections / inFlight) * inFlight
      await this.#load.ask({ kind: 'exchange', inFlight, messages }, 'exchanged')
    } else {
      for (let made = 0; made < WARM_UP_HANDSHAKES; made += workload.connections) {
        await this.#open(workload.connections)
        await this.#close()
      }
    }
  }

  #open(connections: number, { channels = 1, follows = 1, port = this.#server.port } = {}): Promise<unknown> {
    const { settings, tls = false } = this.#workload
    const target = { port, tls, deflate: settings?.deflate ?? false }
    const { client } = this.#subject
    return this.#load.ask({ kind: 'open', ...target, client, connections, channels, follows }, 'open')
  }

  /** What the server holds more once some have not read a whole round, after one that they have read. */
  async #publishedToTheDeaf(workload: Published, deaf: number): Promise<Figures> {
    const relay = await RelayProcess.start(this.#server.port, this.#deadline.signal)
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
    const before = this.#server.cpuSeconds
    const report = await this.#load.ask({ kind: 'exchange', inFlight, messages }, 'exchanged')
    const count = messages * connections
    const { seconds, utilisation, p50Ms, p99Ms } = report
    const cost = ((this.#server.cpuSeconds - before) / count) * 1e6
    return { cost, perSecond: count / seconds, p50Ms, p99Ms, utilisation }
  }

  /** Connections are ended again: of a handshake that is not measured, of a life it is. */
  async #shaken({ connections, figure }: Opened): Promise<Figures> {
    const before = this.#server.cpuSeconds
    const began = performance.now()
    await this.#open(connections)
    const perSecond = (connections / (performance.now() - began)) * 1_000
    const opened = this.#server.cpuSeconds
    await this.#close()
    const used = (figure === 'life' ? this.#server.cpuSeconds : opened) - before
    return { cost: (used / connections) * 1e6, perSecond, utilisation: 0 }
  }

  /** What the server has to do for that is over before the next one's turn. */
  async #close(): Promise<void> {
    await this.#load.ask({ kind: 'close' }, 'closed')
    for (let used = Infinity; used > QUIET_SECONDS;) {
      const before = this.#server.cpuSeconds
      await setTimeout(QUIET_MS)
      used = this.#server.cpuSeconds - before
    }
  }

  async #held({ connections }: Opened): Promise<Figures> {
    await this.#open(Math.ceil(connections * WARM_UP_CONNECTIONS))
    await this.#server.collect()
    const before = this.#server.residentBytes
    await this.#open(connections)
    await this.#server.collect()
    return { cost: (this.#server.residentBytes - before) / connections, utilisation: 0 }
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

const endAndThrow = async (begun: { end(): Promise<void> }, error: unknown): Promise<never> => {
  await begun.end()
  throw error
}

/** So much of the same work that everybody is warm, as fast as connections can be written to. */
const warming = ({ round, connections, follows = 1 }: Published): Round => {
  const { publications, burst, channels, intervalMs } = round
  const writes = (publications * connections * follows) / channels / (channels === 1 ? burst : 1)
  return {
    ...round,
    publications: publications * Math.ceil(WARM_UP / writes),
    intervalMs: Math.min(intervalMs / 2, (connections * WARM_UP_MICROS) / 1_000),
  }
}
