/** The comparison of the transports, filled with what has just been measured. */
import type { TransportName } from 'holdfast'
import { type Row, rowOf, STATES, TRAITS } from 'holdfast/lab'
import type { JSX } from 'react'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES, TRANSPORTS } from '../connection/transports.ts'
import { inBytes, inMicros, inMillis, inRequests } from './format.ts'
import type { LabState } from './measurement.ts'

export interface TableLine {
  readonly label: string
  readonly cells: readonly string[]
  /** A number, set in figures of one width. */
  readonly numeric: boolean
}

export const rowsOfLab = ({ lanes, knobs }: LabState): readonly Row[] =>
  lanes === undefined ? [] : TRANSPORTS.map((each) => rowOf(each, lanes[each].phase, knobs.payloadBytes))

/** What the table says, as it is shown and as it is drawn into the image. */
export const tableLines = (rows: readonly Row[]): readonly TableLine[] => {
  const words = (label: string, cell: (transport: TransportName) => string): TableLine => ({
    label,
    cells: TRANSPORTS.map(cell),
    numeric: false,
  })
  const numbers = (label: string, cell: (row: Row) => string): TableLine => ({
    label,
    cells: TRANSPORTS.map((transport) => {
      const row = rows.find((each) => each.transport === transport)
      return row === undefined ? '–' : cell(row)
    }),
    numeric: true,
  })
  return [
    words('Connection', (each) => capital(TRAITS[each].connection)),
    numbers('Latency, median', ({ latency }) => inMillis(latency.p50)),
    numbers('Latency, 99 %', ({ latency }) => inMillis(latency.p99)),
    words('Server push', (each) => capital(TRAITS[each].push)),
    numbers('Requests a message', ({ requestsPerMessage }) => inRequests(requestsPerMessage)),
    words('States of a client', (each) => String(STATES[each].length)),
    numbers('Bytes a message', ({ bytesPerMessage }) => inBytes(bytesPerMessage)),
    numbers('of them overhead', ({ overheadBytes }) => inBytes(overheadBytes)),
    numbers('Server’s CPU a message', ({ cpuMicrosPerMessage }) => inMicros(cpuMicrosPerMessage)),
    numbers('Lost, duplicated', ({ lost, duplicated }) => `${lost}, ${duplicated}`),
  ]
}

/** Where it is narrow, a row is laid out in two lines; the roles keep it a table. */
export const ComparisonTable = ({ rows }: { rows: readonly Row[] }): JSX.Element => (
  <table className="lab-table" role="table" aria-label="Comparison">
    <thead role="rowgroup">
      <tr role="row">
        <td role="cell" />
        {TRANSPORTS.map((transport) => (
          <th key={transport} scope="col" role="columnheader" data-transport={transport}>
            <TransportGlyph transport={transport} />
            {TITLES[transport]}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {tableLines(rows).map(({ label, cells, numeric }) => (
        <tr key={label} role="row">
          <th scope="row" role="rowheader">
            {label}
          </th>
          {cells.map((cell, at) => (
            <td
              key={TRANSPORTS[at]}
              role="cell"
              className={numeric ? 'number' : undefined}
              data-transport={TRANSPORTS[at]}
            >
              {cell}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
