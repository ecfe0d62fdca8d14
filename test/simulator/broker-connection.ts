/**
 * A node's way to a broker that is elsewhere (in a thread, or across a network): every answer, and every move, comes
 * later; requests and answers keep their order, moves do not. It can be cut off, and then nobody knows what became
 * of what was under way.
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
import { type BrokerServer, unused } from './brokers.ts'
import type { Chance } from './chance.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'

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

export class BrokerConnection implements Broker {
  readonly create: Broker['create'] = unused
  readonly close: Broker['close'] = unused
  readonly delete: Broker['delete'] = unused
  readonly lease: Broker['lease'] = unused
  readonly list: Broker['list'] = unused
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
