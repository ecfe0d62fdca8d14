/**
 * A channel's log in memory: publications from `floor` to `top` without holes. It knows nothing of producers,
 * keys or readers. The memory broker keeps its channels in it, and a hub keeps in it the tail of a channel
 * whose broker is elsewhere.
 */
import type { Publication } from './publication.ts'
import { weigh } from './publication.ts'
import type { Retention } from './retention.ts'

/** `closed`: nothing can be appended any more. `deleted`: this life of the log is over. */
export type LogStatus = 'open' | 'closed' | 'deleted'

/**
 * What a reader may see of a log without asking its broker. `floor` is the lowest offset that is held
 * (`top + 1` when none is), `top` the highest ever appended (0 before the first).
 */
export interface Tail {
  readonly epoch: string
  readonly floor: number
  readonly top: number
  readonly status: LogStatus
  /** The publication at `offset`, which must lie between floor and top. */
  at(offset: number): Publication
  /** Where a page after `after` ends: at least one publication (unless none are asked for), then as many as fit. */
  pageEnd(after: number, limit: PageLimit): number
}

export interface PageLimit {
  /** Publications in a page; 0 asks for the bounds alone. */
  readonly count: number
  /** Bytes of a page, as `weigh` counts them; the first publication always fits. */
  readonly bytes: number
}

/** Slots freed at the front before the array is copied down. */
const COMPACT_AFTER = 1_024

export class Log implements Tail {
  readonly epoch: string
  status: LogStatus = 'open'
  #entries: (Publication | undefined)[] = []
  /** Index in #entries of the publication at `floor`. */
  #start = 0
  #floor: number
  #bytes = 0

  /** @param top the offset before the first publication that will be appended. */
  constructor(epoch: string, top: number = 0) {
    this.epoch = epoch
    this.#floor = top + 1
  }

  get floor(): number {
    return this.#floor
  }

  get top(): number {
    return this.#floor + this.count - 1
  }

  get count(): number {
    return this.#entries.length - this.#start
  }

  /** What the held publications weigh. */
  get bytes(): number {
    return this.#bytes
  }

  /** Appends at top + 1; any other offset is a fault of the caller. */
  append(publication: Publication): void {
    if (publication.offset !== this.top + 1) {
      throw new RangeError(`append at ${publication.offset} to a log whose top is ${this.top}`)
    }
    this.#entries.push(publication)
    this.#bytes += weigh(publication)
  }

  at(offset: number): Publication {
    const publication = this.#entries[this.#start + offset - this.#floor]
    if (publication === undefined || offset < this.#floor) {
      throw new RangeError(`offset ${offset} is not held: the log has ${this.#floor} to ${this.top}`)
    }
    return publication
  }

  pageEnd(after: number, limit: PageLimit): number {
    const last = Math.min(this.top, after + limit.count)
    let bytes = 0
    for (let offset = after + 1; offset <= last; offset++) {
      bytes += weigh(this.at(offset))
      if (bytes > limit.bytes && offset > after + 1) return offset - 1
    }
    return last
  }

  /** The publications in (after, upTo]. */
  slice(after: number, upTo: number): Publication[] {
    const publications: Publication[] = []
    for (let offset = after + 1; offset <= upTo; offset++) publications.push(this.at(offset))
    return publications
  }

  /** Lets go of everything before `offset`, oldest first; returns what was dropped. */
  trim(before: number): Publication[] {
    const dropped: Publication[] = []
    const end = Math.min(before, this.top + 1)
    while (this.#floor < end) dropped.push(this.#shift())
    return dropped
  }

  /** Lets go of what `retention` does not keep; returns what was dropped. */
  retain(retention: Retention, nowMs: number): Publication[] {
    const dropped: Publication[] = []
    const oldest = nowMs - retention.ageMs
    while (
      this.count > 0 &&
      (this.count > retention.count || this.#bytes > retention.bytes || this.at(this.#floor).time <= oldest)
    ) {
      dropped.push(this.#shift())
    }
    return dropped
  }

  #shift(): Publication {
    const publication = this.at(this.#floor)
    this.#entries[this.#start++] = undefined
    this.#floor++
    this.#bytes -= weigh(publication)
    if (this.#start === this.#entries.length) {
      this.#entries = []
      this.#start = 0
    } else if (this.#start >= COMPACT_AFTER && this.#start * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#start)
      this.#start = 0
    }
    return publication
  }
}
