/** From the phases of a transport to what it costs: so much for a request, a message, an idle second. */
import type { Cost, TransportCost } from '../advice/index.ts'
import type { TransportName } from '../client/index.ts'
import type { MeasuredTransport, Phase } from './comparison.ts'
import { fit, type Fit } from './fit.ts'

export interface Modelled {
  readonly cost: TransportCost
  readonly residual: MeasuredTransport['residual']
}

const NOTHING: Cost = { bytes: 0, cpuMicros: 0 }

/**
 * @param idle what a client costs in a second in which nothing is published; for transports that ask again and again
 * that is what their requests cost, and nothing beside.
 */
export const modelOf = (
  transport: TransportName,
  phases: readonly Phase[],
  { clients, perSecond, idle }: { clients: number; perSecond: number; idle: Cost },
): Modelled => {
  const asks = transport === 'long-polling' || transport === 'polling'
  const perIdleSecond = asks ? NOTHING : idle
  const over = (cost: (phase: Phase) => number, idleCost: number): Fit =>
    fit(
      phases
        .filter((phase) => asks || phase.perSecond > 0)
        .map((phase) => ({
          events: [asks ? phase.requests : 0, phase.deliveries],
          cost: cost(phase) - idleCost * phase.seconds * clients,
        })),
    )
  const bytes = over(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten, perIdleSecond.bytes)
  const cpu = over(({ cpuMicros }) => cpuMicros, perIdleSecond.cpuMicros)
  const { p50, p99 } = phases.find((phase) => phase.perSecond === perSecond)?.travel ?? {}
  return {
    cost: {
      transport,
      perRequest: { bytes: round(bytes.each[0]), cpuMicros: round(cpu.each[0]) },
      perMessage: { bytes: round(bytes.each[1]), cpuMicros: round(cpu.each[1]) },
      perIdleSecond: { bytes: round(perIdleSecond.bytes), cpuMicros: round(perIdleSecond.cpuMicros) },
      latencyMs: { p50: round(p50 ?? 0), p99: round(p99 ?? 0) },
    },
    residual: { bytes: bytes.residual, cpu: cpu.residual },
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
