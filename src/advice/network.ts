/**
 * What a network lets through, and which transports that leaves. What the doctor has found, or what somebody says.
 * The order is the client's own: without anything else to go by, the first that gets through is what `auto` ends with.
 */
import { TRANSPORT_ORDER, type TransportName } from '../client/index.ts'

export interface Network {
  /** Upgrades to WebSocket get through, or extended CONNECT over HTTP/2. */
  readonly upgrade: boolean
  /** What is written of an answer arrives before the answer ends. */
  readonly streaming: boolean
  /** How long a request may wait for its answer, milliseconds; what cuts connections sooner cuts streams too. */
  readonly holdMs: number
  /** There and back again, milliseconds. */
  readonly roundTripMs: number
}

export const OPEN_NETWORK: Network = { upgrade: true, streaming: true, holdMs: 60_000, roundTripMs: 40 }

/** A connection that is cut sooner than this is made anew more often than it is of use. */
export const LEAST_HOLD_MS = 5_000
/** A client that pings, or is pinged, every 25 s keeps what nothing cuts before. */
const KEPT_ALIVE_MS = 25_000
/** A hold shorter than a second is a poll. */
const LEAST_LONG_POLL_MS = 1_000

/** Why it does not work there; undefined when it does. */
export const obstacleTo = (transport: TransportName, network: Network): string | undefined => {
  const { upgrade, streaming, holdMs } = network
  switch (transport) {
    case 'websocket':
      return upgrade ? undefined : 'upgrades do not get through'
    case 'sse':
      if (!streaming) return 'answers are held back until they end'
      return holdMs < LEAST_HOLD_MS ? `answers are cut after ${holdMs / 1_000} s` : undefined
    case 'long-polling':
      return holdMs < LEAST_LONG_POLL_MS ? `requests are cut after ${holdMs / 1_000} s` : undefined
    case 'polling':
      return undefined
  }
}

/** What gets through, the fastest first. Regular polling always does. */
export const usable = (network: Network): TransportName[] =>
  TRANSPORT_ORDER.filter((transport) => obstacleTo(transport, network) === undefined)

/** How long a long poll is held there: as long as the client asks for, or a little less than what is cut. */
export const holdOf = ({ holdMs }: Network): number =>
  Math.max(LEAST_LONG_POLL_MS, Math.min(KEPT_ALIVE_MS, holdMs * 0.8))
