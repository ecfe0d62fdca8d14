/**
 * The recommendation, and the figures that justify it. The rule: of the transports that get through and are fast
 * enough, the cheapest for the server; what costs nearly as little counts as equal, and among equals the client's own
 * order decides. So without a reason against it this is what `transport: 'auto'` ends with.
 */
import { TRANSPORT_ORDER, type TransportName } from '../client/index.ts'
import type { Cost, Measurement, TransportCost } from './cost.ts'
import { type Network, obstacleTo } from './network.ts'
import { type Load, loadOf, pollIntervalMs, type Workload } from './workload.ts'

export type Verdict = 'recommended' | 'possible' | 'too_slow' | 'blocked'

export interface Candidate {
  readonly transport: TransportName
  readonly verdict: Verdict
  /** In a few words, such as "upgrades do not get through". */
  readonly why: string
  /** Undefined where it is blocked. */
  readonly load: Load | undefined
}

export interface Advice {
  readonly transport: TransportName
  /** A sentence with the figures that decide. */
  readonly why: string
  /** What `auto` would use there: it knows the network and no workload. */
  readonly auto: TransportName
  /** What to set beside `transport`, where the default would not do. */
  readonly options: { readonly pollIntervalMs?: number; readonly holdMs?: number }
  /** All four, in the client's order. */
  readonly candidates: readonly Candidate[]
}

/** Costs within this factor of each other are the same cost: the measurement is no more exact than that. */
const NEARLY = 1.25
/** Who can wait longer than a hold lasts needs no connection that is held open. */
const PATIENT_MS = 30_000

export const TITLES: Readonly<Record<TransportName, string>> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-polling': 'Long polling',
  polling: 'Regular polling',
}

/** @throws RangeError when the measurement lacks a transport. */
export const advise = (workload: Workload, network: Network, measurement: Measurement): Advice => {
  const request = costOf(measurement, 'polling').perRequest
  const judged = TRANSPORT_ORDER.map((transport) =>
    judge(costOf(measurement, transport), workload, { network, request }),
  )
  const able = judged.filter(({ verdict }) => verdict === 'possible')
  const through = judged.filter(({ verdict }) => verdict !== 'blocked')
  const best = able.length > 0 ? cheapest(able, workload) : fastest(through)
  const { transport } = best
  return {
    transport,
    why: reasonFor(best, judged, workload),
    auto: (through[0] as Candidate).transport,
    options: optionsFor(transport, workload, network),
    candidates: judged.with(judged.indexOf(best), { ...best, verdict: 'recommended' }),
  }
}

const costOf = ({ costs }: Measurement, transport: TransportName): TransportCost => {
  const cost = costs.find((each) => each.transport === transport)
  if (cost === undefined) throw new RangeError(`${transport} was not measured`)
  return cost
}

interface Terms {
  readonly network: Network
  readonly request: Cost
}

const judge = (cost: TransportCost, workload: Workload, terms: Terms): Candidate => {
  const { transport } = cost
  const obstacle = obstacleTo(transport, terms.network)
  if (obstacle !== undefined) return { transport, verdict: 'blocked', why: obstacle, load: undefined }
  const load = loadOf(cost, workload, terms)
  const late = `up to ${formatMs(load.latencyMs)} late`
  return load.latencyMs <= workload.latencyMs
    ? { transport, verdict: 'possible', why: late, load }
    : { transport, verdict: 'too_slow', why: `${late}, and ${formatMs(workload.latencyMs)} are wanted`, load }
}

/** The first of those that cost nearly the least; of who can wait, the last, which holds nothing open. */
const cheapest = (able: readonly Candidate[], { latencyMs }: Workload): Candidate => {
  const least = Math.min(...able.map(coresOf))
  const patient = latencyMs >= PATIENT_MS
  const equals = able.filter((each) => coresOf(each) <= least * NEARLY)
  return (patient ? equals.at(-1) : equals[0]) as Candidate
}

const fastest = (through: readonly Candidate[]): Candidate =>
  through.reduce((best, each) => (latencyOf(each) < latencyOf(best) ? each : best))

const coresOf = ({ load }: Candidate): number => load?.cores ?? Infinity
const latencyOf = ({ load }: Candidate): number => load?.latencyMs ?? Infinity

const reasonFor = (best: Candidate, judged: readonly Candidate[], workload: Workload): string => {
  const title = TITLES[best.transport]
  if (best.verdict === 'too_slow')
    return `Nothing that gets through delivers within ${formatMs(workload.latencyMs)}; ${title} comes closest with ${formatMs(latencyOf(best))}.`
  const others = judged.filter((each) => each !== best && each.verdict === 'possible')
  const next = others.toSorted((a, b) => coresOf(a) - coresOf(b))[0]
  const own = `${title} takes ${formatCores(coresOf(best))}`
  if (next === undefined) return `${own}, and is the only one that does what is wanted.`
  const ratio = coresOf(next) / coresOf(best)
  const beside = `${TITLES[next.transport]} ${formatCores(coresOf(next))}`
  if (ratio > NEARLY) return `${own}; the next, ${beside}, ${ratio.toFixed(1)} times as much.`
  return best.load?.heldConnections === 0
    ? `${own}, about what ${beside} does, and holds no connection open meanwhile.`
    : `${own}, about what ${beside} does, and comes first of the two.`
}

const optionsFor = (transport: TransportName, workload: Workload, network: Network): Advice['options'] => {
  if (transport === 'polling') return { pollIntervalMs: Math.round(pollIntervalMs(workload, network)) }
  if (transport === 'long-polling' && network.holdMs < 30_000)
    return { holdMs: Math.round(network.holdMs * 0.8) }
  return {}
}

/** `340 ms`, `2.5 s`. */
export const formatMs = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`

/** Of one processor: `12 % of a core`, `3.4 cores`. */
export const formatCores = (cores: number): string => {
  if (cores >= 1) return `${cores.toFixed(1)} cores`
  const percent = cores * 100
  const digits = percent >= 10 ? 0 : percent >= 1 ? 1 : 2
  return percent < 0.01 ? 'less than 0.01 % of a core' : `${percent.toFixed(digits)} % of a core`
}
