/**
 * The brokers that nodes are given in a simulation: one in the node's own process, whose log it borrows, and one
 * that is reached over a distance (a thread, or a network) and writes to a disk in groups. What such a broker has
 * acknowledged survives a crash of it, or may not, as its kind says; what it has not is lost or not, as chance will.
 */
import {
  type AppendRequest,
  type AppendResult,
  type Broker,
  BrokerUnavailableError,
  type Fenced,
  type Move,
  type Page,
  type ReadRequest,
  type Watch,
} from '../../src/channel/index.ts'
import type { Chance } from './chance.ts'
import type { LogStore } from './log-store.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'

/** What no simulation needs of a broker: presence has its own tests. */
const unused = (): Promise<never> => Promise.reject(new BrokerUnavailableError('not simulated'))

const UNUSED = { create: unused, close: unused, delete: unused, lease: unused, release: unused }

/** In the node's process. */
export const nearBroker = (store: LogStore): Broker => ({
  ...UNUSED,
  append: (request) => store.append(request),
  read: (requests) => store.read(requests),
  watch: async (channel, moved) => {
    const release = store.watch(channel, moved)
    const { borrow } = await store.borrow(channel)
    return { borrow, release }
  },
  describe: (channel) => store.plain.describe(channel),
  trim: (channel, before) => store.trim(channel, before),
  fence: (channel, id, epoch) => store.fence(channel, id, epoch),
  sweep: () => store.plain.sweep(),
  dispose: () => Promise.resolve(),
})

export interface BrokerServerOptions {
  readonly clock: VirtualClock
  readonly chance: Chance
  readonly store: LogStore
  /** `synced`: acknowledged when the disk has it. `accepted`: acknowledged at once, and synced now and then. */
  readonly acknowledges: 'synced' | 'accepted'
  /** A sync takes up to this long, milliseconds. */
  readonly syncMs: number
  readonly owner: TimerOwner
}

interface Write {
  readonly carryOut: () => Promise<unknown>
  readonly answer: PromiseWithResolvers<unknown>
}

/** The broker's own process, or the thread that it lives in. */
export class BrokerServer {
  readonly store: LogStore
  up = true
  readonly #options: BrokerServerOptions
  #queue: Write[] = []
  /** Being written to the disk. */
  #group: Write[] = []
  /** Changes that the disk has. */
  #synced = 0
  /** Counts lives of the process. */
  #life = 0

  constructor(options: BrokerServerOptions) {
    this.#options = options
    this.store = options.store
  }

  /** Fulfilled when it may be acknowledged; for ever pending when the process dies before. */
  write(carryOut: () => Promise<unknown>): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>()
    if (this.#options.acknowledges === 'accepted') {
      this.#syncLater()
      return carryOut()
    }
    this.#queue.push({ carryOut, answer })
    if (this.#group.length === 0) this.#commit()
    return answer.promise
  }

  /** Dies: of the group that was being written the disk has all or nothing, and of the rest nothing. */
  async crash(): Promise<void> {
    const { chance, acknowledges, store } = this.#options
    this.up = false
    this.#life++
    const group = this.#group
    this.#group = []
    this.#queue = []
    if (acknowledges === 'synced') {
      if (group.length > 0 && chance.happens(0.5)) await this.#write(group)
      return
    }
    await store.restore(chance.whole(Math.min(this.#synced, store.changes), store.changes), true)
    this.#synced = store.changes
  }

  start(): void {
    this.up = true
  }

  /** Takes up to `groups` of the last changes away, as a restored backup does; the epoch stays. */
  async rollBack(changes: number): Promise<void> {
    const { store } = this.#options
    await store.restore(Math.max(1, store.changes - changes), false)
    this.#synced = store.changes
  }

  #commit(): void {
    const { clock, chance, owner, syncMs } = this.#options
    const life = this.#life
    this.#group = this.#queue
    this.#queue = []
    clock.after(owner, chance.between(syncMs / 10, syncMs), () => {
      if (life === this.#life) void this.#committed()
    })
  }

  async #committed(): Promise<void> {
    const group = this.#group
    const results = await this.#write(group)
    group.forEach(({ answer }, at) => answer.resolve(results[at]))
    this.#group = []
    if (this.#queue.length > 0) this.#commit()
  }

  /** In one step: nobody sees a part of a group. */
  #write(group: readonly Write[]): Promise<unknown[]> {
    return Promise.all(group.map(({ carryOut }) => carryOut()))
  }

  #syncLater(): void {
    const { clock, owner, store } = this.#options
    const life = this.#life
    clock.after(owner, 1_000, () => {
      if (life === this.#life) this.#synced = store.changes
    })
  }
}

export interface DistanceOptions {
  readonly clock: VirtualClock
  readonly chance: Chance
  /** Of the node: nothing reaches it any more when it is dead. */
  readonly owner: TimerOwner
  /** One way, at most, milliseconds. */
  readonly distanceMs: number
  /** The node begins to watch a channel. */
  readonly watching: (channel: string) => void
}

interface DistantWatch {
  readonly channel: string
  readonly moved: (move: Move) => void
  release: () => void
}

/** A node's way to a broker that is elsewhere: every answer, and every move, comes later, and moves in any order. */
export class BrokerConnection implements Broker {
  readonly create: Broker['create'] = unused
  readonly close: Broker['close'] = unused
  readonly delete: Broker['delete'] = unused
  readonly lease: Broker['lease'] = unused
  readonly release: Broker['release'] = unused
  readonly #server: BrokerServer
  readonly #options: DistanceOptions
  readonly #watches = new Set<DistantWatch>()
  readonly #underWay = new Set<(error: Error) => void>()
  #cutOff = false
  #requestsMs = 0
  #answersMs = 0
  #swept = -Infinity

  constructor(server: BrokerServer, options: DistanceOptions) {
    this.#server = server
    this.#options = options
  }

  get watches(): number {
    return this.#watches.size
  }

  append(request: AppendRequest): Promise<AppendResult> {
    const { store } = this.#server
    return this.#ask(() => this.#server.write(() => store.append(request)) as Promise<AppendResult>)
  }

  read(requests: readonly ReadRequest[]): Promise<Page[]> {
    return this.#ask(() => this.#server.store.read(requests))
  }

  async watch(channel: string, moved: (move: Move) => void): Promise<Watch> {
    const watch: DistantWatch = { channel, moved, release: () => undefined }
    this.#options.watching(channel)
    try {
      await this.#ask(() => {
        this.#listen(watch)
        return Promise.resolve()
      })
    } catch (error) {
      // It may stand all the same, and nobody would ever release it.
      watch.release()
      this.#watches.delete(watch)
      throw error
    }
    return {
      borrow: undefined,
      release: () => {
        watch.release()
        this.#watches.delete(watch)
      },
    }
  }

  describe(channel: string): ReturnType<Broker['describe']> {
    return this.#ask(() => this.#server.store.plain.describe(channel))
  }

  trim(channel: string, before: number): Promise<number | undefined> {
    const { store } = this.#server
    return this.#ask(
      () => this.#server.write(() => store.trim(channel, before)) as Promise<number | undefined>,
    )
  }

  fence(channel: string, id: string, epoch: number): Promise<Fenced> {
    const { store } = this.#server
    return this.#ask(() => this.#server.write(() => store.fence(channel, id, epoch)) as Promise<Fenced>)
  }

  /** The broker looks after its logs by itself, however many nodes ask it to. */
  sweep(): Promise<void> {
    const { clock } = this.#options
    if (!this.#server.up || clock.nowMs - this.#swept < 1_000) return Promise.resolve()
    this.#swept = clock.nowMs
    return this.#server.store.plain.sweep()
  }

  dispose(): Promise<void> {
    for (const watch of this.#watches) watch.release()
    this.#watches.clear()
    return Promise.resolve()
  }

  /** The way is broken: nothing that is under way is answered, whether or not it was carried out. */
  cutOff(): void {
    this.#cutOff = true
    const underWay = [...this.#underWay]
    this.#underWay.clear()
    for (const fail of underWay) fail(new BrokerUnavailableError('the connection was cut'))
  }

  /** As the contract asks: no change is missed, so each watched channel is looked at once more. */
  restored(): void {
    this.#cutOff = false
    for (const watch of this.#watches) {
      watch.release()
      this.#listen(watch)
      void this.#server.store.plain.describe(watch.channel).then((info) => {
        const move: Move = info ?? { epoch: '', floor: 1, top: 0, status: 'deleted' }
        this.#later(() => watch.moved(move))
      })
    }
  }

  #listen(watch: DistantWatch): void {
    this.#watches.add(watch)
    watch.release = this.#server.store.watch(watch.channel, (move) => {
      if (!this.#cutOff) this.#later(() => watch.moved(move))
    })
  }

  #ask<T>(act: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#underWay.add(reject)
    const settle = (settled: () => void): void => {
      this.#answersMs = this.#inOrder(this.#answersMs, () => {
        if (this.#underWay.delete(reject)) settled()
      })
    }
    this.#requestsMs = this.#inOrder(this.#requestsMs, () => {
      if (!this.#server.up || this.#cutOff) {
        settle(() => reject(new BrokerUnavailableError('nobody answers')))
        return
      }
      act().then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error as Error)),
      )
    })
    return promise
  }

  /** Requests arrive in their order, and so do answers. Returns when. */
  #inOrder(earliestMs: number, run: () => void): number {
    const { clock, chance, owner, distanceMs } = this.#options
    const atMs = Math.max(earliestMs, clock.nowMs + chance.between(distanceMs / 10, distanceMs))
    clock.after(owner, atMs - clock.nowMs, run)
    return atMs
  }

  #later(run: () => void): void {
    const { clock, chance, owner, distanceMs } = this.#options
    clock.after(owner, chance.between(distanceMs / 10, distanceMs), run)
  }
}
