/**
 * The logs of a simulated broker: those of the memory broker, with a journal by which they can be made again as
 * they were at some moment, a stamp for each entry where that is wanted, and every append told to the reference.
 * Each call is carried out at once; when it is acknowledged, and over which distance, others decide.
 */
import { MemoryBroker } from '../../src/broker/index.ts'
import {
  type AppendRequest,
  type AppendResult,
  type Fenced,
  isCursor,
  type Move,
  type Page,
  type ReadRequest,
  type Watch,
} from '../../src/channel/index.ts'
import type { Reference } from './reference.ts'

type Change =
  | { readonly kind: 'append'; readonly request: AppendRequest }
  | { readonly kind: 'trim'; readonly channel: string; readonly before: number }
  | { readonly kind: 'fence'; readonly channel: string; readonly id: string; readonly epoch: number }
  /** A read may make the channel. */
  | { readonly kind: 'made'; readonly request: ReadRequest }

interface Journalled {
  readonly change: Change
  readonly nowMs: number
  random: number
}

export interface StoreOptions {
  readonly reference: Reference
  readonly stamped: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: () => number
}

export class LogStore {
  readonly #options: StoreOptions
  readonly #watchers = new Map<string, Set<(move: Move) => void>>()
  /** Stamps by epoch and offset. */
  readonly #stamps = new Map<string, string[]>()
  readonly #known = new Set<string>()
  #broker: MemoryBroker
  #journal: Journalled[] = []
  #nowMs: number | undefined
  #random = 0

  constructor(options: StoreOptions) {
    this.#options = options
    this.#broker = this.#open()
  }

  /** How many changes there have been. */
  get changes(): number {
    return this.#journal.length
  }

  get watchers(): number {
    let count = 0
    for (const watchers of this.#watchers.values()) count += watchers.size
    return count
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return this.#change({ kind: 'append', request }) as Promise<AppendResult>
  }

  trim(channel: string, before: number): Promise<number | undefined> {
    return this.#change({ kind: 'trim', channel, before }) as Promise<number | undefined>
  }

  fence(channel: string, id: string, epoch: number): Promise<Fenced> {
    return this.#change({ kind: 'fence', channel, id, epoch }) as Promise<Fenced>
  }

  /** The broker behind it, for what changes no log. */
  get plain(): MemoryBroker {
    return this.#broker
  }

  async read(requests: readonly ReadRequest[]): Promise<Page[]> {
    for (const request of requests) if (!this.#known.has(request.channel)) this.#make(request)
    const stale = requests.map((request) => this.#isRolledBack(request))
    const pages = await this.#broker.read(
      requests.map((request, at) => (stale[at] === true ? { ...request, from: 'start' } : request)),
    )
    return pages.map((page, at) => this.#stamped(page, stale[at] === true))
  }

  watch(channel: string, moved: (move: Move) => void): () => void {
    const watchers = this.#watchers.get(channel) ?? new Set()
    const watcher = (move: Move): void => moved(move)
    this.#watchers.set(channel, watchers.add(watcher))
    this.#follow(channel)
    return () => watchers.delete(watcher)
  }

  /** The log itself, for whoever lives in the same process. */
  borrow(channel: string): Promise<Watch> {
    return this.#broker.watch(channel, () => undefined)
  }

  /** The process that it lives in is gone, with everything and everyone in it. */
  async lose(): Promise<void> {
    this.#watchers.clear()
    await this.restore(0, false)
  }

  /**
   * Goes back to what it was after the first `count` changes.
   * @param renew whether a log that has lost something goes on under a new epoch.
   */
  async restore(count: number, renew: boolean): Promise<void> {
    const { reference, random } = this.#options
    const lost = this.#journal.slice(count)
    const kept = this.#journal.slice(0, count)
    const cut = new Set(
      lost.filter(({ change }) => change.kind === 'append').map(({ change }) => channelOf(change)),
    )
    for (const channel of renew ? [] : cut) reference.rolledBack.add(channel)
    // An epoch comes from the chance of the change that made the log.
    if (renew) for (const each of kept) if (cut.has(channelOf(each.change))) each.random = random()
    await reference.restore(() => this.#replay(kept))
  }

  async #replay(kept: readonly Journalled[]): Promise<void> {
    const channels = [...this.#known]
    this.#stamps.clear()
    this.#known.clear()
    this.#journal = []
    this.#broker = this.#open()
    for (const each of kept) await this.#carryOut(each)
    await this.#broker.sweep()
    for (const channel of channels) await this.#tell(channel)
  }

  #open(): MemoryBroker {
    const { now } = this.#options
    return new MemoryBroker({ now: () => this.#nowMs ?? now(), random: () => this.#random })
  }

  #change(change: Change): Promise<unknown> {
    return this.#carryOut({ change, nowMs: this.#options.now(), random: this.#options.random() })
  }

  #make(request: ReadRequest): void {
    if (request.create !== undefined) void this.#change({ kind: 'made', request })
  }

  #carryOut(journalled: Journalled): Promise<unknown> {
    const { change, nowMs, random } = journalled
    this.#journal.push(journalled)
    this.#follow(channelOf(change))
    this.#nowMs = nowMs
    this.#random = random
    const outcome = this.#apply(journalled)
    this.#nowMs = undefined
    return outcome
  }

  #apply(journalled: Journalled): Promise<unknown> {
    const { change } = journalled
    switch (change.kind) {
      case 'append':
        return this.#broker.append(change.request).then((result) => {
          // What changed nothing then must change nothing when the log is made again, whatever has been forgotten.
          if (result.kind !== 'appended') this.#journal.splice(this.#journal.indexOf(journalled), 1)
          return this.#record(change.request, result)
        })
      case 'trim':
        return this.#broker.trim(change.channel, change.before)
      case 'fence':
        return this.#broker.fence(change.channel, change.id, change.epoch)
      case 'made':
        return this.#broker.read([change.request])
    }
  }

  #record({ channel, entries }: AppendRequest, result: AppendResult): AppendResult {
    if (result.kind !== 'appended') return result
    const { epoch } = result
    entries.forEach((entry, at) => {
      const offset = result.first + at
      const stamp = this.#stamp(epoch, offset, `${String(entry.data)} ${entry.key} ${result.time}`)
      this.#options.reference.record({ channel, epoch, offset, stamp }, entry)
    })
    const stamp = this.#stamps.get(epoch)?.[result.last]
    return stamp === undefined ? result : { ...result, stamp }
  }

  #stamp(epoch: string, offset: number, content: string): string | undefined {
    if (!this.#options.stamped) return undefined
    const stamps = this.#stamps.get(epoch) ?? ['']
    this.#stamps.set(epoch, stamps)
    let hash = 0x811c9dc5
    for (const text of [stamps[offset - 1] ?? '', content])
      for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (stamps[offset] = (hash >>> 0).toString(16).padStart(8, '0'))
  }

  #isRolledBack({ from }: ReadRequest): boolean {
    if (!isCursor(from) || from.stamp === undefined) return false
    const stamp = this.#stamps.get(from.epoch)?.[from.offset]
    return stamp !== undefined && stamp !== from.stamp
  }

  #stamped(page: Page, rolledBack: boolean): Page {
    if (page.kind === 'missing' || !this.#options.stamped) return page
    const stamps = this.#stamps.get(page.epoch)
    return {
      ...page,
      ...(rolledBack && { gap: 'rolled-back' as const }),
      stamp: page.after > 0 ? stamps?.[page.after] : undefined,
      entries: page.entries.map(({ from, publication }) => ({
        from,
        publication: { ...publication, stamp: stamps?.[publication.offset] },
      })),
    }
  }

  /** Hears of every move of a channel, for its watchers and for the reference. */
  #follow(channel: string): void {
    if (this.#known.has(channel)) return
    this.#known.add(channel)
    void this.#broker.watch(channel, (move) => {
      this.#options.reference.moved(channel, move)
      for (const watcher of this.#watchers.get(channel) ?? []) watcher(move)
    })
  }

  /** After a restoration: where the log stands now, or that there is none. */
  async #tell(channel: string): Promise<void> {
    this.#follow(channel)
    const info = await this.#broker.describe(channel)
    if (info !== undefined) this.#options.reference.moved(channel, info)
    const move: Move = info ?? { epoch: '', floor: 1, top: 0, status: 'deleted' }
    for (const watcher of this.#watchers.get(channel) ?? []) watcher(move)
  }
}

const channelOf = (change: Change): string =>
  change.kind === 'append' || change.kind === 'made' ? change.request.channel : change.channel
