/**
 * The comparison: what was measured of the four transports beside each other, and the linear model of their costs. It
 * says what it is made of, not how it was come by.
 */
import type { Measurement } from '../advice/index.ts'
import type { TransportName } from '../client/index.ts'
import type { Percentiles } from './histogram.ts'

/** One transport during one steady window. */
export interface Phase {
  /** Publications per second; 0: nothing was published. */
  readonly perSecond: number
  readonly seconds: number
  readonly publications: number
  /** Publications times clients, as handlers counted them. */
  readonly deliveries: number
  readonly requests: number
  /** As the server's sockets count them. */
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Of the server's process, without what publishing costs it while nobody is connected; microseconds. */
  readonly cpuMicros: number
  readonly latency: Percentiles
  /** Without the wait until a poll is sent. */
  readonly travel: Percentiles
  readonly lost: number
  readonly duplicated: number
}

export interface MeasuredTransport {
  readonly transport: TransportName
  readonly phases: readonly Phase[]
  /** How far the linear model is off in the phase that it fits worst, as a share. */
  readonly residual: { readonly bytes: number; readonly cpu: number }
}

export interface Comparison {
  readonly measurement: Measurement
  readonly pollIntervalMs: number
  readonly transports: readonly MeasuredTransport[]
}

/** One line of the table. Per message: per publication delivered to one client. */
export interface Row {
  readonly transport: TransportName
  readonly latency: Percentiles
  readonly requestsPerMessage: number | null
  readonly bytesPerMessage: number | null
  /** Beyond the publication's data. */
  readonly overheadBytes: number | null
  readonly cpuMicrosPerMessage: number | null
  readonly deliveries: number
  readonly lost: number
  readonly duplicated: number
}

export const rowOf = (transport: TransportName, phase: Phase, payloadBytes: number): Row => {
  const { deliveries, requests, bytesRead, bytesWritten, cpuMicros, latency, lost, duplicated } = phase
  const each = (total: number): number | null => (deliveries === 0 ? null : total / deliveries)
  const bytesPerMessage = each(bytesRead + bytesWritten)
  return {
    transport,
    latency,
    requestsPerMessage: each(requests),
    bytesPerMessage,
    overheadBytes: bytesPerMessage === null ? null : bytesPerMessage - payloadBytes,
    cpuMicrosPerMessage: each(cpuMicros),
    deliveries,
    lost,
    duplicated,
  }
}

/** The table: every transport at the rate that the measurement names. */
export const rowsOf = ({ measurement, transports }: Comparison): Row[] =>
  transports.flatMap(({ transport, phases }) => {
    const phase = phases.find(({ perSecond }) => perSecond === measurement.perSecond)
    if (phase === undefined) return []
    // What was lost or came twice counts at whichever rate it did.
    const lost = phases.reduce((sum, each) => sum + each.lost, 0)
    const duplicated = phases.reduce((sum, each) => sum + each.duplicated, 0)
    return [{ ...rowOf(transport, phase, measurement.payloadBytes), lost, duplicated }]
  })
