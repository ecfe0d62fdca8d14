/** One measurement of one server: a fresh server, a fresh load, a warm-up, and what the operating system says of it. */
import { Load, Server } from './processes.ts'
import type { Exchanged, Opened, Published, Subject, Workload } from './workloads.ts'

export interface Figures {
  /** CPU seconds per million, or bytes for each connection. */
  readonly cost: number
  readonly perSecond?: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** How busy the load generator was, 0 to 1. */
  readonly utilisation: number
}

/** Part of the work that is done once before it is measured. */
const WARM_UP = 1 / 3

export const measure = async (workload: Workload, subject: Subject): Promise<Figures> => {
  const [server, load] = [await Server.start(subject.server, subject.runtime), await Load.start()]
  try {
    if (workload.kind === 'opened') return await opened(workload, subject, { server, load })
    const { connections } = workload
    const channels = workload.kind === 'published' ? workload.round.channels : 1
    await load.ask({ kind: 'open', client: subject.client, port: server.port, connections, channels }, 'open')
    if (workload.kind === 'exchanged') return await exchanged(workload, { server, load })
    // What is measured is a server that has been at it for a while: compilers are done by then.
    await publishedOnce(workload, { server, load }, 1)
    return await publishedOnce(workload, { server, load }, 1)
  } finally {
    await load.end()
    await server.end()
  }
}

interface Pair {
  readonly server: Server
  readonly load: Load
}

const publishedOnce = async (
  { round, connections, per }: Published,
  { server, load }: Pair,
  part: number,
): Promise<Figures> => {
  const publications = Math.ceil((round.publications * part) / round.burst) * round.burst
  const deliveries = (publications * connections) / round.channels
  await load.ask({ kind: 'count', deliveries }, 'counting')
  const counted = load.next('counted')
  const before = server.cpuSeconds
  await server.publish({ ...round, publications })
  load.tell({ kind: 'finish' })
  const report = await counted
  const used = server.cpuSeconds - before
  const count = per === 'answers' ? report.reads : report.deliveries
  if (count === 0) throw new Error('nothing was delivered')
  const { p50Ms, p99Ms, utilisation, seconds } = report
  return { cost: (used / count) * 1e6, perSecond: count / seconds, p50Ms, p99Ms, utilisation }
}

const exchanged = async (
  { inFlight, messages, connections }: Exchanged,
  { server, load }: Pair,
): Promise<Figures> => {
  const warm = Math.ceil((messages * WARM_UP) / inFlight) * inFlight
  await load.ask({ kind: 'exchange', inFlight, messages: warm }, 'exchanged')
  const before = server.cpuSeconds
  const report = await load.ask({ kind: 'exchange', inFlight, messages }, 'exchanged')
  const count = messages * connections
  const { seconds, utilisation, p50Ms, p99Ms } = report
  return {
    cost: ((server.cpuSeconds - before) / count) * 1e6,
    perSecond: count / seconds,
    p50Ms,
    p99Ms,
    utilisation,
  }
}

const opened = async (
  { figure, connections }: Opened,
  { client }: Subject,
  { server, load }: Pair,
): Promise<Figures> => {
  const { port } = server
  const open = (count: number): Promise<unknown> =>
    load.ask({ kind: 'open', client, port, connections: count, channels: 1 }, 'open')
  await open(Math.ceil(connections * WARM_UP))
  if (figure === 'memory') await server.collect()
  const [cpu, bytes, began] = [server.cpuSeconds, server.residentBytes, performance.now()]
  await open(connections)
  const perSecond = (connections / (performance.now() - began)) * 1_000
  if (figure === 'handshake')
    return { cost: ((server.cpuSeconds - cpu) / connections) * 1e6, perSecond, utilisation: 0 }
  await server.collect()
  return { cost: (server.residentBytes - bytes) / connections, utilisation: 0 }
}
