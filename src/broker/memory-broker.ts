/**
 * The broker whose logs live in this process: an acknowledgement means that the publication is in this
 * process's memory. Every operation runs in one synchronous step, which is what makes it atomic; the promises
 * are the contract's. It keeps no timer: the node calls `sweep`.
 */
import {
  type AppendRequest,
  type AppendResult,
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
  type Move,
  type Page,
  PRESENCE_OPTIONS,
  presenceChannel,
  type PresenceChange,
  type ReadRequest,
  type ReleaseRequest,
  type Watch,
} from '../channel/index.ts'
import { MemoryChannel } from './memory-channel.ts'

export interface MemoryBrokerOptions {
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number
  /** Channels that exist at the same time, made on demand or not. */
  readonly maxChannels?: number
  readonly ledger?: LedgerOptions
  /** How long the marker of a deleted channel is kept, milliseconds. */
  readonly deletedMarkerMs?: number
}

type Moved = (move: Move) => void

export class MemoryBroker implements Broker {
  readonly #channels = new Map<string, MemoryChannel>()
  readonly #watchers = new Map<string, Set<Moved>>()
  readonly #leases = new Map<string, Leases>()
  readonly #epochs = new EpochCounter()
  readonly #now: () => number
  readonly #random: () => number
  readonly #maxChannels: number
  readonly #ledger: LedgerOptions
  readonly #deletedMarkerMs: number

  constructor(options: MemoryBrokerOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    this.#maxChannels = options.maxChannels ?? 100_000
    this.#ledger = options.ledger ?? {}
    this.#deletedMarkerMs = options.deletedMarkerMs ?? 86_400_000
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return settle(() => {
      const channel = this.#openFor(request.channel, request.create)
      if (typeof channel === 'string') return { kind: 'refused', code: channel }
      const result = channel.append(request, this.#now())
      if (result.kind === 'appended') this.#moved(request.channel, channel)
      return result
    })
  }

  read(requests: readonly ReadRequest[]): Promise<Page[]> {
    return settle(() => requests.map((request) => this.#read(request)))
  }

  watch(name: string, moved: Moved): Promise<Watch> {
    return settle(() => {
      const watchers = this.#watchers.get(name) ?? new Set()
      watchers.add(moved)
      this.#watchers.set(name, watchers)
      return {
        borrow: () => this.#channels.get(name)?.log,
        release: () => {
          watchers.delete(moved)
          if (watchers.size === 0 && this.#watchers.get(name) === watchers) this.#watchers.delete(name)
        },
      }
    })
  }

  create(name: string, options: ChannelOptions): Promise<CreateResult> {
    return settle(() => {
      const known = this.#channels.get(name)
      if (known !== undefined && known.log.status !== 'deleted') {
        return { kind: 'exists', info: known.describe(name) }
      }
      const channel = this.#make(name, options)
      if (channel === undefined) return { kind: 'refused', code: 'too_many_channels' }
      this.#moved(name, channel)
      return { kind: 'created', info: channel.describe(name) }
    })
  }

  close(name: string): Promise<boolean> {
    return settle(() => this.#end(name, (channel) => channel.close()))
  }

  delete(name: string): Promise<boolean> {
    return settle(() => this.#end(name, (channel) => channel.delete(this.#now())))
  }

  describe(name: string): Promise<ChannelInfo | undefined> {
    return settle(() => this.#living(name)?.describe(name))
  }

  trim(name: string, before: number): Promise<number | undefined> {
    return settle(() => {
      const channel = this.#living(name)
      if (channel === undefined) return undefined
      if (channel.trim(before)) this.#moved(name, channel)
      return channel.log.floor
    })
  }

  fence(name: string, producerId: string, epoch: number): Promise<Fenced> {
    return settle(() => {
      const channel = this.#living(name)
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
      if (change !== undefined) this.#appendPresence(request.channel, change)
      return { generation }
    })
  }

  release(request: ReleaseRequest): Promise<void> {
    return settle(() => {
      const change = this.#leases.get(request.channel)?.release(request, this.#now())
      if (change !== undefined) this.#appendPresence(request.channel, change)
    })
  }

  sweep(): Promise<void> {
    return settle(() => {
      const now = this.#now()
      for (const [name, channel] of this.#channels) {
        if (channel.forgotten(now, this.#deletedMarkerMs)) this.#channels.delete(name)
        else if (channel.sweep(now)) this.#moved(name, channel)
      }
      for (const [name, leases] of this.#leases) {
        for (const change of leases.sweep(now)) this.#appendPresence(name, change)
        if (leases.size === 0) this.#leases.delete(name)
      }
    })
  }

  dispose(): Promise<void> {
    return settle(() => {
      this.#channels.clear()
      this.#watchers.clear()
      this.#leases.clear()
    })
  }

  #read(request: ReadRequest): Page {
    const known = this.#channels.get(request.channel)
    if (known?.log.status === 'deleted' && isCursor(request.from)) return { kind: 'missing', code: 'deleted' }
    const channel = this.#openFor(request.channel, request.create)
    return typeof channel === 'string' ? { kind: 'missing', code: channel } : channel.read(request)
  }

  /** The living channel, made if it is missing and may be; or why there is none. */
  #openFor(
    name: string,
    create: ChannelOptions | undefined,
  ): MemoryChannel | 'not_found' | 'deleted' | 'too_many_channels' {
    const known = this.#channels.get(name)
    if (known !== undefined && known.log.status !== 'deleted') return known
    if (create === undefined) return known === undefined ? 'not_found' : 'deleted'
    const made = this.#make(name, create)
    if (made === undefined) return 'too_many_channels'
    this.#moved(name, made)
    return made
  }

  #living(name: string): MemoryChannel | undefined {
    const channel = this.#channels.get(name)
    return channel?.log.status === 'deleted' ? undefined : channel
  }

  #make(name: string, options: ChannelOptions): MemoryChannel | undefined {
    if (!this.#channels.has(name) && this.#channels.size >= this.#maxChannels) return undefined
    const now = this.#now()
    const channel = new MemoryChannel(this.#epochs.next(now, this.#random()), options, now, this.#ledger)
    this.#channels.set(name, channel)
    return channel
  }

  #end(name: string, end: (channel: MemoryChannel) => void): boolean {
    const channel = this.#living(name)
    if (channel === undefined) return false
    end(channel)
    this.#moved(name, channel)
    return true
  }

  #appendPresence(subject: string, change: PresenceChange): void {
    const name = presenceChannel(subject)
    const channel = this.#openFor(name, PRESENCE_OPTIONS)
    // A node at its cap of channels serves no more presence; who is there is not worth failing a command for.
    if (typeof channel === 'string') return
    const entry =
      change.data === undefined
        ? { data: 'null', key: change.member, remove: true }
        : { data: change.data, key: change.member }
    channel.append({ channel: name, entries: [entry] }, this.#now())
    this.#moved(name, channel)
  }

  #moved(name: string, channel: MemoryChannel): void {
    const watchers = this.#watchers.get(name)
    if (watchers === undefined) return
    const { epoch, floor, top, status } = channel.log
    for (const moved of watchers) moved({ epoch, floor, top, status })
  }
}

/** Runs a step at once and hands its outcome over as the contract's promise. */
const settle = <T>(step: () => T): Promise<T> => {
  try {
    return Promise.resolve(step())
  } catch (error) {
    return Promise.reject(error as Error)
  }
}
