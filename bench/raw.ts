/**
 * The raw benchmark: `holdfast/websocket` beside `ws` in the same run, round by round in turn. Prints what the server
 * used according to the operating system; medians. Where it says something, bare Node without a WebSocket stands beside
 * them: the floor. Nothing of channels, offsets or history is in it.
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
  --profile <who>  holdfast, ws or floor: where its time goes, instead of what it costs`

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
/** `--quick` leaves out the floor. */
const subjectsOf = ({ floor }: Workload): readonly Subject[] =>
  floor === true && !options.quick ? ['holdfast', 'ws', 'floor'] : ['holdfast', 'ws']
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
  /** What bare Node takes, where that was measured. */
  readonly floor?: number
  readonly rounds: Readonly<Partial<Record<Subject, readonly number[]>>>
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

const total = ROUNDS * workloads.reduce((sum, workload) => sum + subjectsOf(workload).length, 0)
let done = 0

const rowsOf = async (workload: Workload): Promise<Row[]> => {
  const subjects = subjectsOf(workload)
  const measured: Record<Subject, Measurement[]> = { holdfast: [], ws: [], floor: [] }
  for (let round = 0; round < ROUNDS; round++) {
    // Who goes first changes, so that nobody always follows the other's mess.
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      progress(`[${++done}/${total}] ${workload.name}: round ${round + 1}, ${subject}`)
      measured[subject].push(await measure(workload, subject, false))
    }
  }
  return workload.metrics.map((metric, at) => {
    const rounds = Object.fromEntries(subjects.map((s) => [s, measured[s].map(({ values }) => values[at]!)]))
    const of = (subject: Subject): number => median(rounds[subject] ?? [])
    const [holdfast, ws] = [of('holdfast'), of('ws')]
    const loadUtilisation = Math.max(...subjects.flatMap((s) => measured[s].map((m) => m.utilisation)))
    const floor = subjects.includes('floor') && { floor: of('floor') }
    return {
      workload: workload.name,
      ...metric,
      holdfast,
      ws,
      ratio: holdfast / ws,
      ...floor,
      rounds,
      loadUtilisation,
    }
  })
}

const verdict = ({ ratio, better, bar }: Row): string => {
  if (bar === undefined) return ''
  const holds = better === 'lower' ? ratio <= bar : ratio >= bar
  return `${better === 'lower' ? '≤' : '≥'} ${bar.toFixed(2)} ${holds ? 'holds' : 'MISSED'}`
}

const COLUMNS = ['holdfast', 'ws', 'ratio', 'bar', 'bare Node', 'load busy'] as const
const WIDTHS = [11, 11, 8, 15, 12, 12] as const

const line = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(40)}${cells.map((cell, at) => cell.padStart(WIDTHS[at]!)).join('')}`

const figure = (value: number): string => value.toFixed(value < 100 ? 2 : 0)

const print = (workload: Workload, rows: readonly Row[]): void => {
  console.log(`\n${workload.name}`)
  for (const row of rows) {
    const bare = row.floor === undefined ? '' : figure(row.floor)
    const busy = `${Math.round(row.loadUtilisation * 100)} %`
    const cells = [figure(row.holdfast), figure(row.ws), row.ratio.toFixed(2), verdict(row), bare, busy]
    console.log(line(row.label, cells))
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
    console.log(line('', COLUMNS))
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

const subjectNamed = (name: string): Subject => {
  if (name === 'holdfast' || name === 'ws' || name === 'floor') return name
  throw new Error(`nothing here is called ${name}`)
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
else await profile(subjectNamed(options.profile))
