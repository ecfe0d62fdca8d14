/**
 * Holdfast beside its peers, round by round in turn: what each server used according to the operating system, medians.
 * Prints a table, and with `--write` puts it into docs/ with a chart for each workload.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bars } from './drawing/bars.ts'
import { type Figures, measure } from './measure.ts'
import { type Subject, type Workload, WORKLOADS } from './workloads.ts'

const USAGE = `npm run bench [-- options]
  --quick          the rows that matter most, once each: about two minutes on a machine with nothing else to do
  --only <text>    only workloads whose name contains it; may be repeated
  --peer <text>    only servers whose name contains it, beside the first; may be repeated
  --rounds <n>     measurements of each server, 3
  --write          writes the tables and charts into docs/performance
  --json           every figure as JSON
  raw, durable, scaling
                   the WebSocket alone beside ws, the store, what costs grow with: npm run bench -- raw --help`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3))
/** A load generator that is busier than this may have been the limit. */
const BUSY = 0.85

export interface Row {
  readonly subject: string
  readonly rounds: readonly Figures[]
  readonly cost: number
  readonly ratio: number
}

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

const chosen = WORKLOADS.filter(
  ({ name, quick }) =>
    (options.only.length === 0 || options.only.some((text) => name.includes(text))) &&
    (!options.quick || quick === true || options.only.length > 0),
)

const subjectsOf = ({ subjects }: Workload): readonly Subject[] =>
  subjects.filter(
    ({ name }, at) =>
      at === 0 ||
      (options.peer.length > 0 ? options.peer.some((text) => name.includes(text)) : !options.quick || at < 4),
  )

const total = ROUNDS * chosen.reduce((sum, workload) => sum + subjectsOf(workload).length, 0)
let done = 0

const rowsOf = async (workload: Workload): Promise<Row[]> => {
  const subjects = subjectsOf(workload)
  const rounds = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    // Who goes first changes, so that nobody always follows the other's mess.
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      progress(`[${++done}/${total}] ${workload.name}: ${subject.name}, ${round + 1} of ${ROUNDS}`)
      try {
        rounds.get(subject.name)?.push(await measure(workload, subject))
      } catch (error) {
        progress('')
        console.error(`${subject.name} is left out: ${String(error)}`)
      }
    }
  }
  const measured = subjects.filter(({ name }) => rounds.get(name)?.length)
  const costOf = (name: string): number => median((rounds.get(name) ?? []).map(({ cost }) => cost))
  const base = costOf(subjects[0]?.name ?? '')
  return measured.map(({ name }) => ({
    subject: name,
    rounds: rounds.get(name) ?? [],
    cost: costOf(name),
    ratio: costOf(name) / base,
  }))
}

const unitOf = (workload: Workload): string => {
  if (workload.kind === 'opened') return workload.figure === 'memory' ? 'bytes each' : 'CPU µs each'
  return `CPU s per 1M ${workload.kind === 'published' ? workload.per : 'messages'}`
}

const figure = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return ''
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)
}

const cells = (row: Row): string[] => {
  const of = (field: 'perSecond' | 'p50Ms' | 'p99Ms'): number =>
    median(row.rounds.map((each) => each[field] ?? Number.NaN))
  return [
    figure(row.cost),
    `${row.ratio.toFixed(2)} ×`,
    figure(of('perSecond')),
    figure(of('p50Ms')),
    figure(of('p99Ms')),
    `${Math.round(100 * Math.max(...row.rounds.map(({ utilisation }) => utilisation)))} %`,
  ]
}

const verdict = (workload: Workload, rows: readonly Row[]): string => {
  const ours = rows.find(({ subject }) => subject.startsWith('Holdfast'))
  if (workload.bar === undefined || ours === undefined) return ''
  return `bar ≤ ${workload.bar} × ${rows[0]?.subject}: ${ours.ratio <= workload.bar ? 'held' : 'missed'}, ${ours.ratio.toFixed(2)}`
}

const HEAD = ['ratio', 'per second', 'p50 ms', 'p99 ms', 'load busy']

const print = (workload: Workload, rows: readonly Row[]): void => {
  console.log(`\n${workload.name}   ${verdict(workload, rows)}`)
  const line = (name: string, values: readonly string[]): void =>
    console.log(`  ${name.padEnd(24)}${values.map((value) => value.padStart(12)).join('')}`)
  line('', [unitOf(workload).replace(/^CPU s per 1M.*/, 'CPU s/1M'), ...HEAD])
  for (const row of rows) line(row.subject, cells(row))
  const busy = rows.some(({ rounds }) => rounds.some(({ utilisation }) => utilisation > BUSY))
  if (busy) console.log('  the load generator was nearly busy: throughput and latencies may be its own')
}

const markdown = (workload: Workload, rows: readonly Row[]): string => {
  const title = `### ${workload.name}\n\n${verdict(workload, rows)}\n\n`
  const head = `| | ${[unitOf(workload), ...HEAD].join(' | ')} |\n|---|${'---:|'.repeat(HEAD.length + 1)}\n`
  return `${title}${head}${rows.map((row) => `| ${row.subject} | ${cells(row).join(' | ')} |`).join('\n')}\n`
}

const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, median of ${ROUNDS}`

const run = async (): Promise<void> => {
  const results: { workload: string; unit: string; rows: readonly Row[] }[] = []
  const pages: string[] = []
  console.log(machine)
  if (options.write) mkdirSync(join(import.meta.dirname, '..', 'docs', 'performance'), { recursive: true })
  if ((loadavg()[0] ?? 0) > cpus().length)
    console.log('the machine is busy with other work: believe ratios, not figures')
  for (const workload of chosen) {
    const rows = await rowsOf(workload)
    progress('')
    print(workload, rows)
    results.push({ workload: workload.name, unit: unitOf(workload), rows })
    pages.push(markdown(workload, rows))
    if (!options.write) continue
    const drawn = rows.map(({ subject, cost }) => ({ name: subject, value: cost }))
    const svg = bars(workload.name, unitOf(workload), drawn)
    writeFileSync(join(import.meta.dirname, '..', 'docs', 'performance', `${slug(workload.name)}.svg`), svg)
    pages.push(`![${workload.name}](${slug(workload.name)}.svg)\n`)
  }
  if (options.write) {
    const text = `# Tables of one run\n\n${machine}. Written by \`npm run bench -- --write\`; what they mean is in [performance.md](../performance.md).\n\n`
    writeFileSync(
      join(import.meta.dirname, '..', 'docs', 'performance', 'tables.md'),
      text + pages.join('\n'),
    )
  }
  if (options.json) console.log(JSON.stringify({ machine, results }, null, 2))
}

if (options.help) console.log(USAGE)
else await run()
process.exit(0)
