/**
 * The raw benchmark: `holdfast/websocket` beside `ws` in the same run, round by round in turn. Prints what the server
 * used according to the operating system; medians. Nothing of channels, offsets or history is in it.
 */
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measure, type Measurement, type Subject } from './raw/measure.ts'
import { shortened, WORKLOADS, type Metric, type Workload } from './raw/workloads.ts'

const USAGE = `npm run bench -- raw [options]
  --quick          less of the work, in under a minute
  --only <text>    only the rows whose name contains it; may be repeated
  --rounds <n>     measurements per row and server, 3
  --json           the result as JSON
  --profile <who>  holdfast or ws: where its time goes, instead of what it costs`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const ROUNDS = Number(options.rounds)
const SUBJECTS: readonly Subject[] = ['holdfast', 'ws']
const workloads = WORKLOADS.filter(
  ({ name, quick }) =>
    (options.only.length > 0 || quick === true || !options.quick) &&
    (options.only.length === 0 || options.only.some((text) => name.includes(text))),
).map((workload) => (options.quick ? shortened(workload) : workload))

interface Row extends Metric {
  readonly workload: string
  readonly holdfast: number
  readonly ws: number
  readonly ratio: number
  readonly rounds: Readonly<Record<Subject, readonly number[]>>
  /** How busy the load generator was at most, 0 to 1. */
  readonly loadUtilisation: number
}

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

let done = 0
const rowsOf = async (workload: Workload): Promise<Row[]> => {
  const measured: Record<Subject, Measurement[]> = { holdfast: [], ws: [] }
  for (let round = 0; round < ROUNDS; round++) {
    // Who goes first changes, so that nobody always follows the other's mess.
    for (const subject of round % 2 === 0 ? SUBJECTS : SUBJECTS.toReversed()) {
      progress(
        `[${++done}/${workloads.length * ROUNDS * 2}] ${workload.name}: round ${round + 1}, ${subject}`,
      )
      measured[subject].push(await measure(workload, subject, false))
    }
  }
  return workload.metrics.map((metric, at) => {
    const rounds = {
      holdfast: measured.holdfast.map(({ values }) => values[at]!),
      ws: measured.ws.map(({ values }) => values[at]!),
    }
    const [holdfast, ws] = [median(rounds.holdfast), median(rounds.ws)]
    const loadUtilisation = Math.max(...SUBJECTS.flatMap((s) => measured[s].map((m) => m.utilisation)))
    return { workload: workload.name, ...metric, holdfast, ws, ratio: holdfast / ws, rounds, loadUtilisation }
  })
}

const verdict = ({ ratio, better, bar }: Row): string => {
  if (bar === undefined) return ''
  const holds = better === 'lower' ? ratio <= bar : ratio >= bar
  return `${better === 'lower' ? '≤' : '≥'} ${bar.toFixed(2)} ${holds ? 'holds' : 'MISSED'}`
}

const line = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(40)}${cells.map((cell) => cell.padStart(13)).join('')}`

const figure = (value: number): string => value.toFixed(value < 100 ? 2 : 0)

const print = (workload: Workload, rows: readonly Row[]): void => {
  console.log(`\n${workload.name}`)
  for (const row of rows) {
    const cells = [figure(row.holdfast), figure(row.ws), row.ratio.toFixed(2)]
    console.log(
      line(row.label, [...cells, verdict(row).padStart(14), `${Math.round(row.loadUtilisation * 100)} %`]),
    )
  }
}

const machine = {
  node: process.version,
  ws: (createRequire(import.meta.url)('ws/package.json') as { version: string }).version,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
}

const compare = async (): Promise<void> => {
  if (!options.json) {
    console.log(
      `Node ${machine.node}, ws ${machine.ws}, ${machine.cores} × ${machine.processor}; median of ${ROUNDS}`,
    )
    console.log(line('', ['holdfast', 'ws', 'ratio', 'bar', 'load busy']))
  }
  const results: Row[] = []
  for (const workload of workloads) {
    const rows = await rowsOf(workload)
    progress('')
    if (!options.json) print(workload, rows)
    results.push(...rows)
  }
  if (options.json)
    console.log(JSON.stringify({ benchmark: 'raw', ...machine, rounds: ROUNDS, rows: results }, null, 2))
}

const profile = async (subject: Subject): Promise<void> => {
  for (const workload of workloads) {
    const { hotspots } = await measure(workload, subject, true)
    console.log(`\n${workload.name}: where ${subject} spends its time`)
    for (const { name, share } of hotspots)
      console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
  }
}

if (options.help) console.log(USAGE)
else if (options.profile === undefined) await compare()
else await profile(options.profile === 'ws' ? 'ws' : 'holdfast')
