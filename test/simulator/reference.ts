/**
 * The reference log: what every channel has held, in every life of it, as the brokers themselves carried it out. It
 * is what the checker compares with; no node and no client sees it. Entries are linked to what stood before them,
 * so that two histories of one epoch, after a rollback, cannot be taken for each other.
 */
import { type AppendEntry, formatCursor, type Move } from '../../src/channel/index.ts'

export interface Entry {
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  /** As clients see it. */
  readonly cursor: string
  /** What the log held before it; undefined for the first. */
  readonly previous: Entry | undefined
  /** The number that the publication carries. */
  readonly id: number
  readonly key: string | undefined
  readonly removed: boolean
  /** When it could first be read, milliseconds since the run began. */
  readonly atMs: number
  /** A later one has the same key. */
  superseded: boolean
}

/** One channel as it stands. */
export interface Life {
  readonly epoch: string
  /** By offset; nothing at 0. */
  readonly chain: (Entry | undefined)[]
  readonly latest: Map<string, Entry>
  floor: number
}

export const idOf = (data: unknown): number => {
  const value = typeof data === 'string' ? (JSON.parse(data) as unknown) : data
  return (value as { n: number }).n
}

export class Reference {
  readonly lives = new Map<string, Life>()
  /** Every entry that there ever was, by channel and cursor. */
  readonly entries = new Map<string, Entry>()
  /** Epochs that are over. */
  readonly ended = new Set<string>()
  /** The highest floor that an epoch has had. */
  readonly floors = new Map<string, number>()
  /** Channels that have lost the end of their log, and kept its epoch. */
  readonly rolledBack = new Set<string>()
  readonly #now: () => number
  readonly #appended: (entry: Entry) => void
  #restoring = false

  /** @param appended told of every entry before it is first added, and not when a log is restored. */
  constructor(now: () => number, appended: (entry: Entry) => void) {
    this.#now = now
    this.#appended = appended
  }

  top(channel: string): number {
    return (this.lives.get(channel)?.chain.length ?? 1) - 1
  }

  /** The length of the longest log. */
  get longest(): number {
    let longest = 0
    for (const { chain } of this.lives.values()) longest = Math.max(longest, chain.length - 1)
    return longest
  }

  entryAt(channel: string, cursor: string): Entry | undefined {
    return this.entries.get(`${channel} ${cursor}`)
  }

  /** A broker has appended, for the first time or because it restores its log. */
  record(
    place: { channel: string; epoch: string; offset: number; stamp: string | undefined },
    entry: AppendEntry,
  ): void {
    const { channel, epoch, offset, stamp } = place
    const life = this.#life(channel, epoch)
    const cursor = formatCursor({ epoch, offset, stamp })
    const name = `${channel} ${cursor}`
    const known = this.entries.get(name)
    const made: Entry = known ?? {
      channel,
      epoch,
      offset,
      cursor,
      previous: life.chain[offset - 1],
      id: entry.remove === true ? -1 : idOf(entry.data),
      key: entry.key,
      removed: entry.remove === true,
      atMs: this.#now(),
      superseded: false,
    }
    if (known === undefined && !this.#restoring) this.#appended(made)
    life.chain[offset] = made
    this.entries.set(name, made)
    if (made.key === undefined) return
    const before = life.latest.get(made.key)
    if (before !== undefined) before.superseded = true
    life.latest.set(made.key, made)
  }

  moved(channel: string, { epoch, floor, status }: Move): void {
    const life = this.#life(channel, epoch)
    life.floor = Math.max(life.floor, floor)
    this.floors.set(epoch, Math.max(floor, this.floors.get(epoch) ?? 1))
    if (status === 'deleted') this.ended.add(epoch)
  }

  /** Everything is about to be restored: what is not recorded again by the end of `act` is lost. */
  async restore(act: () => Promise<void>): Promise<void> {
    const before = [...this.lives]
    this.lives.clear()
    this.#restoring = true
    await act()
    this.#restoring = false
    for (const [channel, { epoch }] of before)
      if (this.lives.get(channel)?.epoch !== epoch) this.ended.add(epoch)
  }

  #life(channel: string, epoch: string): Life {
    const known = this.lives.get(channel)
    if (known?.epoch === epoch) return known
    if (known !== undefined) this.ended.add(known.epoch)
    const life: Life = { epoch, chain: [undefined], latest: new Map(), floor: this.floors.get(epoch) ?? 1 }
    this.lives.set(channel, life)
    return life
  }
}
