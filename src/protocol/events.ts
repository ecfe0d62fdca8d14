/**
 * What a server tells a client, as objects that are the same on every transport. Each `publication` and
 * `advance` covers a range of offsets; the client's gate works by those ranges alone.
 */
import type { GapReason } from '../channel/index.ts'
import type { Retry, WireError } from './errors.ts'

/** The answer to a command that carried an id. */
export interface Reply {
  readonly type: 'reply'
  readonly id: number
  readonly ok?: unknown
  readonly error?: WireError
}

/** The subscription stands; what follows comes after `cursor`. */
export interface Subscribed {
  readonly type: 'subscribed'
  readonly channel: string
  readonly cursor: string
}

/** The subscription was refused or taken away. */
export interface Unsubscribed {
  readonly type: 'unsubscribed'
  readonly channel: string
  readonly error: WireError
}

/**
 * The offset up to which removals are not told: until there a conflating reader that began at the start is given
 * only the keys that have a value. Whoever knows anything already would keep what was removed.
 */
export type Snapshot = number

/** Covers (from, offset]; `from` is left out when it is `offset - 1`. */
export interface PublicationEvent {
  readonly type: 'publication'
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  readonly from?: number
  readonly snapshot?: Snapshot
  /** When the broker appended it, milliseconds since 1970. */
  readonly time: number
  readonly data?: unknown
  /** Instead of `data`, where bytes travel in text. */
  readonly base64?: string
  readonly key?: string
  readonly removed?: true
  readonly stamp?: string
}

/** Nothing is to be delivered for (from, the cursor's offset]. */
export interface Advance {
  readonly type: 'advance'
  readonly channel: string
  readonly from: number
  readonly cursor: string
  readonly snapshot?: Snapshot
}

/** What follows `from` cannot be had; the stream goes on after `cursor`. */
export interface Gap {
  readonly type: 'gap'
  readonly channel: string
  readonly from: string
  readonly floor: number
  readonly top: number
  readonly cursor: string
  readonly why: GapReason
}

/** Nothing will follow `cursor`. */
export interface Closed {
  readonly type: 'closed'
  readonly channel: string
  readonly cursor: string
}

export interface Deleted {
  readonly type: 'deleted'
  readonly channel: string
}

/** The token runs out: send a fresh one. */
export interface AuthDue {
  readonly type: 'auth'
  readonly expiresInMs: number
}

/** This node is going away: come back after `afterMs`, with the new connection before the old one closes. */
export interface Drain {
  readonly type: 'drain'
  readonly afterMs: number
}

/** The last word before the server closes the connection. */
export interface Bye {
  readonly type: 'bye'
  readonly code: string
  readonly message: string
  readonly retry: Retry
}

export type StreamEvent = Subscribed | Unsubscribed | PublicationEvent | Advance | Gap | Closed | Deleted

export type ServerEvent = Reply | StreamEvent | AuthDue | Drain | Bye

/** What a node announces in the reply to `hello`; the client checks it before it sends. */
export interface AnnouncedLimits {
  readonly publicationBytes: number
  readonly channelsPerSession: number
  readonly commandsPerSecond: number
  readonly commandBurst: number
  /** How long a node holds a long poll at most, milliseconds. */
  readonly holdMs: number
}

/** The `ok` of `hello`. */
export interface Welcome {
  readonly version: number
  /** Signed by the node; names this client across transports and nodes. */
  readonly session: string
  /** Who the client is in presence: its user, or its session. */
  readonly member: string
  /** The node's clock, milliseconds since 1970. */
  readonly now: number
  readonly limits: AnnouncedLimits
}

/** The `ok` of `publish`. `cursor` is left out for a duplicate whose result is no longer kept. */
export interface Published {
  readonly cursor?: string
  readonly duplicate?: true
}

/** The `ok` of `history`. */
export interface HistoryPage {
  readonly publications: readonly PublicationEvent[]
  readonly cursor: string
  readonly floor: number
  readonly top: number
  readonly more: boolean
  readonly gap?: GapReason
}
