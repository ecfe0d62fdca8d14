/**
 * The broker contract: where logs live. Every broker passes one suite (broker/broker-suite.ts). What a caller
 * can cause is a result; only a broker that cannot do its work throws (`BrokerUnavailableError`).
 *
 * An acknowledgement means what the broker says it means: in this process (memory), synced to disk (SQLite),
 * accepted by Redis. It is given only when that holds.
 */
import type { ContentType, Payload } from './publication.ts'
import type { Covering } from './conflation.ts'
import type { Cursor, Position } from './cursor.ts'
import type { Expiry } from './expiry.ts'
import type { GapReason } from './resume.ts'
import type { LogStatus, PageLimit, Tail } from './log.ts'
import type { Retention } from './retention.ts'
import type { Fenced, Producer } from './producer.ts'
import type { LeaseRequest, ReleaseRequest } from './presence.ts'

/** How a channel is made; fixed for this life of its log. */
export interface ChannelOptions {
  readonly contentType: ContentType
  readonly retention: Retention
  /** Readers are not told of trimmed ranges by a gap, but by an `advance`. */
  readonly ephemeral: boolean
  /** Every publication has a key; the latest of each is kept whatever the retention. */
  readonly conflated: boolean
  /** Keys with a value at the same time, on a conflated channel. */
  readonly maxKeys: number
  /** When the channel goes by itself, as if it were deleted; undefined: never. */
  readonly expiry?: Expiry | undefined
  /** A short text of whoever made the channel, kept with it and never looked into: at most 1 KiB. */
  readonly metadata?: string | undefined
}

export interface AppendEntry {
  readonly data: Payload
  readonly key?: string
  /** A tombstone for `key`. */
  readonly remove?: boolean
}

export interface AppendRequest {
  readonly channel: string
  /** Appended together or not at all, with consecutive offsets; may be empty when `close` is set. */
  readonly entries: readonly AppendEntry[]
  /** Publishing once: one sequence covers all the entries. */
  readonly producer?: Producer | undefined
  /** Append only if this is the tail. */
  readonly expect?: Cursor | undefined
  /**
   * The writers' own order: append only if this is greater than that of every append before which had one. Of
   * ASCII characters, so that comparing strings compares bytes. It is not the producer's sequence.
   */
  readonly sequence?: string | undefined
  /** Makes the channel if it is missing or deleted; without it those are refused. */
  readonly create?: ChannelOptions | undefined
  /** Closes the channel in the same step. */
  readonly close?: boolean
}

export type AppendResult =
  | {
      readonly kind: 'appended'
      readonly epoch: string
      /** Offsets of the first and the last entry. */
      readonly first: number
      readonly last: number
      readonly time: number
      readonly stamp?: string
    }
  /** Appended before; offsets as long as the ledger keeps them. */
  | {
      readonly kind: 'duplicate'
      readonly epoch: string
      readonly first?: number
      readonly last?: number
      /** Stamp of the entry at `last`, where the broker keeps stamps and still holds it. */
      readonly stamp?: string
      /** The last sequence that was accepted in this epoch of the producer. */
      readonly lastSeq: number
      /** Where the log ends, and whether anything can follow. */
      readonly tail: Cursor
      readonly status: LogStatus
    }
  | Refusal

export type RefusalCode =
  | 'not_found'
  | 'deleted'
  | 'closed'
  | 'content_type'
  | 'key_required'
  | 'key_not_allowed'
  | 'too_many_keys'
  | 'too_many_channels'
  | 'expect_failed'
  | 'sequence_behind'
  | 'producer_fenced'
  | 'producer_hole'
  | 'producer_unknown'

/** Nothing was changed, and no sequence was consumed. */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: RefusalCode
  /** producer_hole: the sequence that is missing. producer_fenced: the epoch that is current. */
  readonly expected?: number
  /** expect_failed, closed: where the tail is. */
  readonly cursor?: Cursor
}

export interface ReadRequest {
  readonly channel: string
  readonly from: Position
  readonly limit: PageLimit
  /** Serve the latest entry per key after the cursor, not every entry. */
  readonly conflate?: boolean
  /** Makes a missing channel. A deleted one is made again only by a sentinel. */
  readonly create?: ChannelOptions | undefined
}

/** One atomic read of a log: its bounds and the entries after the position, or why they cannot be had. */
export type Page =
  | {
      readonly kind: 'page'
      readonly epoch: string
      readonly floor: number
      readonly top: number
      readonly status: LogStatus
      readonly contentType: ContentType
      readonly conflated: boolean
      readonly metadata?: string | undefined
      /** The position could not be served: the page starts at `after` instead. */
      readonly gap: GapReason | undefined
      /** An ephemeral channel has let go of (skippedFrom, after]. */
      readonly skippedFrom: number | undefined
      /**
       * The page covers (after, upTo]. Beyond its last entry it goes only as a snapshot: the page of a conflating
       * reader from the start up to the last tombstone that was dropped, which is whole, whatever the limit.
       */
      readonly after: number
      readonly upTo: number
      /** Stamp of the entry at `after`, where the broker keeps stamps. */
      readonly stamp?: string | undefined
      readonly entries: readonly Covering[]
    }
  | { readonly kind: 'missing'; readonly code: 'not_found' | 'deleted' | 'too_many_channels' }

export interface ChannelInfo {
  readonly channel: string
  readonly options: ChannelOptions
  readonly epoch: string
  readonly floor: number
  readonly top: number
  readonly status: LogStatus
  readonly createdMs: number
  readonly bytes: number
  /** Stamp of the entry at `top`, where the broker keeps stamps. */
  readonly stamp?: string | undefined
}

export interface ListRequest {
  /** Names after this one; empty for the first. */
  readonly after: string
  /** Only names that contain this. */
  readonly contains: string
  readonly limit: number
}

/** What a channel begins with. */
export interface Beginning {
  readonly entries: readonly AppendEntry[]
  /** Closes the channel in the same step. */
  readonly close?: boolean
}

export type CreateResult =
  | { readonly kind: 'created' | 'exists'; readonly info: ChannelInfo }
  | { readonly kind: 'refused'; readonly code: RefusalCode }

/** A log has moved: it was appended to, trimmed, closed, deleted or made again. A hint, not a delivery. */
export interface Move {
  readonly epoch: string
  readonly floor: number
  readonly top: number
  readonly status: LogStatus
}

export interface Watch {
  /**
   * The log itself, where the broker lives in this process: always current, never behind; it returns undefined
   * as long as the channel does not exist. Undefined where the broker is elsewhere: the hub then keeps a tail
   * of its own.
   */
  readonly borrow: (() => Tail | undefined) | undefined
  release(): void
}

export interface Broker {
  /** What a channel keeps where its rule does not say; without it, what a channel in memory keeps. */
  readonly retention?: Retention
  /** Checks the ledger, then `expect`, then appends: one atomic step. */
  append(request: AppendRequest): Promise<AppendResult>
  /** Several channels in one call; each page is one atomic read, in the order of the requests. */
  read(requests: readonly ReadRequest[]): Promise<Page[]>
  /**
   * Calls `moved` after every change of the channel's log. Once the promise is fulfilled no later change is
   * missed: whoever watches first and reads then loses nothing. A channel need not exist to be watched.
   */
  watch(channel: string, moved: (move: Move) => void): Promise<Watch>
  /**
   * Makes a channel. What it begins with is appended in the same step, so that nobody finds it without; a channel
   * that exists is left as it is.
   */
  create(channel: string, options: ChannelOptions, beginning?: Beginning): Promise<CreateResult>
  /** Nothing can be appended afterwards; what is there stays readable. False when there is no such channel. */
  close(channel: string): Promise<boolean>
  /** Ends this life of the log and leaves a marker that cursors meet. False when there is no such channel. */
  delete(channel: string): Promise<boolean>
  /**
   * Names of channels that exist, in the order of their UTF-8 bytes: for whoever looks after a node, not for hot
   * paths. It may look at all of them.
   */
  list(request: ListRequest): Promise<string[]>
  /** Does not count as use: see `Expiry`. */
  describe(channel: string): Promise<ChannelInfo | undefined>
  /** Lets go of everything before `offset`; returns the new floor. */
  trim(channel: string, before: number): Promise<number | undefined>
  /** Closes a producer's epoch in one step and says what was accepted in it. */
  fence(channel: string, producerId: string, epoch: number): Promise<Fenced>
  /** Takes or renews a presence lease; appends the join or the change of data in the same step. */
  lease(request: LeaseRequest): Promise<{ readonly generation: number }>
  release(request: ReleaseRequest): Promise<void>
  /** Housekeeping: retention by age, expiry, leases, ledgers. The node calls it about once a second. */
  sweep(): Promise<void>
  /** Releases everything; nothing else may be called afterwards. */
  dispose(): Promise<void>
}

/** The broker could not do its work: nothing is known of the outcome. */
export class BrokerUnavailableError extends Error {
  readonly code: 'broker_unavailable' = 'broker_unavailable'
}

/** Whether a publication may go into a channel of these options; undefined when it may. */
export const refuseEntry = (entry: AppendEntry, options: ChannelOptions): RefusalCode | undefined => {
  if (options.conflated && entry.key === undefined) return 'key_required'
  if (!options.conflated && entry.key !== undefined) return 'key_not_allowed'
  if (entry.remove === true && entry.key === undefined) return 'key_required'
  const type = typeof entry.data === 'string' ? 'json' : 'bytes'
  return entry.remove !== true && type !== options.contentType ? 'content_type' : undefined
}
