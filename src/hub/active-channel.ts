/**
 * A channel that somebody follows: its waiters, its tail, the reads under way, and the batches that were just
 * encoded, so that everyone at the same cursor is sent the same bytes. It asks its hub for everything else.
 */
import type { Covering, Move, Page, Position, Tail, Watch } from '../channel/index.ts'
import { conflate } from '../channel/index.ts'
import { Roster } from '../roster/index.ts'
import { KeptTail } from './kept-tail.ts'

/** It waits on one channel at a time. */
export interface Waiter {
  /** Its place among those who wait on it. */
  waiterPlace?: number
  /** The channel has moved. Called in the round of wake-ups, never from within another call. */
  moved(): void
}

/** How a transport writes a run of publications. One object per framing: it is a cache's key. */
export interface Framing<Encoded> {
  encode(channel: ChannelName, entries: readonly Covering[]): Encoded
}

export interface ChannelName {
  readonly channel: string
  readonly epoch: string
  /** Where the snapshot ends that the run is part of. */
  readonly snapshot?: number | undefined
}

/** A run of publications after a cursor, as `Subscription.take` names it. */
export interface Range {
  readonly after: number
  readonly upTo: number
  readonly conflate: boolean
}

interface Surroundings {
  watch(moved: (move: Move) => void): Promise<Watch>
  read(channel: ActiveChannel, from: Position): Promise<Page>
  moved(channel: ActiveChannel): void
  failed(channel: ActiveChannel): void
  readonly tailBytes: number
}

interface Batch extends Range {
  readonly framing: unknown
  readonly epoch: string
  readonly encoded: unknown
}

/** Readers at one cursor share a batch; a few recent ones serve those who are not quite in step. */
const BATCHES_KEPT = 4

export class ActiveChannel {
  readonly name: string
  readonly waiters: Roster<'waiterPlace', Waiter> = new Roster('waiterPlace')
  /** Pages asked for since the last move: one that was asked for before it may not show it. */
  readonly reads: Map<string, Promise<Page>> = new Map()
  /** Fulfilled once the watch stands; rejected when the broker could not make it. */
  readonly ready: Promise<void>
  /** Whether it stands in its hub's list of channels that moved in this turn. */
  marked = false
  /** Sweeps since the last waiter left. */
  idleSweeps = 0
  readonly #surroundings: Surroundings
  #watch: Watch | undefined
  #kept: KeptTail | undefined
  #released = false
  #batches: Batch[] = []

  constructor(name: string, surroundings: Surroundings) {
    this.name = name
    this.#surroundings = surroundings
    this.ready = this.#open()
    // Whoever reads awaits `ready` and hears of the failure there.
    this.ready.catch(() => surroundings.failed(this))
  }

  /**
   * The end of the log, readable without waiting; undefined as long as there is none. Where the broker lives in
   * this process it is the log itself, otherwise a bounded copy of its end.
   */
  get tail(): Tail | undefined {
    return this.#watch?.borrow === undefined ? this.#kept?.tail : this.#watch.borrow()
  }

  /** A run of publications that the tail holds, written once for everyone who asks for it. */
  batch<Encoded>(framing: Framing<Encoded>, tail: Tail, range: Range): Encoded {
    const { after, upTo } = range
    for (const batch of this.#batches) {
      if (
        batch.after === after &&
        batch.upTo === upTo &&
        batch.framing === framing &&
        batch.conflate === range.conflate &&
        batch.epoch === tail.epoch
      ) {
        return batch.encoded as Encoded
      }
    }
    const entries = range.conflate ? conflate(after, upTo, tail) : entriesOf(tail, after, upTo)
    const encoded = framing.encode({ channel: this.name, epoch: tail.epoch }, entries)
    if (this.#batches.length === BATCHES_KEPT) this.#batches.shift()
    this.#batches.push({ ...range, framing, epoch: tail.epoch, encoded })
    return encoded
  }

  /** Forgets what was encoded, and catches up on what could not be read. */
  sweep(): void {
    this.#batches = []
    this.#kept?.retry()
  }

  release(): void {
    this.#released = true
    this.#watch?.release()
    this.#watch = undefined
  }

  async #open(): Promise<void> {
    const watch = await this.#surroundings.watch((move) => this.#moved(move))
    if (this.#released) return watch.release()
    this.#watch = watch
    // A broker in this process may have no log yet: nothing exists until somebody makes the channel.
    if (watch.borrow !== undefined) return
    this.#kept = new KeptTail({
      read: (from) => this.#surroundings.read(this, from),
      moved: () => this.#changed(),
      tailBytes: this.#surroundings.tailBytes,
    })
    this.#kept.fill()
  }

  #moved(move: Move): void {
    this.reads.clear()
    if (this.#kept === undefined) this.#changed()
    else this.#kept.moved(move)
  }

  #changed(): void {
    this.reads.clear()
    this.#surroundings.moved(this)
  }
}

const entriesOf = (tail: Tail, after: number, upTo: number): Covering[] => {
  const entries: Covering[] = []
  for (let offset = after + 1; offset <= upTo; offset++) {
    entries.push({ from: offset - 1, publication: tail.at(offset) })
  }
  return entries
}
