/** Figures as tables: for a terminal, and for a page. */
import { median } from './median.ts'
import { type Result, type Row, type Verdict, verdictsOf } from './rows.ts'
import { unitOf } from './workload.ts'

/** A load generator that is busier than this may have been the limit. */
const BUSY = 0.85
/** Less than this may be lost to one connection that was late. */
const MISSING = 0.0005
const MIB = 1024 * 1024

export const figure = (value: number): string => {
  if (Number.isNaN(value)) return ''
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)
}

interface Column {
  readonly head: string
  readonly cell: (row: Row) => string
}

const numbers = (row: Row, field: 'perSecond' | 'p50Ms' | 'p99Ms' | 'grownBytes'): number =>
  median(row.turns.map((each) => each?.[field] ?? Number.NaN))

const most = (row: Row, field: 'utilisation' | 'missing'): number =>
  Math.max(...row.turns.map((each) => each?.[field] ?? 0))

const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`

/** Columns in which every row is empty are left out. */
const columnsOf = ({ workload, rows }: Result): Column[] => {
  const columns: Column[] = [
    { head: unitOf(workload), cell: ({ cost }) => figure(cost) },
    { head: 'ratio', cell: ({ ratio }) => `${ratio.toFixed(2)} ×` },
    { head: 'per second', cell: (row) => figure(numbers(row, 'perSecond')) },
    { head: 'p50 ms', cell: (row) => figure(numbers(row, 'p50Ms')) },
    { head: 'p99 ms', cell: (row) => figure(numbers(row, 'p99Ms')) },
    {
      head: 'grown by MiB',
      cell: (row) => figure(numbers(row, 'grownBytes') / MIB),
    },
    {
      head: 'load busy',
      cell: (row) => (workload.kind === 'opened' ? '' : percent(most(row, 'utilisation'))),
    },
  ]
  return columns.filter(({ cell }) => rows.some((row) => cell(row) !== ''))
}

const spell = ({ kind, of, beside, atMost, reached, holds }: Verdict): string => {
  const limit = beside === undefined ? figure(atMost) : `${atMost} × ${beside}`
  const said = kind === 'bar' ? (holds ? 'held' : 'missed') : holds ? 'reached' : 'not reached'
  return `${kind}: ${of} ≤ ${limit}: ${said}, ${figure(reached)}`
}

/** What is to be known before the figures are believed. */
const notesOf = ({ workload, rows, failures }: Result): string[] => {
  const notes = failures.map((failure) => `not measured: ${failure}`)
  for (const row of rows) {
    const missing = most(row, 'missing')
    if (missing > MISSING)
      notes.push(`${row.subject}: ${percent(missing, 1)} of what was published did not come`)
  }
  if (workload.kind !== 'opened' && rows.some((row) => most(row, 'utilisation') > BUSY))
    notes.push('the load generator was nearly busy: throughput and latencies may be its own')
  return notes
}

export const plainTable = (result: Result): string => {
  const columns = columnsOf(result)
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(24)}${cells.map((cell) => cell.padStart(13)).join('')}`
  return [
    `\n${result.workload.name}, ${unitOf(result.workload)}`,
    line('', ['cost', ...columns.slice(1).map(({ head }) => head)]),
    ...result.rows.map((row) =>
      line(
        row.subject,
        columns.map(({ cell }) => cell(row)),
      ),
    ),
    ...[...verdictsOf(result).map(spell), ...notesOf(result)].map((text) => `  ${text}`),
  ].join('\n')
}

export const markdownTable = (result: Result): string => {
  const columns = columnsOf(result)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const said = [...verdictsOf(result).map(spell), ...notesOf(result)].map((text) => `- ${text}`)
  return [
    `### ${result.workload.name}`,
    '',
    line(['', ...columns.map(({ head }) => head)]),
    `|---|${columns.map(() => '---:|').join('')}`,
    ...result.rows.map((row) => line([row.subject, ...columns.map(({ cell }) => cell(row))])),
    ...(said.length > 0 ? ['', ...said] : []),
    '',
  ].join('\n')
}

interface Judged extends Verdict {
  readonly name: string
}

const judged = (results: readonly Result[]): Judged[] =>
  results.flatMap((result) => verdictsOf(result).map((each) => ({ ...each, name: result.workload.name })))

/** Every bar and goal of a run in one table: what is missed stands last of its kind. */
export const markdownVerdicts = (results: readonly Result[]): string => {
  const lines = judged(results).map(({ name, kind, of, beside, atMost, reached, holds }) => {
    const limit = beside === undefined ? `≤ ${figure(atMost)}` : `≤ ${atMost} × ${beside}`
    return `| ${name} | ${of} | ${kind} ${limit} | ${figure(reached)} | ${holds ? 'yes' : '**no**'} |`
  })
  return ['| Work | | Limit | Figure | Held |', '|---|---|---|---:|---|', ...lines, ''].join('\n')
}

export const plainVerdicts = (results: readonly Result[]): string => {
  const all = judged(results)
  const missed = all.filter(({ holds }) => !holds)
  return [
    `\n${all.length - missed.length} of ${all.length} bars and goals reached`,
    ...missed.map((each) => `  ${each.name}: ${spell(each)}`),
  ].join('\n')
}
