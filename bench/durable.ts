/**
 * The durable benchmark: what an acknowledgement on disk costs, how soon a subscriber has it, how fast a log is read
 * back, what changes as it grows, and what a long history costs a node in memory. Prints JSON with `--json`; the curves
 * of growth are drawn into docs/ with `--draw`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MemoryBroker } from 'holdfast/server'
import { draw } from './drawing/lines.ts'
import { readBack } from './durable/history.ts'
import { deliver } from './durable/latency.ts'
import { fill, publishFor, withStore } from './durable/store.ts'
import { type Measured, readLong } from '../test/durability/memory/long-read.ts'

const USAGE = `npm run bench -- durable [options]
  --quick          logs of a twentieth of the size
  --only <part>    acknowledgements, latency, reading, growth or memory; may be repeated
  --draw           draws the curves of growth into docs/durable-growth.svg
  --json           the result as JSON
HOLDFAST_BENCH_DIR is the directory on the disk that is measured; the system's temporary one by default.`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    draw: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(USAGE)
  process.exit(0)
}

const SECONDS = options.quick ? 1 : 4
const LONG = options.quick ? 50_000 : 1_000_000
const SIZES = options.quick ? [1_000, 10_000, 50_000] : [1_000, 10_000, 100_000, 1_000_000, 5_000_000]

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}
const wanted = (part: string): boolean => options.only.length === 0 || options.only.includes(part)
const result: Record<string, unknown> = {}
const say = (line: string): void => {
  progress('')
  if (!options.json) console.log(line)
}
const ms = (value: number): string => `${value.toFixed(2)} ms`

if (wanted('acknowledgements')) {
  say('\nAcknowledged after the sync: publications of 128 bytes, each with its producer')
  const rows: unknown[] = []
  for (const [publishers, channels] of [
    [1, 1],
    [10, 1],
    [100, 1],
    [100, 1_000],
  ] as const) {
    progress(`acknowledgements: ${publishers} publishers, ${channels} channels`)
    const measured = await withStore(async (broker) => {
      await publishFor(broker, { publishers, channels, seconds: SECONDS / 4 })
      return publishFor(broker, { publishers, channels, seconds: SECONDS })
    })
    rows.push({ publishers, channels, ...measured })
    say(
      `  ${`${publishers} publishers, ${channels} channels`.padEnd(32)}${Math.round(measured.perSecond)
        .toLocaleString('en')
        .padStart(
          10,
        )}/s   p50 ${ms(measured.p50Ms)}   p99 ${ms(measured.p99Ms)}   loop p99 ${ms(measured.loopP99Ms)}   CPU ${measured.cpuMicros.toFixed(1)} µs each`,
    )
  }
  result['acknowledgements'] = rows
}

if (wanted('latency')) {
  progress('latency')
  const count = options.quick ? 200 : 1_000
  const memory = await deliver(new MemoryBroker(), count)
  const sqlite = await withStore((broker) => deliver(broker, count))
  result['latency'] = { memory, sqlite }
  say('\nFrom publish to the handler of a WebSocket subscriber, one at a time')
  say(`  memory  p50 ${ms(memory.p50Ms)}   p99 ${ms(memory.p99Ms)}`)
  say(`  sqlite  p50 ${ms(sqlite.p50Ms)}   p99 ${ms(sqlite.p99Ms)}`)
}

if (wanted('reading')) {
  progress(`reading: ${LONG} entries`)
  const perSecond = await withStore(async (broker) => {
    await fill(broker, { held: 0, entries: LONG, channels: 1 })
    return readBack(broker, LONG)
  })
  result['reading'] = { entries: LONG, perSecond }
  say(
    `\nReading back ${LONG.toLocaleString('en')} entries in pages of 300: ${Math.round(perSecond).toLocaleString('en')}/s`,
  )
}

if (wanted('growth')) {
  say('\nAn acknowledged publication of 100 publishers, as the log grows')
  const curves = []
  for (const channels of [1, 1_000]) {
    const points: { x: number; y: number; wallMicros: number; perSecond: number; p99Ms: number }[] = []
    await withStore(async (broker) => {
      let held = 0
      for (const size of SIZES) {
        progress(`growth: ${channels} channels, filling to ${size}`)
        await fill(broker, { held, entries: size, channels })
        progress(`growth: ${channels} channels, measuring at ${size}`)
        await publishFor(broker, { publishers: 100, channels, seconds: SECONDS / 8, ledger: false })
        const measured = await publishFor(broker, {
          publishers: 100,
          channels,
          seconds: SECONDS / 2,
          ledger: false,
        })
        held = size + measured.count
        const { perSecond, cpuMicros, p99Ms } = measured
        points.push({ x: size, y: cpuMicros, wallMicros: 1e6 / perSecond, perSecond, p99Ms })
        say(
          `  ${`${channels} channels, ${size.toLocaleString('en')} entries`.padEnd(36)}${cpuMicros.toFixed(1).padStart(8)} µs of CPU   ${(1e6 / perSecond).toFixed(1).padStart(8)} µs by the clock`,
        )
      }
    })
    curves.push({ name: channels === 1 ? '1 channel' : '1,000 channels', points })
  }
  result['growth'] = curves
  if (options.draw) {
    const labels = { x: 'entries in the store', y: 'µs of CPU' }
    const svg = draw('CPU time per acknowledged publication as the log grows', labels, curves)
    writeFileSync(join(import.meta.dirname, '..', 'docs', 'durable-growth.svg'), svg)
  }
}

if (wanted('memory')) {
  progress(`memory: a client reads ${LONG} entries`)
  const report = await readLong({ entries: LONG })
  result['memory'] = report
  const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`.padStart(10)
  const row = (name: string, { held, reserved, rss }: Measured): void =>
    say(
      `  ${name.padEnd(12)}held ${mib(held)}   heaps ${mib(reserved)}   resident ${mib(rss)}   beside the heaps ${mib(rss - reserved)}`,
    )
  say(
    `\nMemory of the node while a client reads ${LONG.toLocaleString('en')} entries (${report.seconds.toFixed(1)} s): what its threads hold after a collection, heap and external; what their heaps have taken`,
  )
  row('before', report.before)
  for (const [index, point] of report.points.entries()) row(`${index + 1} of 10`, point)
  say(`  held at most ${mib(report.grown).trim()} more than at the first tenth`)
}

if (options.json) console.log(JSON.stringify(result, undefined, 2))
