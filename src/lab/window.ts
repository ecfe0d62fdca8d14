/** One transport between two readings of both its ends, and what of it is the clients' doing. */
import type { Cost } from '../advice/index.ts'
import { spentSince } from './accounting.ts'
import type { Phase } from './comparison.ts'
import { Histogram } from './histogram.ts'
import type { GroupReading } from './measured-group.ts'
import type { NodeReading } from './measured-node.ts'

export interface Window {
  readonly perSecond: number
  readonly before: GroupReading
  readonly after: GroupReading
  /** CPU time meanwhile of a node that publishes the same to nobody. */
  readonly controlMicros: number
  readonly lost: number
  readonly duplicated: number
}

export const phaseOf = (window: Window): Phase => {
  const { perSecond, before, after, controlMicros, lost, duplicated } = window
  const { bytesRead, bytesWritten, requests, cpuMicros } = spentSince(before.node, after.node)
  return {
    perSecond,
    seconds: secondsBetween(before.node, after.node),
    publications: after.node.published - before.node.published,
    deliveries: after.clients.delivered - before.clients.delivered,
    requests,
    bytesRead,
    bytesWritten,
    cpuMicros: Math.max(0, cpuMicros - controlMicros),
    latency: new Histogram(after.clients.latency).percentiles(),
    travel: new Histogram(after.clients.travel).percentiles(),
    lost,
    duplicated,
  }
}

/** Of one client that waits for a second. @param silent a window in which nothing was published: what a node costs. */
export const idleCost = ([before, after]: readonly [NodeReading, NodeReading], silent: Window): Cost => {
  const seconds = secondsBetween(before, after)
  const { bytesRead, bytesWritten, cpuMicros } = spentSince(before, after)
  const own = silent.controlMicros / secondsBetween(silent.before.node, silent.after.node)
  const clients = Math.max(1, after.open)
  return {
    bytes: (bytesRead + bytesWritten) / seconds / clients,
    cpuMicros: Math.max(0, cpuMicros / seconds - own) / clients,
  }
}

const secondsBetween = (before: NodeReading, after: NodeReading): number =>
  (after.atMicros - before.atMicros) / 1e6
