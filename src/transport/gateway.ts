/**
 * What a transport needs of the node that it serves: who the client is, what it may do, and somebody who carries
 * out its commands. The server implements it; a transport decides none of this.
 */
import type { ChannelOptions } from '../channel/index.ts'
import type { Hub } from '../hub/index.ts'
import type { Bye, Reply, Request, Welcome } from '../protocol/index.ts'
import type { Counters } from './counters.ts'
import type { Roster } from '../roster/index.ts'
import type { DeadlineSweep } from '../wire/index.ts'
import type { HeldRequests } from './held-requests.ts'
import type { Limits } from './limits.ts'
import type { PollNotes } from './poll-notes.ts'

export type Awaitable<T> = T | Promise<T>

/** Where a request came from. */
export interface Peer {
  readonly address: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Who a client is, as `authenticate` said, for as long as its token holds. */
export interface Identity {
  /** Names the client across transports and nodes. */
  readonly session: string
  /** The session that it came with; undefined for one that nobody knows yet. */
  readonly knownSession: string | undefined
  /** Whom presence shows, and whom limits count: the user, or the session of an anonymous client. */
  readonly member: string
  readonly user: string | undefined
  /** Whatever else `authenticate` returned, for `authorize` and the handlers of calls. */
  readonly claims: unknown
  readonly address: string
  /** When the token runs out, milliseconds since 1970. */
  readonly expiresAtMs: number | undefined
}

export interface Admission {
  readonly identity: Identity
  /** What it is told when it says hello. */
  welcome(): Welcome
}

/** `create`, `close` and `delete` are asked for over HTTP alone: see the streams room. */
export type Action =
  'subscribe' | 'publish' | 'presence' | 'history' | 'trim' | 'call' | 'create' | 'close' | 'delete'

/** All the wires of a node. */
export type Carriers = Roster<'carrierPlace', Carrier>

/** One client on one wire, as the node sees it: something to look after, and to say goodbye to. */
export interface Carrier {
  /** Its place among its node's. */
  carrierPlace?: number
  /**
   * Housekeeping, about once a second.
   * @param nowMs milliseconds since 1970: what was agreed with others, as when a token runs out.
   * @param elapsedMs by a clock that nobody sets: how long something has lasted.
   */
  sweep(nowMs: number, elapsedMs: number): void
  /** Renews the presence leases of a connection that is alive. */
  renew?(): void
  /** Says why, and closes. */
  dismiss(bye: Bye): void
  /** Tells its client to move in `afterMs`; without it, the carrier is dismissed then. */
  drain?(afterMs: number): void
  /** What there is to see of it now; undefined while it carries no session. */
  view?(): CarrierView | undefined
}

/** A session on a wire, for whoever looks after the node. It is read at once, and kept by nobody. */
export interface CarrierView {
  readonly transport: 'websocket' | 'sse' | 'long-polling' | 'polling'
  readonly identity: Identity
  readonly sinceMs: number
  /** Where it stands, by channel; undefined as long as that is not known. */
  readonly subscriptions: ReadonlyMap<string, { readonly cursor: string | undefined }>
  /** Bytes that its client has not taken. */
  readonly unsentBytes: number
}

export interface Gateway {
  readonly hub: Hub
  readonly limits: Limits
  readonly carriers: Carriers
  readonly held: HeldRequests
  readonly counters: Counters
  /** Undefined where nobody looks after the node. */
  readonly pollNotes: PollNotes | undefined
  /** The node is going away: nobody new is taken, and who is there may finish. */
  readonly draining: boolean
  /** Milliseconds since 1970. */
  now(): number
  /** For what many wait for and nobody needs to the moment: one timer for all of them. */
  readonly deadlines: DeadlineSweep
  /** Runs once, `ms` from now; the returned function cancels. */
  after(ms: number, run: () => void): () => void
  /** In [0, 1). */
  random(): number
  /** @throws (or rejects with) ProtocolError `unauthenticated` */
  admit(
    credentials: { token: string | undefined; session: string | undefined },
    peer: Peer,
  ): Awaitable<Admission>
  /** Never throws or rejects. @param subject the channel, or the method of a call. */
  authorize(identity: Identity, action: Action, subject: string): Awaitable<boolean>
  /** Counts one command against its sender's rate; false when it is over. */
  allowCommand(identity: Identity): boolean
  /** A fault of the node's own, or of what it stands on: told to whoever runs it, never to a peer. */
  fault(error: unknown): void
  /** Carries out a command that has been authorised. Never rejects. */
  execute(request: Request, identity: Identity): Promise<Reply>
  /** How a missing channel is made, or undefined when a client may not make it. */
  creation(channel: string): ChannelOptions | undefined
  /** Takes or renews the lease of a member; returns the lease's generation. */
  enter(identity: Identity, channel: string, data: string | undefined, attach: boolean): Promise<number>
  /** A transport with a lease has gone; `generation` undefined when the member leaves deliberately. */
  leave(identity: Identity, channel: string, generation: number | undefined): Promise<void>
}
