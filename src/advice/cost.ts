/**
 * What a transport costs, as somebody has measured it: the shape that `holdfast compare` writes, the lab fills and
 * the advice reads. No number is in here.
 */
import type { TransportName } from '../client/index.ts'

/** Of the server, for one client. */
export interface Cost {
  /** On the wire, both ways together, as sockets count them: without TCP's and IP's own headers. */
  readonly bytes: number
  /** CPU time of the server's process, microseconds. */
  readonly cpuMicros: number
}

export interface TransportCost {
  readonly transport: TransportName
  /**
   * One request with its answer, when nothing was published: a poll, or a hold that ran out. Zero for transports whose
   * one request stays open.
   */
  readonly perRequest: Cost
  /** One publication delivered to one client, beyond the request that brought it. */
  readonly perMessage: Cost
  /** A client that waits for a second while nothing is published: pings, and what an open connection costs. */
  readonly perIdleSecond: Cost
  /** Publication to handler with nothing in the way, milliseconds; of polling without the wait for the next poll. */
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

/** One measurement of all transports beside each other. */
export interface Measurement {
  /** When, ISO 8601. */
  readonly at: string
  /** On what: Node's version, the processor, the operating system. */
  readonly on: string
  /** Bytes of a publication's data. */
  readonly payloadBytes: number
  /** Publications per second, and clients that each received them all. */
  readonly perSecond: number
  readonly clients: number
  readonly costs: readonly TransportCost[]
}
