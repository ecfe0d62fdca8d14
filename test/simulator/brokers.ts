/**
 * The brokers of a simulation: one in the node's own process, whose log it borrows, and one in a process of its own
 * that writes to a disk in groups. What that one has acknowledged survives a crash of it, or may not, as its kind
 * says; what it has not is lost or not, as chance will. How a node reaches it is broker-connection.ts.
 */
import { type Broker, BrokerUnavailableError } from '../../src/channel/index.ts'
import type { Chance } from './chance.ts'
import type { LogStore } from './log-store.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'

/** What no simulation needs of a broker: presence has its own tests. */
export const unused = (): Promise<never> => Promise.reject(new BrokerUnavailableError('not simulated'))

const UNUSED = { create: unused, close: unused, delete: unused, list: unused, lease: unused, release: unused }

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
