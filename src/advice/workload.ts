/**
 * What a workload costs over a transport, from measured costs: a linear model. Requests are counted, publications are
 * counted, and each has its price; what it leaves out is said in docs/comparison.md.
 */
import type { TransportName } from '../client/index.ts'
import type { Cost, TransportCost } from './cost.ts'
import { holdOf, type Network } from './network.ts'

export interface Workload {
  /** Publications that each client is to receive, per second. */
  readonly perSecond: number
  readonly clients: number
  /** How late a publication may be, milliseconds. */
  readonly latencyMs: number
  /** What each client publishes itself, per second. Default 0. */
  readonly sentPerSecond?: number
}

/** What it comes to, for all clients together. */
export interface Load {
  /** How late a publication is at worst, apart from trouble, milliseconds. */
  readonly latencyMs: number
  readonly requestsPerSecond: number
  /** On the wire, both ways. */
  readonly bytesPerSecond: number
  /** Processors that are kept busy. */
  readonly cores: number
  /** Connections that stand open although nothing happens. */
  readonly heldConnections: number
}

/** The least that a client waits between two regular polls, milliseconds. */
const LEAST_INTERVAL_MS = 250
const MICROS = 1_000_000

/** A poll that comes this often sees each publication in time, with a tenth to spare. */
export const pollIntervalMs = ({ latencyMs }: Workload, { roundTripMs }: Network): number =>
  Math.max(LEAST_INTERVAL_MS, 0.9 * (latencyMs - roundTripMs))

/** @param request what an empty request costs, as regular polling has it: what a client sends travels in one. */
export const loadOf = (
  cost: TransportCost,
  workload: Workload,
  { network, request }: { readonly network: Network; readonly request: Cost },
): Load => {
  const { perSecond, clients, sentPerSecond = 0 } = workload
  const { transport } = cost
  const received = receivingRequests(transport, workload, network)
  // Over a WebSocket what is sent is a frame; over all others it travels in a request of its own.
  const sending = transport === 'websocket' ? 0 : sentPerSecond
  const sum = (part: keyof Cost): number =>
    cost.perRequest[part] * received +
    // Over a WebSocket what is sent, and what is said to it, are two more messages.
    (transport === 'websocket' ? 2 * cost.perMessage[part] : request[part]) * sentPerSecond +
    cost.perMessage[part] * perSecond +
    cost.perIdleSecond[part]
  return {
    latencyMs: latencyOf(cost, workload, network),
    requestsPerSecond: (received + sending) * clients,
    bytesPerSecond: sum('bytes') * clients,
    cores: (sum('cpuMicros') * clients) / MICROS,
    heldConnections: transport === 'polling' ? 0 : clients,
  }
}

/** Requests per second of one client that only receives. */
const receivingRequests = (transport: TransportName, workload: Workload, network: Network): number => {
  const { perSecond } = workload
  switch (transport) {
    case 'websocket':
    case 'sse':
      return 0
    case 'long-polling': {
      // A hold ends with the next publication; those that come while the client asks again travel together.
      const cycleSeconds = perSecond === 0 ? Infinity : 1 / perSecond + network.roundTripMs / 1_000
      return Math.max(1 / cycleSeconds, 1_000 / holdOf(network))
    }
    case 'polling':
      return 1_000 / pollIntervalMs(workload, network)
  }
}

const latencyOf = (
  { transport, latencyMs: { p99 } }: TransportCost,
  workload: Workload,
  network: Network,
): number => {
  const oneWay = network.roundTripMs / 2
  switch (transport) {
    case 'websocket':
    case 'sse':
      return oneWay + p99
    case 'long-polling':
      // At worst it comes just after an answer has left, and waits for the client to ask again.
      return 3 * oneWay + p99
    case 'polling':
      return pollIntervalMs(workload, network) + network.roundTripMs + p99
  }
}
