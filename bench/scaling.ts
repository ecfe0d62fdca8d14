/**
 * How the cost of a delivery grows: with followers, with other channels, with the history that is kept, with the size of
 * a message; and the cost of a connection with how many there are. Holdfast alone; draws curves with `--write`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { draw } from './drawing/lines.ts'
import { Load, type Round, Server } from './processes.ts'

const { values: options } = parseArgs({
  options: { write: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
})

const ROUND: Round = { publications: 40, burst: 1, intervalMs: 50, bytes: 128, channels: 1 }

interface Setting {
  readonly connections: number
  readonly history?: number
  readonly round?: Partial<Round>
}

/** CPU microseconds for each delivery, or for each connection where nothing is published. */
const costOf = async ({ connections, history = 0, round }: Setting): Promise<number> => {
  const server = await Server.start('holdfast', 'node', [String(history)])
  const load = await Load.start()
  const work = { ...ROUND, ...round }
  const { port } = server
  try {
    const before = server.cpuSeconds
    await load.ask(
      { kind: 'open', client: 'holdfast socket', port, connections, channels: work.channels },
      'open',
    )
    if (work.publications === 0) return ((server.cpuSeconds - before) / connections) * 1e6
    const publish = async (): Promise<number> => {
      const deliveries = (work.publications * connections) / work.channels
      await load.ask({ kind: 'count', deliveries }, 'counting')
      const counted = load.next('counted')
      const from = server.cpuSeconds
      await server.publish(work)
      load.tell({ kind: 'finish' })
      return ((server.cpuSeconds - from) / (await counted).deliveries) * 1e6
    }
    await publish()
    return await publish()
  } finally {
    await load.end()
    await server.end()
  }
}

interface Curve {
  readonly name: string
  readonly across: string
  readonly sizes: readonly number[]
  readonly setting: (size: number) => Setting
}

const CURVES: readonly Curve[] = [
  {
    name: 'a delivery, by followers',
    across: 'followers of one channel',
    sizes: [100, 300, 1_000, 3_000],
    setting: (connections) => ({ connections, round: { publications: Math.ceil(40_000 / connections) } }),
  },
  {
    name: 'a delivery, by channels',
    across: 'channels with ten followers each',
    sizes: [10, 30, 100, 300],
    setting: (channels) => ({
      connections: channels * 10,
      round: { channels, publications: 4_000, burst: 200, intervalMs: 100 },
    }),
  },
  {
    name: 'a delivery, by history',
    across: 'publications that the channel keeps',
    sizes: [10, 100, 1_000, 10_000],
    setting: (history) => ({ connections: 500, history, round: { publications: 80 } }),
  },
  {
    name: 'a delivery, by size',
    across: 'bytes of a message',
    sizes: [128, 512, 2_048, 8_192],
    setting: (bytes) => ({ connections: 500, round: { publications: 80, bytes } }),
  },
  {
    name: 'a connection that subscribes, by connections',
    across: 'connections',
    sizes: [500, 1_000, 3_000, 8_000],
    setting: (connections) => ({ connections, round: { publications: 0 } }),
  },
]

if (options.write) mkdirSync(join(import.meta.dirname, '..', 'docs', 'performance'), { recursive: true })
for (const { name, across, sizes, setting } of CURVES) {
  const points = []
  for (const x of options.quick ? sizes.slice(0, 2) : sizes) {
    const y = await costOf(setting(x))
    points.push({ x, y })
    console.log(
      `${name.padEnd(46)}${String(x).padStart(8)} ${across.padEnd(36)}${y.toFixed(1).padStart(8)} µs of CPU`,
    )
  }
  if (!options.write) continue
  const svg = draw(`CPU time of ${name}`, { x: across, y: 'µs of CPU' }, [{ name: 'Holdfast', points }])
  const file = `scaling-${name.replaceAll(/[^a-z]+/g, '-')}.svg`
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'performance', file), svg)
}
process.exit(0)
