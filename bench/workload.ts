/** What can be measured of a server: four kinds of work, and what the figures of each are held against. */
import type { ClientName } from './load/clients.ts'
import type { Runtime } from './runtime.ts'
import type { Round } from './server-process.ts'
import type { Settings } from './settings.ts'

/** A server, and how a client follows it. */
export interface Subject {
  readonly name: string
  readonly server: string
  readonly runtime: Runtime
  readonly client: ClientName
}

/** The most that a figure of ours may be: so many times another's of the same run, or that much. */
export interface Limit {
  /** A bar must hold; a goal is where we want to stand. */
  readonly kind: 'bar' | 'goal'
  /** Whose figure; the first that is ours. */
  readonly of?: string
  /** Another's; without one `atMost` is the figure itself. */
  readonly beside?: string
  readonly atMost: number
}

interface Named {
  readonly name: string
  /** The first is what the ratios are to. */
  readonly subjects: readonly Subject[]
  readonly limits?: readonly Limit[]
  readonly connections: number
  readonly settings?: Settings
  /** Over TLS. */
  readonly tls?: boolean
  /** Part of `--quick`, with the first four subjects. */
  readonly quick?: boolean
}

/** The server publishes at a pace to everyone who follows. */
export interface Published extends Named {
  readonly kind: 'published'
  /** What a figure is per million of: publications delivered, or answers that bring some. */
  readonly per: 'deliveries' | 'answers'
  readonly round: Round
  /** Channels that each connection follows, 1. */
  readonly follows?: number
  /** How many of the connections do not read. */
  readonly deaf?: number
}

/** Every client asks and is answered. */
export interface Exchanged extends Named {
  readonly kind: 'exchanged'
  readonly inFlight: number
  /** On each connection. */
  readonly messages: number
}

/** Connections are made. */
export interface Opened extends Named {
  readonly kind: 'opened'
  /** CPU time of opening, or of opening and ending, or memory once they are idle. */
  readonly figure: 'handshake' | 'life' | 'memory'
}

/** All clients come at once and read what a channel has kept. */
export interface CaughtUp extends Named {
  readonly kind: 'caught up'
  readonly entries: number
}

export type Workload = Published | Exchanged | Opened | CaughtUp

/** What the figures of a workload are in. */
export const unitOf = (workload: Workload): string => {
  switch (workload.kind) {
    case 'opened':
      return workload.figure === 'memory' ? 'bytes each' : 'CPU µs each'
    case 'published':
      return `CPU s per 1M ${workload.per}`
    case 'exchanged':
      return 'CPU s per 1M messages'
    case 'caught up':
      return 'CPU s per 1M entries'
  }
}
