/**
 * Who waits on what. A channel is active while somebody follows it: the hub watches it, holds its tail, shares
 * reads of cold pages, and at the end of the event-loop turn in which it moved wakes everyone who follows it.
 * It owns no timer and no socket: `defer` is handed in.
 */
import type { Broker, Page, ReadRequest } from '../channel/index.ts'
import { formatPosition } from '../channel/index.ts'
import { ActiveChannel, type Waiter } from './active-channel.ts'

export interface HubOptions {
  readonly broker: Broker
  /** Runs a function at the end of the current event-loop turn. */
  readonly defer: (task: () => void) => void
  /** Called when a round of wake-ups is over, so that what it wrote can leave in the same turn. */
  readonly flushed?: () => void
  /** Bytes of tail that are kept per channel where the broker lives elsewhere. */
  readonly tailBytes?: number
  /** Sweeps that a channel stays active after its last waiter has gone. */
  readonly lingerSweeps?: number
}

type PageRequest = Omit<ReadRequest, 'channel'>

export class Hub {
  readonly #broker: Broker
  readonly #defer: (task: () => void) => void
  readonly #flushed: () => void
  readonly #tailBytes: number
  readonly #lingerSweeps: number
  readonly #active = new Map<string, ActiveChannel>()
  #moved: ActiveChannel[] = []
  #flushing = false
  #reads: { request: ReadRequest; settle: (page: Promise<Page>) => void }[] = []

  constructor(options: HubOptions) {
    this.#broker = options.broker
    this.#defer = options.defer
    this.#flushed = options.flushed ?? ((): void => undefined)
    this.#tailBytes = options.tailBytes ?? 1024 * 1024
    this.#lingerSweeps = options.lingerSweeps ?? 30
  }

  /** Channels that are watched. */
  get size(): number {
    return this.#active.size
  }

  /** Whether it is active: somebody follows it, or did not long ago. */
  follows(name: string): boolean {
    return this.#active.has(name)
  }

  /** The active ones by name, for whoever looks. */
  get channels(): ReadonlyMap<string, ActiveChannel> {
    return this.#active
  }

  get waiters(): number {
    let count = 0
    for (const channel of this.#active.values()) count += channel.waiters.size
    return count
  }

  /**
   * Registers a waiter: from the moment that `ready` of the channel is fulfilled it is woken after every move.
   * Whoever enters first and reads then cannot miss a publication between the two.
   */
  enter(name: string, waiter: Waiter): ActiveChannel {
    const channel = this.#active.get(name) ?? this.#activate(name)
    channel.waiters.add(waiter)
    channel.idleSweeps = 0
    return channel
  }

  leave(channel: ActiveChannel, waiter: Waiter): void {
    channel.waiters.delete(waiter)
  }

  /**
   * A page from the broker. The same page asked for again while the first is under way is read once, unless the
   * channel has moved in between: whoever has seen a move is never given a page from before it.
   */
  read(channel: ActiveChannel, request: PageRequest): Promise<Page> {
    const key = keyOf(request)
    const underWay = channel.reads.get(key)
    if (underWay !== undefined) return underWay
    const page = channel.ready.then(() => this.#enqueueRead({ channel: channel.name, ...request }))
    channel.reads.set(key, page)
    const done = (): void => {
      if (channel.reads.get(key) === page) channel.reads.delete(key)
    }
    page.then(done, done)
    return page
  }

  /** Lets go of channels that nobody has followed for a while. The node calls it about once a second. */
  sweep(): void {
    for (const [name, channel] of this.#active) {
      channel.sweep()
      if (channel.waiters.size > 0) channel.idleSweeps = 0
      else if (++channel.idleSweeps > this.#lingerSweeps) this.#deactivate(name, channel)
    }
  }

  dispose(): void {
    for (const [name, channel] of this.#active) this.#deactivate(name, channel)
    this.#moved = []
  }

  #activate(name: string): ActiveChannel {
    const channel = new ActiveChannel(name, {
      watch: (moved) => this.#broker.watch(name, moved),
      read: (active, from) => this.read(active, { from, limit: { count: 1_000, bytes: this.#tailBytes } }),
      moved: (active) => this.#mark(active),
      failed: (active) => this.#deactivate(name, active),
      tailBytes: this.#tailBytes,
    })
    this.#active.set(name, channel)
    return channel
  }

  #deactivate(name: string, channel: ActiveChannel): void {
    if (this.#active.get(name) === channel) this.#active.delete(name)
    channel.release()
  }

  #mark(channel: ActiveChannel): void {
    if (channel.marked) return
    channel.marked = true
    this.#moved.push(channel)
    if (this.#flushing) return
    this.#flushing = true
    this.#defer(() => this.#flush())
  }

  /**
   * Wakes everyone who follows what has moved. A move during the round is woken in the next. A waiter that throws
   * keeps nobody else asleep: its fault is thrown when the round is over.
   */
  #flush(): void {
    const moved = this.#moved
    this.#moved = []
    this.#flushing = false
    for (const channel of moved) channel.marked = false
    const faults: unknown[] = []
    for (const channel of moved) {
      for (const waiter of channel.waiters) {
        try {
          waiter.moved()
        } catch (fault) {
          faults.push(fault)
        }
      }
    }
    this.#flushed()
    if (faults.length > 0) throw faults[0]
  }

  /** Reads that are asked for in one go travel in one call to the broker. */
  #enqueueRead(request: ReadRequest): Promise<Page> {
    return new Promise((settle) => {
      this.#reads.push({ request, settle })
      if (this.#reads.length === 1) void Promise.resolve().then(() => this.#sendReads())
    })
  }

  #sendReads(): void {
    const reads = this.#reads
    this.#reads = []
    const pages = this.#broker.read(reads.map((read) => read.request))
    reads.forEach((read, index) => read.settle(pages.then((all) => all[index] as Page)))
  }
}

const keyOf = ({ from, limit, conflate, create }: PageRequest): string =>
  `${formatPosition(from)} ${limit.count} ${limit.bytes} ${conflate === true} ${create !== undefined}`
