/** What the lab tells the page about a measurement that runs. */
import type { TransportName } from '../client/index.ts'
import type { Spent } from './accounting.ts'
import type { Knobs } from './knobs.ts'

export interface RunStarted {
  readonly run: string
  /** Where each transport's node is reached, through the network that the page sets. */
  readonly urls: Readonly<Record<TransportName, string>>
}

/** Of one node, since it was started. */
export interface NodeAccount extends Spent {
  readonly published: number
}

export interface RunReading {
  /** Microseconds by the machine's clock, as the publications carry them. */
  readonly clockMicros: number
  readonly knobs: Knobs
  readonly nodes: Readonly<Record<TransportName, NodeAccount>>
  /** CPU time of a node that publishes the same to nobody, microseconds. */
  readonly controlMicros: number
  /** Connections that the network has cut, all together. */
  readonly cuts: number
}
