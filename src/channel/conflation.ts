/**
 * Conflation: of each key, only the latest entry matters. `Conflation` remembers the latest entry per key of
 * one channel, also below the log's floor; `conflate` thins out a run of publications that a reader has not
 * seen yet. Both keep offset order, and both say what each entry covers.
 */
import { type Publication, weigh } from './publication.ts'
import type { PageLimit, Tail } from './log.ts'

/** A publication together with the offset that its range starts after: it covers (from, offset]. */
export interface Covering {
  readonly from: number
  readonly publication: Publication
}

/** What is served of (after, upTo]. */
export interface Run {
  readonly entries: Covering[]
  readonly upTo: number
}

export class Conflation {
  readonly #latest = new Map<string, Publication>()
  /** Latest entries that the log has let go of, in offset order; superseded ones stay until compaction. */
  #kept: Publication[] = []
  #live = 0
  #droppedTombstone = 0

  /** Keys that have a value. */
  get size(): number {
    return this.#live
  }

  /** A conflating cursor below this offset may have missed a removal. */
  get servesFrom(): number {
    return this.#droppedTombstone
  }

  has(key: string): boolean {
    const latest = this.#latest.get(key)
    return latest !== undefined && !latest.removed
  }

  /** `publication`, which the log now holds too, is the latest of `key`. */
  appended(key: string, publication: Publication): void {
    if (this.has(key)) this.#live--
    if (!publication.removed) this.#live++
    this.#latest.set(key, publication)
  }

  /** The log has let go of these: what is still the latest of its key is kept here, but not tombstones. */
  dropped(publications: readonly Publication[]): void {
    for (const publication of publications) {
      if (publication.key === undefined || this.#latest.get(publication.key) !== publication) continue
      if (publication.removed) {
        this.#latest.delete(publication.key)
        this.#droppedTombstone = publication.offset
      } else {
        this.#kept.push(publication)
      }
    }
    if (this.#kept.length > 2 * this.#latest.size)
      this.#kept = this.#kept.filter((each) => this.#isLatest(each))
  }

  /** Entries that are held although the log has let go of them. */
  get keptBelowFloor(): number {
    return this.#kept.length
  }

  /**
   * The latest entry of each key after `after`, in offset order: at least one, then as many as the limit allows.
   * A first page ends, whatever its limit, exactly at the last dropped tombstone: a cursor short of it cannot be
   * served, and what lies behind it is for other readers too.
   */
  read(after: number, log: Tail, limit: PageLimit): Run {
    const latest = this.#latestAfter(after, log)
    return latestRun<Publication>(latest, {
      after,
      top: log.top,
      limit,
      servesFrom: this.#droppedTombstone,
      weightOf: weigh,
    })
  }

  *#latestAfter(after: number, log: Tail): Generator<Publication> {
    for (let i = this.#indexAfter(after); i < this.#kept.length; i++) {
      const publication = this.#kept[i] as Publication
      if (this.#isLatest(publication)) yield publication
    }
    for (let offset = Math.max(after + 1, log.floor); offset <= log.top; offset++) {
      const publication = log.at(offset)
      if (this.#isLatest(publication)) yield publication
    }
  }

  /** Where in #kept the entries after `after` begin. */
  #indexAfter(after: number): number {
    let low = 0
    let high = this.#kept.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#kept[middle] as Publication).offset > after) high = middle
      else low = middle + 1
    }
    return low
  }

  #isLatest(publication: Publication): boolean {
    return publication.key !== undefined && this.#latest.get(publication.key) === publication
  }
}

interface LatestPage<Entry> {
  readonly after: number
  readonly top: number
  readonly limit: PageLimit
  /** The last dropped tombstone: a page that begins before it ends at it, whatever its limit. */
  readonly servesFrom: number
  weightOf(entry: Entry): number
}

/** A page of the latest entries of each key, which are handed in in offset order. */
export const latestRun = <Entry extends { readonly offset: number }>(
  entries: Iterable<Entry>,
  page: LatestPage<Entry>,
): { entries: { from: number; publication: Entry }[]; upTo: number } => {
  const { after, top, limit, servesFrom } = page
  const first = after < servesFrom
  const latest: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    if (first && entry.offset > servesFrom) break
    bytes += page.weightOf(entry)
    const full = latest.length >= limit.count || (bytes > limit.bytes && latest.length > 0)
    if (full && !first) return { entries: cover(after, latest), upTo: latest.at(-1)?.offset ?? after }
    latest.push(entry)
  }
  return { entries: cover(after, latest), upTo: first ? servesFrom : top }
}

/**
 * Thins out (after, upTo], all of which the log must hold, to the latest of each key. What has no key stands for
 * itself: a reader may ask for conflation on a plain channel, and loses nothing by it.
 */
export const conflate = (after: number, upTo: number, log: Tail): Covering[] => {
  const seen = new Set<string>()
  const latest: Publication[] = []
  for (let offset = upTo; offset > after; offset--) {
    const publication = log.at(offset)
    const { key } = publication
    if (key !== undefined) {
      if (seen.has(key)) continue
      seen.add(key)
    }
    latest.push(publication)
  }
  return cover(after, latest.reverse())
}

const cover = <Entry extends { readonly offset: number }>(
  after: number,
  entries: readonly Entry[],
): { from: number; publication: Entry }[] => {
  let from = after
  return entries.map((publication) => {
    const covering = { from, publication }
    from = publication.offset
    return covering
  })
}
