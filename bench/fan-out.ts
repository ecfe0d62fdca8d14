/**
 * Fan-out: 1,000 followers of one channel over each transport, beside `ws` doing a bare broadcast in the same
 * run. Prints the server's CPU seconds per million deliveries; medians of interleaved rounds.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { type Follow, open } from './load/client.ts'
import { bareWebSocket, longPolling, polling, sse, websocket } from './load/follow.ts'
import type { Report, Request, Round } from './servers/measurements.ts'

interface Subject {
  readonly name: string
  readonly server: 'holdfast' | 'ws'
  readonly follow: Follow
}

const SUBJECTS: readonly Subject[] = [
  { name: 'ws, bare broadcast', server: 'ws', follow: bareWebSocket },
  { name: 'holdfast WebSocket', server: 'holdfast', follow: websocket },
  { name: 'holdfast SSE', server: 'holdfast', follow: sse },
  { name: 'holdfast long polling', server: 'holdfast', follow: longPolling },
  { name: 'holdfast polling, 100 ms', server: 'holdfast', follow: polling },
]

interface Workload {
  readonly title: string
  readonly round: Round
}

const WORKLOADS: readonly Workload[] = [
  { title: 'one at a time, 20/s', round: { publications: 100, burst: 1, intervalMs: 50, payloadBytes: 128 } },
  {
    title: 'ten per turn, 200/s',
    round: { publications: 500, burst: 10, intervalMs: 50, payloadBytes: 128 },
  },
]

const { values } = parseArgs({
  options: { clients: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } },
})
const CLIENTS = Number(values.clients)
const ROUNDS = Number(values.rounds)

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const start = async (name: string): Promise<{ child: ChildProcess; port: number }> => {
  const child = fork(new URL(`./servers/${name}.ts`, import.meta.url), {
    execArgv: ['--conditions', 'holdfast-source'],
  })
  child.once('exit', (status) => {
    // Nothing that was measured so far is worth anything then.
    if (status !== 0) throw new Error(`the server ${name} ended with ${status}`)
  })
  const [report] = (await once(child, 'message')) as [Report]
  if (report.kind !== 'listening') throw new Error('the server did not start')
  return { child, port: report.port }
}

const ask = async <Kind extends Report['kind']>(
  child: ChildProcess,
  request: Request,
  kind: Kind,
): Promise<Extract<Report, { kind: Kind }>> => {
  child.send(request)
  for (;;) {
    const [report] = (await once(child, 'message')) as [Report]
    if (report.kind === kind) return report as Extract<Report, { kind: Kind }>
  }
}

/** One round: the followers connect, the server publishes, everything arrives. @returns CPU s per 1M deliveries. */
const measure = async (subject: Subject, round: Round): Promise<number> => {
  const { child, port } = await start(subject.server)
  const due = CLIENTS * round.publications
  const all = Promise.withResolvers<void>()
  let delivered = 0
  const counted = (count: number): void => {
    delivered += count
    if (delivered === due) all.resolve()
  }
  const sockets: Socket[] = []
  for (let i = 0; i < CLIENTS; i += 50) {
    const some = Array.from({ length: Math.min(50, CLIENTS - i) }, () => open(port, subject.follow, counted))
    sockets.push(...(await Promise.all(some)))
  }
  const before = await ask(child, { kind: 'cpu' }, 'cpu')
  await ask(child, { kind: 'round', round }, 'published')
  await all.promise
  const after = await ask(child, { kind: 'cpu' }, 'cpu')
  for (const socket of sockets) socket.destroy()
  child.disconnect()
  await once(child, 'exit')
  return ((after.seconds - before.seconds) / due) * 1e6
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number

for (const { title, round } of WORKLOADS) {
  const costs = new Map<string, number[]>(SUBJECTS.map(({ name }) => [name, []]))
  for (let i = 0; i < ROUNDS; i++) {
    for (const subject of SUBJECTS) {
      progress(`${title}: round ${i + 1} of ${ROUNDS}, ${subject.name}`)
      costs.get(subject.name)?.push(await measure(subject, round))
    }
  }
  progress('')
  const base = median(costs.get('ws, bare broadcast') ?? [])
  console.log(
    `\nFan-out to ${CLIENTS}, ${title}: server CPU seconds per million deliveries, median of ${ROUNDS}`,
  )
  for (const [name, rounds] of costs) {
    const cost = median(rounds)
    console.log(
      `  ${name.padEnd(28)}${cost.toFixed(2).padStart(8)}${(cost / base).toFixed(2).padStart(8)} × ws`,
    )
  }
}
