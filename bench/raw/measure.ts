/** One measurement: a fresh server, a fresh load generator, a warm-up, and what the server used from then on. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ServerOptions, ServerReport, ServerRequest, Usage } from './control.ts'
import type { LoadReport, LoadRequest } from './load.ts'
import { payloadOf } from './message.ts'
import type { Hotspot } from './profile.ts'
import type {
  BroadcastWorkload,
  EchoWorkload,
  HandshakeWorkload,
  IdleWorkload,
  Workload,
} from './workloads.ts'

export type Subject = 'holdfast' | 'ws' | 'floor'

export interface Measurement {
  /** One value per metric of the workload, in its order. */
  readonly values: readonly number[]
  /** How busy the load generator's event loop was, 0 to 1. */
  readonly utilisation: number
  readonly hotspots: readonly Hotspot[]
}

export async function measure(workload: Workload, subject: Subject, profile: boolean): Promise<Measurement> {
  const options: ServerOptions = { deflate: workload.deflate ?? false }
  const [server, load] = await Promise.all([
    Process.start<ServerRequest, ServerReport>(`server-${subject}.ts`, [JSON.stringify(options)]),
    Process.start<LoadRequest, LoadReport>('load.ts', []),
  ])
  try {
    const { port } = server.first as ServerReport & { kind: 'listening' }
    const bench = new Bench(server, load, { port, ...options }, profile)
    return await bench.run(workload)
  } finally {
    await Promise.all([load.end(), server.end()])
  }
}

interface Cost {
  readonly before: Usage
  readonly after: Usage
  readonly seconds: number
  readonly utilisation: number
  readonly hotspots: readonly Hotspot[]
}

class Bench {
  private readonly server: Process<ServerRequest, ServerReport>
  private readonly load: Process<LoadRequest, LoadReport>
  private readonly target: { readonly port: number; readonly deflate: boolean }
  private readonly profile: boolean

  constructor(
    server: Process<ServerRequest, ServerReport>,
    load: Process<LoadRequest, LoadReport>,
    target: { readonly port: number; readonly deflate: boolean },
    profile: boolean,
  ) {
    this.server = server
    this.load = load
    this.target = target
    this.profile = profile
  }

  run(workload: Workload): Promise<Measurement> {
    switch (workload.kind) {
      case 'echo':
        return this.echo(workload)
      case 'broadcast':
        return this.broadcast(workload)
      case 'handshake':
        return this.handshake(workload)
      case 'idle':
        return this.idle(workload)
    }
  }

  private async echo({ connections, inFlight, messages, message }: EchoWorkload): Promise<Measurement> {
    await this.open(connections, 50)
    const echo = (count: number): Promise<LoadReport & { kind: 'done' }> =>
      this.load.ask({ kind: 'echo', message, inFlight, messages: count }, 'done')
    await echo(Math.ceil(messages / 4 / inFlight) * inFlight)
    const cost = await this.costOf(() => echo(messages))
    return { ...cost, values: perUnit(cost, connections * messages) }
  }

  private async broadcast(workload: BroadcastWorkload): Promise<Measurement> {
    const { connections, publications, burst } = workload
    await this.open(connections, 50)
    await this.publish(workload, Math.ceil(publications / 4 / burst) * burst)
    const cost = await this.costOf(() => this.publish(workload, publications))
    return { ...cost, values: perUnit(cost, connections * publications) }
  }

  private async publish(
    workload: BroadcastWorkload,
    publications: number,
  ): Promise<LoadReport & { kind: 'done' }> {
    const { burst, intervalMs, message } = workload
    const done = this.load.next('done')
    await this.load.ask({ kind: 'follow', message, publications }, 'following')
    const broadcast = { payload: payloadOf(message).toString(), publications, burst, intervalMs }
    await this.server.ask({ kind: 'broadcast', broadcast }, 'broadcast')
    return done
  }

  private async handshake({ connections, atOnce }: HandshakeWorkload): Promise<Measurement> {
    // A server that has run for a while is what is measured, so the warm-up is long, and gone before it counts.
    await this.open(connections, atOnce)
    await this.load.ask({ kind: 'close' }, 'done')
    const cost = await this.costOf(() => this.open(connections, atOnce))
    return { ...cost, values: [...perUnit(cost, connections), connections / cost.seconds] }
  }

  private async idle({ connections }: IdleWorkload): Promise<Measurement> {
    await this.open(100, 50)
    const cost = await this.costOf(() => this.open(connections, 50), true)
    const { before, after } = cost
    const values = [
      (after.residentBytes - before.residentBytes) / connections,
      (after.heldBytes - before.heldBytes) / connections,
    ]
    return { ...cost, values }
  }

  private open(connections: number, atOnce: number): Promise<LoadReport & { kind: 'done' }> {
    return this.load.ask({ kind: 'open', target: this.target, connections, atOnce }, 'done')
  }

  private async costOf(work: () => Promise<LoadReport & { kind: 'done' }>, collect = false): Promise<Cost> {
    if (this.profile) await this.server.ask({ kind: 'profile' }, 'profile')
    const { usage: before } = await this.server.ask({ kind: 'usage', collect }, 'usage')
    const { seconds, utilisation } = await work()
    const { usage: after } = await this.server.ask({ kind: 'usage', collect }, 'usage')
    const hotspots = this.profile ? (await this.server.ask({ kind: 'hotspots' }, 'hotspots')).hotspots : []
    return { before, after, seconds, utilisation, hotspots }
  }
}

/** CPU microseconds per unit of work, which are CPU seconds per million: all of them, and those outside the kernel. */
function perUnit({ before, after }: Cost, units: number): readonly number[] {
  const user = after.userSeconds - before.userSeconds
  const system = after.systemSeconds - before.systemSeconds
  return [((user + system) / units) * 1e6, (user / units) * 1e6]
}

/** A process that answers each request with one report of a kind; one that ends early ends the run. */
class Process<Request extends object, Report extends { readonly kind: string }> {
  /** What it said when it was ready. */
  readonly first: Report
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, first: Report) {
    this.child = child
    this.first = first
  }

  static async start<Request extends object, Report extends { readonly kind: string }>(
    file: string,
    args: readonly string[],
  ): Promise<Process<Request, Report>> {
    const child = fork(new URL(file, import.meta.url), args, {
      // `ws` as it is installed by itself: another peer's dependency brings the native part along that it would use.
      env: { ...process.env, WS_NO_BUFFER_UTIL: '1' },
      execArgv: ['--conditions', 'holdfast-source', '--expose-gc'],
    })
    child.once('exit', (status) => {
      if (status !== 0) throw new Error(`${file} ended with ${status}`)
    })
    const [first] = (await once(child, 'message')) as [Report]
    return new Process<Request, Report>(child, first)
  }

  ask<Kind extends Report['kind']>(request: Request, kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    const answer = this.next(kind)
    this.child.send(request)
    return answer
  }

  /** The next report of that kind. */
  next<Kind extends Report['kind']>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    return new Promise((resolve) => {
      const hear = (report: Report): void => {
        if (report.kind !== kind) return
        this.child.off('message', hear)
        resolve(report as Extract<Report, { kind: Kind }>)
      }
      this.child.on('message', hear)
    })
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return
    const exit = once(this.child, 'exit')
    this.child.disconnect()
    await exit
  }
}
