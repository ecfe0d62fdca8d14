/** The comparison as lines of text: a column for each transport, a row for each thing that is compared. */
import { styleText } from 'node:util'
import { type Comparison, type Row, rowsOf, STATES, TRAITS } from '../../lab/node.ts'

export interface TableStyle {
  readonly colour: boolean
}

/** The terminal's colours nearest to those of the page. */
const COLOURS = { websocket: 'green', sse: 'blue', 'long-polling': 'magenta', polling: 'yellow' } as const

const LABEL_WIDTH = 19
const COLUMN_WIDTH = 15

interface Line {
  readonly label: string
  readonly cell: (row: Row) => string
  /** Stands out. */
  readonly bad?: (row: Row) => boolean
}

const LINES: readonly Line[] = [
  { label: 'connection', cell: ({ transport }) => TRAITS[transport].connection },
  { label: 'latency p50', cell: ({ latency }) => formatMs(latency.p50) },
  { label: 'latency p99', cell: ({ latency }) => formatMs(latency.p99) },
  { label: 'server push', cell: ({ transport }) => TRAITS[transport].push },
  { label: 'requests/message', cell: ({ requestsPerMessage }) => formatCount(requestsPerMessage) },
  { label: 'client states', cell: ({ transport }) => String(STATES[transport].length) },
  { label: 'bytes/message', cell: ({ bytesPerMessage }) => formatBytes(bytesPerMessage) },
  { label: '  of them overhead', cell: ({ overheadBytes }) => formatBytes(overheadBytes) },
  { label: 'server CPU/message', cell: ({ cpuMicrosPerMessage }) => formatMicros(cpuMicrosPerMessage) },
  { label: 'lost', cell: ({ lost }) => String(lost), bad: ({ lost }) => lost > 0 },
  {
    label: 'duplicated',
    cell: ({ duplicated }) => String(duplicated),
    bad: ({ duplicated }) => duplicated > 0,
  },
]

export const tableOf = (comparison: Comparison, { colour }: TableStyle): string => {
  const { measurement, pollIntervalMs, transports } = comparison
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text
  const rows = rowsOf(comparison)
  const heads = rows.map(({ transport }) =>
    paint(['bold', COLOURS[transport]], TRAITS[transport].title.padStart(COLUMN_WIDTH)),
  )
  const lines = LINES.map(({ label, cell, bad }) => {
    const cells = rows.map((row) => {
      const text = cell(row).padStart(COLUMN_WIDTH)
      return bad?.(row) === true ? paint(['bold', 'red'], text) : text
    })
    return `${paint('dim', label.padEnd(LABEL_WIDTH))}${cells.join('')}`
  })
  return [
    `${measurement.clients} clients of each, ${measurement.perSecond} publications/s of ${measurement.payloadBytes} bytes, polling every ${pollIntervalMs} ms`,
    paint('dim', measurement.on),
    '',
    `${' '.repeat(LABEL_WIDTH)}${heads.join('')}`,
    ...lines,
    '',
    'What it costs the server, for one client: so much of each, added up.',
    `${' '.repeat(LABEL_WIDTH)}${heads.join('')}`,
    ...modelLines(comparison).map(
      ({ label, cells }) =>
        `${paint('dim', label.padEnd(LABEL_WIDTH))}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join('')}`,
    ),
    '',
    paint('bold', 'States of a client'),
    ...transports.map(
      ({ transport }) =>
        `${paint(COLOURS[transport], TRAITS[transport].title.padEnd(LABEL_WIDTH - 5))}${STATES[transport].map(({ name }) => name).join(', ')}`,
    ),
    '',
  ].join('\n')
}

/** The linear model, and how far it is off where it fits worst. */
const modelLines = ({
  measurement: { costs },
  transports,
}: Comparison): { label: string; cells: string[] }[] => [
  { label: 'a request', cells: costs.map(({ perRequest }) => pair(perRequest)) },
  { label: 'a message', cells: costs.map(({ perMessage }) => pair(perMessage)) },
  { label: 'an idle second', cells: costs.map(({ perIdleSecond }) => pair(perIdleSecond)) },
  {
    label: 'off by at most',
    cells: transports.map(({ residual }) => `${percent(residual.bytes)}, ${percent(residual.cpu)}`),
  },
]

const pair = ({ bytes, cpuMicros }: { bytes: number; cpuMicros: number }): string =>
  bytes === 0 && cpuMicros === 0 ? '–' : `${round(bytes)} B, ${formatMicros(cpuMicros)}`

const percent = (share: number): string => `${Math.round(share * 100)} %`

const round = (value: number): string => (value < 9.95 ? value.toFixed(1) : Math.round(value).toString())

/** A time in milliseconds, with as many digits as can be told apart. */
export const formatMs = (ms: number | null): string => {
  if (ms === null) return '–'
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 9_950 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

export const formatBytes = (bytes: number | null): string =>
  bytes === null ? '–' : `${Math.round(bytes).toLocaleString('en')} B`

export const formatMicros = (micros: number | null): string => {
  if (micros === null) return '–'
  return micros < 995 ? `${round(micros)} µs` : `${round(micros / 1_000)} ms`
}

export const formatCount = (count: number | null): string =>
  count === null ? '–' : count === 0 ? '0' : count.toFixed(2)
