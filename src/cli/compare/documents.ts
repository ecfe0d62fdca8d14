/**
 * The comparison as a page: comparison.md with its three charts. In a checkout whose docs/ it is written to, it also
 * writes the measurement that the advice uses by default; everything that the project says in numbers is written here.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Comparison, MeasuredTransport, Phase } from '../../lab/node.ts'
import { type Chart, drawChart } from './chart.ts'
import { pageOf } from './page.ts'

/** @returns the files that were written. */
export const writeDocuments = (comparison: Comparison, directory: string): string[] => {
  mkdirSync(directory, { recursive: true })
  const files = [
    ...CHARTS.map(({ name, chart }): [string, string] => [
      join(directory, `comparison-${name}.svg`),
      drawChart(chart(comparison)),
    ]),
    [join(directory, 'comparison.md'), pageOf(comparison)] as [string, string],
    ...adviceFile(comparison, directory),
  ]
  for (const [path, text] of files) writeFileSync(path, text)
  return files.map(([path]) => path)
}

interface NamedChart {
  readonly name: string
  readonly chart: (comparison: Comparison) => Chart
}

const perMessage = (total: (phase: Phase) => number) => (phase: Phase) =>
  phase.deliveries === 0 ? null : total(phase) / phase.deliveries

const linesOf = (
  transports: readonly MeasuredTransport[],
  y: (phase: Phase) => number | null,
): Chart['lines'] =>
  transports.map(({ transport, phases }) => ({
    transport,
    points: phases.flatMap((phase) => {
      const value = y(phase)
      return value === null ? [] : [{ x: phase.perSecond, y: value }]
    }),
  }))

const CHARTS: readonly NamedChart[] = [
  {
    name: 'latency',
    chart: ({ transports }) => ({
      title: 'From publishing to the handler',
      y: 'milliseconds, median; each line of the grid is ten times the one below',
      logarithmic: true,
      lines: linesOf(transports, ({ latency }) => latency.p50),
    }),
  },
  {
    name: 'bytes',
    chart: ({ transports, measurement }) => ({
      title: 'Bytes on the wire for a message',
      y: `both ways together, ${measurement.payloadBytes} of them the publication's data`,
      logarithmic: false,
      lines: linesOf(
        transports,
        perMessage((phase) => phase.bytesRead + phase.bytesWritten),
      ),
    }),
  },
  {
    name: 'cpu',
    chart: ({ transports }) => ({
      title: 'CPU time of the server for a message',
      y: 'microseconds',
      logarithmic: false,
      lines: linesOf(
        transports,
        perMessage(({ cpuMicros }) => cpuMicros),
      ),
    }),
  },
]

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url))

const adviceFile = ({ measurement }: Comparison, directory: string): [string, string][] => {
  const path = join(CHECKOUT, 'src', 'advice', 'measured.ts')
  const docs =
    resolve(directory) === join(CHECKOUT, 'docs') && existsSync(join(CHECKOUT, 'src', 'advice', 'cost.ts'))
  return docs ? [[path, adviceText(measurement)]] : []
}

const adviceText = (measurement: Comparison['measurement']): string =>
  `/** What the advice reckons with unless it is given another measurement: written by \`holdfast compare --write docs\`. */
import type { Measurement } from './cost.ts'

// prettier-ignore
export const MEASURED: Measurement = ${JSON.stringify(measurement, undefined, 2)}
`
