/**
 * Who is in a channel: leases by (member, session). A member is there while any of its sessions holds a
 * lease. This room keeps the leases and says what changed; the broker appends that to the channel's keyed
 * presence log (`presenceChannel`), in the same step, so that every transport reads presence like any channel.
 */
import type { Payload } from './publication.ts'

const PRESENCE_PREFIX = '$presence/'

/** The keyed channel in which the members of `channel` are published, by member. */
export const presenceChannel = (channel: string): string => PRESENCE_PREFIX + channel

/** The channel whose members `name` holds, or undefined for any other channel. */
export const presenceSubject = (name: string): string | undefined =>
  name.startsWith(PRESENCE_PREFIX) ? name.slice(PRESENCE_PREFIX.length) : undefined

export interface LeaseRequest {
  readonly channel: string
  readonly member: string
  readonly session: string
  /** JSON text about the member; undefined leaves what is known. */
  readonly data?: string | undefined
  readonly ttlMs: number
  /** A transport has attached: the lease's generation is raised, so that an older one's close is void. */
  readonly attach?: boolean
}

export interface ReleaseRequest {
  readonly channel: string
  readonly member: string
  readonly session: string
  /** Of the transport that closed; undefined for a deliberate leave. */
  readonly generation?: number
  /** How long the member still counts as there; 0 leaves at once. */
  readonly graceMs: number
}

/** What must be appended to the presence channel: `data` undefined is a tombstone. */
export interface PresenceChange {
  readonly member: string
  readonly data: Payload | undefined
}

interface Lease {
  expiresMs: number
  generation: number
}

interface Member {
  data: string
  leases: Map<string, Lease>
}

export class Leases {
  readonly #members = new Map<string, Member>()
  #latestGeneration = 0

  get size(): number {
    return this.#members.size
  }

  /** Takes or renews a lease; an unknown one joins. */
  lease(request: LeaseRequest, nowMs: number): { generation: number; change: PresenceChange | undefined } {
    const known = this.#members.get(request.member)
    const data = request.data ?? known?.data ?? 'null'
    const member = known ?? { data, leases: new Map<string, Lease>() }
    const held = member.leases.get(request.session)
    // By the clock, so that a generation never comes again, also when the lease ran out in between.
    const generation =
      request.attach === true ? Math.max(this.#latestGeneration + 1, nowMs) : (held?.generation ?? 0)
    this.#latestGeneration = Math.max(this.#latestGeneration, generation)
    member.leases.set(request.session, { expiresMs: nowMs + request.ttlMs, generation })
    const changed = known === undefined || known.data !== data
    member.data = data
    this.#members.set(request.member, member)
    return { generation, change: changed ? { member: request.member, data } : undefined }
  }

  /** Forgets a member whose coming could not be told: its next renewal joins. */
  evict(member: string): void {
    this.#members.delete(member)
  }

  /** Shortens a lease, unless another transport of the session has attached since. */
  release(request: ReleaseRequest, nowMs: number): PresenceChange | undefined {
    const member = this.#members.get(request.member)
    const lease = member?.leases.get(request.session)
    if (member === undefined || lease === undefined) return undefined
    if (request.generation !== undefined && request.generation < lease.generation) return undefined
    lease.expiresMs = Math.min(lease.expiresMs, nowMs + request.graceMs)
    return this.#expire(request.member, member, nowMs)
  }

  /** Lets go of leases that have run out; returns who has left. */
  sweep(nowMs: number): PresenceChange[] {
    const changes: PresenceChange[] = []
    for (const [name, member] of this.#members) {
      const change = this.#expire(name, member, nowMs)
      if (change !== undefined) changes.push(change)
    }
    return changes
  }

  #expire(name: string, member: Member, nowMs: number): PresenceChange | undefined {
    for (const [session, lease] of member.leases) {
      if (lease.expiresMs <= nowMs) member.leases.delete(session)
    }
    if (member.leases.size > 0) return undefined
    this.#members.delete(name)
    return { member: name, data: undefined }
  }
}
