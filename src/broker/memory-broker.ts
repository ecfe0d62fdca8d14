/**
 * The broker whose logs live in this process: an acknowledgement means that the publication is in this
 * process's memory. Every operation runs in one synchronous step, which is what makes it atomic; the promises
 * are the contract's. It keeps no timer: the node calls `sweep`.
 */
import {
  type AppendRequest,
  type AppendResult,
  type Beginning,
  type Broker,
  type ChannelInfo,
  type ChannelOptions,
  type CreateResult,
  EpochCounter,
  type Fenced,
  isCursor,
  type LeaseRequest,
  Leases,
  type LedgerOptions,
  type ListRequest,
  type Log,
  type Move,
  type Page,
  PRESENCE_OPTIONS,
  presenceChannel,
  type PresenceChange,
  presenceSubject,
  type ReadRequest,
  type ReleaseRequest,
  type Watch,
} from '../channel/index.ts'
import { MemoryChannel } from './memory-channel.ts'
import { firstNames } from './name-order.ts'

export interface MemoryBrokerOptions {
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number
  /** Channels that exist at the same time, made on demand or not. */
  readonly maxChannels?: number
  /** Channels that are kept elsewhere and count too. */
  readonly channelsElsewhere?: () => number
  readonly ledger?: LedgerOptions
  /** How long the marker of a deleted channel is kept, milliseconds. */
  readonly deletedMarkerMs?: number
}

type Moved = (move: Move) => void

interface Marker {
  readonly log: Log
  readonly deletedMs: number
}

export class MemoryBroker implements Broker {
  readonly #channels = new Map<string, MemoryChannel>()
  /** What is left of deleted channels, the longest deleted first. */
  readonly #markers = new Map<string, Marker>()
  readonly #watchers = new Map<string, Set<Moved>>()
  readonly #leases = new Map<string, Leases>()
  readonly #epochs = new EpochCounter()
  readonly #now: () => number
  readonly #random: () => number
  readonly #maxChannels: number
  readonly #channelsElsewhere: () => number
  readonly #ledger: LedgerOptions
  readonly #deletedMarkerMs: number

  constructor(options: MemoryBrokerOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    this.#maxChannels = options.maxChannels ?? 100_000
    this.#channelsElsewhere = options.channelsElsewhere ?? ((): number => 0)
    this.#ledger = options.ledger ?? {}
    this.#deletedMarkerMs = options.deletedMarkerMs ?? 86_400_000
  }

  /** Channels that exist. */
  get size(): number {
    return this.#channels.size
  }

  /** Whether there is such a channel, or the marker of one. */
  knows(name: string): 'channel' | 'marker' | undefined {
    if (this.#channels.has(name)) return 'channel'
    return this.#markers.has(name) ? 'marker' : undefined
  }

  /** Lets go of the marker of a deleted channel: the name lives on elsewhere. */
  forget(name: string): void {
    this.#markers.delete(name)
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return settle(() => this.#append(request))
  }

  read(requests: readonly ReadRequest[]): Promise<Page[]> {
    return settle(() => requests.map((request) => this.#read(request)))
  }

  watch(name: string, moved: Moved): Promise<Watch> {
    return settle(() => {
      const watchers = this.#watchers.get(name) ?? new Set()
      // A function of its own: the same listener may be given twice.
      const watcher: Moved = (move) => moved(move)
      watchers.add(watcher)
      this.#watchers.set(name, watchers)
      return {
        borrow: () => (this.#channels.get(name) ?? this.#markers.get(name))?.log,
        release: () => {
          watchers.delete(watcher)
          if (watchers.size === 0 && this.#watchers.get(name) === watchers) this.#watchers.delete(name)
        },
      }
    })
  }

  create(name: string, options: ChannelOptions, beginning?: Beginning): Promise<CreateResult> {
    return settle(() => {
      const known = this.#find(name)
      if (known !== undefined) return { kind: 'exists', info: known.describe(name) }
      const channel = this.#prepare(name, options)
      if (typeof channel === 'string') return { kind: 'refused', code: 'too_many_channels' }
      if (beginning !== undefined) {
        const result = channel.append({ channel: name, ...beginning }, this.#now())
        if (result.kind === 'refused') return { kind: 'refused', code: result.code }
      }
      this.#admit(name, channel)
      this.#moved(name, channel.log)
      return { kind: 'created', info: channel.describe(name) }
    })
  }

  close(name: string): Promise<boolean> {
    return settle(() => {
      const channel = this.#find(name)
      if (channel === undefined) return false
      channel.close(this.#now())
      this.#moved(name, channel.log)
      return true
    })
  }

  delete(name: string): Promise<boolean> {
    return settle(() => {
      const channel = this.#find(name)
      if (channel === undefined) return false
      this.#delete(name, channel)
      return true
    })
  }

  list(request: ListRequest): Promise<string[]> {
    return settle(() => firstNames(this.#channels.keys(), request))
  }

  describe(name: string): Promise<ChannelInfo | undefined> {
    return settle(() => this.#find(name)?.describe(name))
  }

  trim(name: string, before: number): Promise<number | undefined> {
    return settle(() => {
      const channel = this.#find(name)
      if (channel === undefined) return undefined
      if (channel.trim(before)) this.#moved(name, channel.log)
      return channel.log.floor
    })
  }

  fence(name: string, producerId: string, epoch: number): Promise<Fenced> {
    return settle(() => {
      const channel = this.#find(name)
      // Without a log there is no ledger, and nothing of the producer's can still be appended to it.
      if (channel === undefined) return { known: false, last: -1, epoch: epoch + 1 }
      return channel.ledger.fence(producerId, epoch, this.#now())
    })
  }

  lease(request: LeaseRequest): Promise<{ readonly generation: number }> {
    return settle(() => {
      const leases = this.#leases.get(request.channel) ?? new Leases()
      this.#leases.set(request.channel, leases)
      const { generation, change } = leases.lease(request, this.#now())
      // At a cap of channels or keys nobody else comes in; that is not worth failing a command for.
      if (change !== undefined && !this.#announce(request.channel, change)) leases.evict(request.member)
      return { generation }
    })
  }

  release(request: ReleaseRequest): Promise<void> {
    return settle(() => {
      const change = this.#leases.get(request.channel)?.release(request, this.#now())
      if (change !== undefined) this.#announce(request.channel, change)
    })
  }

  sweep(): Promise<void> {
    return settle(() => {
      const now = this.#now()
      for (const [name, { deletedMs }] of this.#markers) {
        if (deletedMs > now - this.#deletedMarkerMs) break
        this.#markers.delete(name)
      }
      for (const [name, channel] of this.#channels) {
        if (channel.hasExpired(now)) this.#delete(name, channel)
        else if (channel.sweep(now)) this.#moved(name, channel.log)
      }
      for (const [name, leases] of this.#leases) {
        for (const change of leases.sweep(now)) this.#announce(name, change)
        if (leases.size === 0) this.#leases.delete(name)
      }
    })
  }

  dispose(): Promise<void> {
    return settle(() => {
      this.#channels.clear()
      this.#markers.clear()
      this.#watchers.clear()
      this.#leases.clear()
    })
  }

  #append(request: AppendRequest): AppendResult {
    const known = this.#find(request.channel)
    const channel = known ?? this.#prepare(request.channel, request.create)
    if (typeof channel === 'string') return { kind: 'refused', code: channel }
    const result = channel.append(request, this.#now())
    if (result.kind === 'appended') {
      if (known === undefined) this.#admit(request.channel, channel)
      this.#moved(request.channel, channel.log)
    } else if (known === undefined && result.kind === 'refused') {
      // The channel was not made, and has no tail that could be named.
      return { kind: 'refused', code: result.code }
    }
    return result
  }

  #read(request: ReadRequest): Page {
    const name = request.channel
    const known = this.#find(name)
    if (known !== undefined) return known.read(request, this.#now())
    if (this.#markers.has(name) && isCursor(request.from)) return { kind: 'missing', code: 'deleted' }
    const channel = this.#prepare(name, request.create)
    if (typeof channel === 'string') return { kind: 'missing', code: channel }
    this.#admit(name, channel)
    this.#moved(name, channel.log)
    return channel.read(request, this.#now())
  }

  /** A channel that exists; one whose time is over is deleted here. */
  #find(name: string): MemoryChannel | undefined {
    const channel = this.#channels.get(name)
    if (channel === undefined || !channel.hasExpired(this.#now())) return channel
    this.#delete(name, channel)
    return undefined
  }

  #delete(name: string, channel: MemoryChannel): void {
    channel.delete()
    this.#channels.delete(name)
    this.#mark(name, channel.log)
    const subject = presenceSubject(name)
    if (subject !== undefined) this.#leases.delete(subject)
    this.#moved(name, channel.log)
  }

  /** A channel that nobody knows of yet, or why there can be none. */
  #prepare(
    name: string,
    create: ChannelOptions | undefined,
  ): MemoryChannel | 'not_found' | 'deleted' | 'too_many_channels' {
    if (create === undefined) return this.#markers.has(name) ? 'deleted' : 'not_found'
    if (this.#channels.size + this.#channelsElsewhere() >= this.#maxChannels) return 'too_many_channels'
    const now = this.#now()
    return new MemoryChannel(this.#epochs.next(now, this.#random()), create, now, this.#ledger)
  }

  #admit(name: string, channel: MemoryChannel): void {
    this.#channels.set(name, channel)
    this.#markers.delete(name)
  }

  /** Leaves the marker of a deletion. There are no more markers than channels may be: the oldest goes. */
  #mark(name: string, log: Log): void {
    this.#markers.set(name, { log, deletedMs: this.#now() })
    if (this.#markers.size > this.#maxChannels)
      this.#markers.delete(this.#markers.keys().next().value as string)
  }

  /** Says in the presence channel who came, changed or left; false when it cannot be said. */
  #announce(subject: string, { member, data }: PresenceChange): boolean {
    const channel = presenceChannel(subject)
    const request: AppendRequest =
      data === undefined
        ? { channel, entries: [{ data: 'null', key: member, remove: true }] }
        : { channel, entries: [{ data, key: member }], create: PRESENCE_OPTIONS }
    return this.#append(request).kind === 'appended'
  }

  #moved(name: string, log: Log): void {
    const watchers = this.#watchers.get(name)
    if (watchers === undefined) return
    const { epoch, floor, top, status } = log
    for (const moved of watchers) moved({ epoch, floor, top, status })
  }
}

/** Runs a step at once and hands its outcome over as the contract's promise. */
const settle = <T>(step: () => T): Promise<T> => {
  try {
    return Promise.resolve(step())
  } catch (error) {
    return Promise.reject(error)
  }
}
