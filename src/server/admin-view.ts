/**
 * What a node shows of itself: the whole in numbers, channels and sessions page by page, one of each in detail. It is
 * made when it is asked for, bounded, and changes nothing. What a client could use as a credential is not in it.
 */
import { performance } from 'node:perf_hooks'
import { type Broker, type ChannelInfo, parseCursor, presenceSubject, type Tail } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import type { Carrier, CarrierView, Identity, PollNote } from '../transport/index.ts'
import type { Connections } from './connections.ts'
import { readHistory } from './history.ts'
import { LoopDelayMeter } from './loop-delay.ts'
import type { HoldfastNode } from './node.ts'

export interface ChannelRow {
  readonly name: string
  readonly kind: 'log' | 'conflated' | 'ephemeral' | 'presence'
  readonly contentType: string
  readonly status: string
  readonly floor: number
  readonly top: number
  readonly bytes: number
  readonly createdMs: number
  /** On this node. */
  readonly followers: number
}

export interface SessionRow {
  /** Names it here; it opens nothing. */
  readonly id: string
  readonly user: string | undefined
  readonly address: string
  /** More than one while it changes. */
  readonly transports: readonly CarrierView['transport'][]
  readonly sinceMs: number
  /** When it asked last, where it polls and is not asking now. */
  readonly askedMs: number | undefined
  readonly channels: number
  /** Of the channel in which it is furthest behind. */
  readonly lag: number
  readonly unsentBytes: number
}

/** Where a session stands in one channel. */
export interface Standing {
  readonly channel: string
  readonly cursor: string | undefined
  readonly offset: number | undefined
  readonly top: number | undefined
  readonly lag: number
}

export interface PageQuery {
  readonly contains: string
  readonly sort: string
  readonly limit: number
}

/** A session, on as many wires as it has now, or as it was when it polled last. */
interface Seen {
  readonly id: string
  readonly identity: Identity
  readonly wires: CarrierView[]
  note: PollNote | undefined
}

/** How many followers of one channel are told. */
const FOLLOWERS_TOLD = 100
const ENTRIES_TOLD = 20
/** An entry that is longer is cut, so that an answer stays small. */
const ENTRY_CHARACTERS = 2_000

export class AdminView {
  readonly #node: HoldfastNode
  readonly #broker: Broker
  readonly #connections: Connections
  readonly #loop: LoopDelayMeter
  readonly #startedMs: number
  #utilisation = performance.eventLoopUtilization()

  constructor(node: HoldfastNode, connections: Connections) {
    this.#node = node
    this.#broker = node.broker
    this.#connections = connections
    this.#loop = new LoopDelayMeter((ms, run) => node.after(ms, run))
    this.#startedMs = node.now()
  }

  overview(): object {
    const { hub, carriers, held, counters, draining } = this.#node
    const { rss, heapUsed, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const before = this.#utilisation
    this.#utilisation = performance.eventLoopUtilization()
    const now = this.#node.now()
    const { publications, deliveries, deliveredBytes, requests, commands } = counters
    return {
      now,
      startedMs: this.#startedMs,
      standing: draining ? 'draining' : 'serving',
      memory: { rssBytes: rss, heapBytes: heapUsed, externalBytes: external },
      cpuMs: (user + system) / 1_000,
      loop: {
        utilisation: performance.eventLoopUtilization(this.#utilisation, before).utilization,
        delay: this.#loop.read(now),
      },
      connections: this.#connections.open,
      streams: this.#connections.streams,
      carriers: carriers.size,
      held: held.size,
      followed: hub.size,
      sessions: this.#perTransport(),
      totals: { publications, deliveries, deliveredBytes, requests, commands },
      refusals: Object.fromEntries(counters.refusals),
    }
  }

  async channels({ contains, sort, limit }: PageQuery, after: string): Promise<object> {
    const names =
      sort === 'followers'
        ? this.#mostFollowed(contains, limit)
        : await this.#broker.list({ after, contains, limit })
    const infos = await Promise.all(names.map((name) => this.#broker.describe(name)))
    const rows = infos.flatMap((info) => (info === undefined ? [] : [this.#rowOf(info)]))
    const next = sort !== 'followers' && names.length === limit ? names.at(-1) : undefined
    return { rows, next }
  }

  /** @throws (rejects with) ProtocolError `not_found` */
  async channel(name: string): Promise<object> {
    const info = await this.#broker.describe(name)
    if (info === undefined) throw new ProtocolError('not_found', 'there is no such channel')
    const page = { channel: name, from: { last: ENTRIES_TOLD }, limit: ENTRIES_TOLD }
    const { publications } = await readHistory(this.#broker, page, this.#node.limits.pageBytes)
    const entries = publications.map(({ offset, time, key, removed, data, base64 }) => {
      const text = base64 ?? JSON.stringify(data) ?? ''
      return {
        offset,
        time,
        key,
        removed,
        text: text.slice(0, ENTRY_CHARACTERS),
        cut: text.length > ENTRY_CHARACTERS,
      }
    })
    const followers: object[] = []
    for (const seen of this.#sessions().values()) {
      if (followers.length === FOLLOWERS_TOLD) break
      const standing = this.#standings(seen).find(({ channel }) => channel === name)
      if (standing === undefined) continue
      const { id, user, transports } = this.#session(seen)
      followers.push({ id, user, transports, lag: standing.lag, offset: standing.offset })
    }
    return { ...this.#rowOf(info), retention: info.options.retention, entries, followerSessions: followers }
  }

  sessions({ contains, sort, limit }: PageQuery, skip: number): object {
    const rows: SessionRow[] = []
    for (const seen of this.#sessions().values()) {
      const { user = '', address } = seen.identity
      if (contains === '' || `${seen.id} ${user} ${address}`.includes(contains))
        rows.push(this.#session(seen))
    }
    const order = ORDERS[sort]
    if (order !== undefined) rows.sort(order)
    return { total: rows.length, rows: rows.slice(skip, skip + limit) }
  }

  /** @throws ProtocolError `not_found` */
  session(id: string): object {
    const seen = this.#sessions().get(id)
    if (seen === undefined) throw new ProtocolError('not_found', 'that session is not here')
    return { ...this.#session(seen), standings: this.#standings(seen) }
  }

  /** The wires of a session. */
  carriersOf(id: string): Carrier[] {
    return [...this.#node.carriers].filter((carrier) => {
      const view = carrier.view?.()
      return view !== undefined && idOf(view.identity) === id
    })
  }

  stop(): void {
    this.#loop.stop()
  }

  #sessions(): Map<string, Seen> {
    const sessions = new Map<string, Seen>()
    const seen = (identity: Identity): Seen => {
      const id = idOf(identity)
      const known = sessions.get(id) ?? { id, identity, wires: [], note: undefined }
      sessions.set(id, known)
      return known
    }
    for (const carrier of this.#node.carriers) {
      const view = carrier.view?.()
      // A request that carries commands alone follows nothing.
      if (view !== undefined && (view.subscriptions.size > 0 || view.transport === 'websocket'))
        seen(view.identity).wires.push(view)
    }
    for (const note of this.#node.pollNotes?.values() ?? []) {
      const session = seen(note.identity)
      if (session.wires.length === 0) session.note = note
    }
    return sessions
  }

  #session(seen: Seen): SessionRow {
    const { id, identity, wires, note } = seen
    const standings = this.#standings(seen)
    return {
      id,
      user: identity.user,
      address: identity.address,
      transports: note === undefined ? wires.map(({ transport }) => transport) : [note.transport],
      sinceMs: note?.atMs ?? Math.min(...wires.map(({ sinceMs }) => sinceMs)),
      askedMs: note?.atMs,
      channels: standings.length,
      lag: standings.reduce((most, { lag }) => Math.max(most, lag), 0),
      unsentBytes: wires.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0),
    }
  }

  #standings({ wires, note }: Seen): Standing[] {
    const [wire] = wires.slice(-1)
    const cursors: [string, string | undefined][] =
      wire === undefined
        ? Object.entries(note?.cursors ?? {})
        : Array.from(wire.subscriptions, ([channel, { cursor }]) => [channel, cursor])
    return cursors.map(([channel, cursor]) => {
      const at = cursor === undefined ? undefined : parseCursor(cursor)
      const tail = this.#node.hub.channels.get(channel)?.tail
      return { channel, cursor, offset: at?.offset, top: tail?.top, lag: lagOf(at, tail) }
    })
  }

  #perTransport(): Record<string, number> {
    const counts: Record<string, number> = { websocket: 0, sse: 0, 'long-polling': 0, polling: 0 }
    for (const seen of this.#sessions().values()) {
      const { transport } = seen.note ?? (seen.wires.at(-1) as CarrierView)
      counts[transport] = (counts[transport] ?? 0) + 1
    }
    return counts
  }

  #mostFollowed(contains: string, limit: number): string[] {
    const followed = [...this.#node.hub.channels.values()].filter(({ name }) => name.includes(contains))
    followed.sort((a, b) => b.waiters.size - a.waiters.size || (a.name < b.name ? -1 : 1))
    return followed.slice(0, limit).map(({ name }) => name)
  }

  #rowOf({ channel, options, floor, top, status, bytes, createdMs }: ChannelInfo): ChannelRow {
    const kind =
      presenceSubject(channel) !== undefined
        ? 'presence'
        : options.conflated
          ? 'conflated'
          : options.ephemeral
            ? 'ephemeral'
            : 'log'
    const followers = this.#node.hub.channels.get(channel)?.waiters.size ?? 0
    return {
      name: channel,
      kind,
      contentType: options.contentType,
      status,
      floor,
      top,
      bytes,
      createdMs,
      followers,
    }
  }
}

/** The part of a session that is public in presence; the rest is the client's own. */
const idOf = ({ session }: Identity): string => session.slice(0, session.indexOf('.'))

const lagOf = (
  at: { readonly epoch: string; readonly offset: number } | undefined,
  tail: Tail | undefined,
): number => (at === undefined || tail?.epoch !== at.epoch ? 0 : Math.max(0, tail.top - at.offset))

const ORDERS: Readonly<Record<string, (a: SessionRow, b: SessionRow) => number>> = {
  lag: (a, b) => b.lag - a.lag || compare(a.id, b.id),
  channels: (a, b) => b.channels - a.channels || compare(a.id, b.id),
  newest: (a, b) => b.sinceMs - a.sinceMs || compare(a.id, b.id),
  oldest: (a, b) => a.sinceMs - b.sinceMs || compare(a.id, b.id),
  id: (a, b) => compare(a.id, b.id),
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
