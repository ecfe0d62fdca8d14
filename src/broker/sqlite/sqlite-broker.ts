/**
 * The broker whose logs live in one SQLite file: an acknowledgement means that the publication is synced to disk.
 * Ephemeral channels and presence stay in this process's memory, as leases do: after a restart they begin anew, in
 * a new epoch. One process to a file. It keeps no timer: the node calls `sweep`.
 *
 * What can go wrong and what is then said stands in sqlite/faults.ts. A failed commit is `broker_unavailable`: the
 * publication may be found after a restart, and sent again with its producer it is appended once.
 */
import {
  type AppendRequest,
  type AppendResult,
  type Beginning,
  type Broker,
  type ChannelInfo,
  type ChannelOptions,
  type CreateResult,
  DURABLE_RETENTION,
  type Fenced,
  isCursor,
  type LeaseRequest,
  type LedgerOptions,
  type ListRequest,
  type Move,
  type Page,
  presenceSubject,
  type ReadRequest,
  type ReleaseRequest,
  type Retention,
  type Watch,
} from '../../channel/index.ts'
import { MemoryBroker } from '../memory-broker.ts'
import { firstNames } from '../name-order.ts'
import { DurableLogs } from './durable-logs.ts'
import { type Asking, type Home, Homes } from './homes.ts'
import { type SpawnStore, spawnStore } from './store-port.ts'

export interface SqliteBrokerOptions {
  /** Where the file `holdfast.db` lies, and what SQLite keeps beside it; made if it is missing. */
  readonly directory: string
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number
  /** Channels that exist at the same time, in the file and in memory; 100,000 by default. */
  readonly maxChannels?: number
  readonly ledger?: LedgerOptions
  /** How long the marker of a deleted channel is kept, milliseconds; a day by default. */
  readonly deletedMarkerMs?: number
  /** Bytes of each followed channel's end that are kept in memory; 1 MiB by default. */
  readonly tailBytes?: number
}

const MAX_CHANNELS = 100_000
const DAY_MS = 86_400_000
const TAIL_BYTES = 1024 * 1024

export class SqliteBroker implements Broker {
  /** What a channel keeps where its rule does not say. */
  readonly retention: Retention = DURABLE_RETENTION
  readonly #memory: MemoryBroker
  readonly #durable: DurableLogs
  readonly #homes: Homes

  /** @param spawn where the store runs; in a thread of its own, but for tests that open very many. */
  constructor(options: SqliteBrokerOptions, spawn: SpawnStore = spawnStore) {
    const now = options.now ?? Date.now
    const random = options.random ?? Math.random
    const maxChannels = options.maxChannels ?? MAX_CHANNELS
    const ledger = options.ledger ?? {}
    const deletedMarkerMs = options.deletedMarkerMs ?? DAY_MS
    this.#memory = new MemoryBroker({
      now,
      random,
      maxChannels,
      ledger,
      deletedMarkerMs,
      channelsElsewhere: () => this.#durable.size,
    })
    this.#durable = new DurableLogs({
      spawn,
      data: { directory: options.directory, maxChannels, ledger, deletedMarkerMs },
      moment: () => ({ nowMs: Math.floor(now()), random: random() }),
      channelsElsewhere: () => this.#memory.size,
      tailBytes: options.tailBytes ?? TAIL_BYTES,
    })
    this.#homes = new Homes(this.#memory, this.#durable)
  }

  /**
   * Fulfilled when the file is open. Calling it is optional: whatever is asked for before waits.
   * @throws BrokerUnavailableError saying why the file cannot be opened: damaged, newer, in use.
   */
  opened(): Promise<void> {
    return this.#durable.opened()
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return this.#at(request.channel, request, (home) => home.append(request))
  }

  async read(requests: readonly ReadRequest[]): Promise<Page[]> {
    return Promise.all(requests.map((request) => this.#read(request)))
  }

  async watch(channel: string, moved: (move: Move) => void): Promise<Watch> {
    const near = await this.#memory.watch(channel, moved)
    if (presenceSubject(channel) !== undefined) return near
    try {
      const far = await this.#durable.watch(channel, moved)
      return {
        // It may be made in either place after it is watched.
        borrow: () => {
          const here = near.borrow?.()
          return here === undefined || here.status === 'deleted' ? (far.borrow?.() ?? here) : here
        },
        release: () => {
          near.release()
          far.release()
        },
      }
    } catch (error) {
      near.release()
      throw error
    }
  }

  create(channel: string, options: ChannelOptions, beginning?: Beginning): Promise<CreateResult> {
    return this.#at(channel, { create: options }, (home) => home.create(channel, options, beginning))
  }

  close(channel: string): Promise<boolean> {
    return this.#at(channel, {}, (home) => home.close(channel))
  }

  delete(channel: string): Promise<boolean> {
    return this.#at(channel, {}, (home) => home.delete(channel))
  }

  async list(request: ListRequest): Promise<string[]> {
    const names = await Promise.all([this.#memory.list(request), this.#durable.list(request)])
    return firstNames(new Set(names.flat()), request)
  }

  describe(channel: string): Promise<ChannelInfo | undefined> {
    return this.#at(channel, {}, (home) => home.describe(channel))
  }

  trim(channel: string, before: number): Promise<number | undefined> {
    return this.#at(channel, {}, (home) => home.trim(channel, before))
  }

  fence(channel: string, producerId: string, epoch: number): Promise<Fenced> {
    return this.#at(channel, {}, (home) => home.fence(channel, producerId, epoch))
  }

  lease(request: LeaseRequest): Promise<{ readonly generation: number }> {
    return this.#memory.lease(request)
  }

  release(request: ReleaseRequest): Promise<void> {
    return this.#memory.release(request)
  }

  async sweep(): Promise<void> {
    await Promise.all([this.#memory.sweep(), this.#durable.sweep()])
  }

  /** Waits for what is under way, then closes the file. */
  async dispose(): Promise<void> {
    await Promise.all([this.#memory.dispose(), this.#durable.dispose()])
  }

  #read(request: ReadRequest): Promise<Page> {
    const { channel, create, from } = request
    const asking: Asking = { create, byCursor: isCursor(from) }
    return this.#at(channel, asking, async (home) => {
      if (home === this.#durable) return this.#durable.read(request)
      return (await this.#memory.read([request]))[0] as Page
    })
  }

  /** Does something where the channel lives: at once, where that is known. */
  #at<T>(channel: string, asking: Asking, act: (home: MemoryBroker | DurableLogs) => Promise<T>): Promise<T> {
    const place = (home: Home): Promise<T> => act(home === 'memory' ? this.#memory : this.#durable)
    const home = this.#homes.of(channel, asking)
    return typeof home === 'string' ? place(home) : home.then(place)
  }
}
