/**
 * Follows one stream from an offset and hands what comes to an audience: a held request, or an SSE answer. The
 * order that loses nothing is that of every follower: register with the hub, then read, then wait. Where a stream
 * cannot be followed is decided from a page, which is one atomic read, never from what the hub holds.
 */
import type { Cursor, Page, PageLimit, Tail } from '../channel/index.ts'
import type { ActiveChannel, Framing, Hub, Waiter } from '../hub/index.ts'
import { type FoundPage, type Offset, type Place, placeOf } from './place.ts'
import { StreamRefusal } from './refusal.ts'
import { configOf, expiryOf } from './stream-config.ts'

export interface Audience {
  /** The stream is there, and this is its first page. @returns how its entries are to be written. */
  begin(page: FoundPage): Framing<Buffer>
  /** What it takes now; undefined when it is full, and then it calls `resume` later. */
  room(): PageLimit | undefined
  data(encoded: Buffer, place: Place): void
  /** Nothing more is there now; told after the first page without entries, and when the stream is closed. */
  waits(place: Place): void
  /** It cannot be followed, or not any more. */
  fails(cause: unknown): void
}

/** The last empty page of the life that a channel is in: those who come back are mostly at one place. */
const lives = new WeakMap<ActiveChannel, FoundPage>()

const emptied = (page: FoundPage): FoundPage => {
  const { upTo } = page
  const stamp = placeOf(page).cursor.stamp
  return { ...page, skippedFrom: undefined, gap: undefined, entries: [], after: upTo, upTo, stamp }
}

const remember = (active: ActiveChannel, page: FoundPage): void => {
  if (lives.get(active)?.epoch === page.epoch) return
  // Reading is what keeps a stream that goes when nobody reads it, and what finds one whose time is over.
  if (expiryOf(configOf(page.metadata, page.contentType)) === undefined) lives.set(active, emptied(page))
}

export class Follower implements Waiter {
  readonly #hub: Hub
  readonly #channel: string
  readonly #audience: Audience
  #active: ActiveChannel | undefined
  #framing: Framing<Buffer> | undefined
  /** Everything up to it has been handed over. */
  #cursor: Cursor | undefined
  /** A page that is wanted from there, as soon as there is room for it. */
  #wanted: Offset | undefined
  #reading = false
  /** The life that a copied tail is still of although a page has shown another. */
  #past: string | undefined
  /** The channel has moved since the page was asked for: then the tail may be what is newer. */
  #stirred = false

  constructor(hub: Hub, channel: string, audience: Audience) {
    this.#hub = hub
    this.#channel = channel
    this.#audience = audience
  }

  start(from: Offset): void {
    this.#active = this.#hub.enter(this.#channel, this)
    const page = this.#standing(this.#active, from)
    if (page === undefined) this.#want(from)
    else this.#arrive(page)
  }

  moved(): void {
    this.#stirred = true
    this.#past = undefined
    this.#guarded(() => this.#pull())
  }

  /** The audience has room again. */
  resume(): void {
    const wanted = this.#wanted
    this.#guarded(() => (wanted === undefined ? this.#pull() : this.#want(wanted)))
  }

  /** Counts as a read of the stream, which keeps one that goes when it is idle. */
  async renew(): Promise<void> {
    if (this.#active === undefined) return
    await this.#hub.read(this.#active, { from: 'now', limit: { count: 0, bytes: 0 } })
  }

  /** Lets go of the channel; nothing is handed over any more. */
  detach(): void {
    if (this.#active !== undefined) this.#hub.leave(this.#active, this)
    this.#active = undefined
  }

  /** What goes wrong for one audience ends with it: the round of wake-ups is everybody's. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#fail(error)
    }
  }

  /**
   * The empty page from which somebody goes on who comes back in the life that was read before, at a place that the
   * tail shows to be good: what every poll but the first is. Undefined where a page has to be read.
   */
  #standing(active: ActiveChannel, from: Offset): FoundPage | undefined {
    const { tail } = active
    const life = lives.get(active)
    if (typeof from === 'string' || tail === undefined || life === undefined) return undefined
    const { epoch, offset, stamp } = from
    if (epoch !== tail.epoch || epoch !== life.epoch || tail.status === 'deleted') return undefined
    if (offset < tail.floor - 1 || offset > tail.top) return undefined
    if (stamp !== undefined && (offset < tail.floor || tail.at(offset).stamp !== stamp)) return undefined
    const { floor, top, status } = tail
    const same = life.after === offset && life.top === top && life.floor === floor && life.status === status
    if (same && life.stamp === stamp) return life
    const page: FoundPage = { ...life, floor, top, status, stamp, after: offset, upTo: offset }
    lives.set(active, page)
    return page
  }

  #want(from: Offset): void {
    const limit = this.#audience.room()
    this.#wanted = limit === undefined ? from : undefined
    if (limit !== undefined) void this.#read(from, limit)
  }

  async #read(from: Offset, limit: PageLimit): Promise<void> {
    const active = this.#active
    if (active === undefined) return
    this.#reading = true
    this.#stirred = false
    try {
      const page = await this.#hub.read(active, { from, limit })
      this.#reading = false
      if (this.#active !== undefined) this.#arrive(page)
    } catch (error) {
      this.#reading = false
      this.#fail(error)
    }
  }

  #arrive(page: Page): void {
    if (page.kind === 'missing') return this.#fail(StreamRefusal.missing())
    if (page.gap !== undefined) return this.#fail(StreamRefusal.gone(page, page.gap))
    const { epoch, upTo, entries } = page
    remember(this.#active as ActiveChannel, page)
    this.#framing ??= this.#audience.begin(page)
    const place = placeOf(page)
    this.#cursor = place.cursor
    const tail = this.#active?.tail?.epoch
    this.#past = tail === epoch || this.#stirred ? undefined : tail
    if (entries.length > 0)
      this.#audience.data(this.#framing.encode({ channel: this.#channel, epoch }, entries), place)
    else if (upTo === page.top) this.#audience.waits(place)
    // A copy of the tail may be behind the page, and then says nothing of what the page did not hold.
    if (upTo < page.top && this.#active?.tail?.epoch !== epoch) this.#want(place.cursor)
    else this.#pull()
  }

  #pull(): void {
    while (!this.#reading && this.#wanted === undefined && this.#cursor !== undefined) {
      const tail = this.#active?.tail
      if (tail === undefined || !this.#take(this.#cursor, tail)) return
    }
  }

  /** Hands over what comes next according to the tail; false when that is nothing. */
  #take(cursor: Cursor, tail: Tail): boolean {
    const { epoch, offset } = cursor
    if (tail.epoch !== epoch) {
      if (tail.epoch !== this.#past) this.#want(cursor)
      return false
    }
    if (tail.status === 'deleted') {
      this.#fail(StreamRefusal.missing())
      return false
    }
    if (offset < tail.floor - 1) {
      this.#want(cursor)
      return false
    }
    if (offset >= tail.top) {
      if (offset === tail.top && tail.status === 'closed') {
        this.#audience.waits({ cursor, upToDate: true, closed: true })
      }
      return false
    }
    return this.#hand(tail, epoch, offset)
  }

  #hand(tail: Tail, epoch: string, after: number): boolean {
    const room = this.#audience.room()
    if (room === undefined) return false
    const upTo = tail.pageEnd(after, room)
    const { stamp } = tail.at(upTo)
    const encoded = (this.#active as ActiveChannel).batch(this.#framing as Framing<Buffer>, tail, {
      after,
      upTo,
      conflate: false,
    })
    this.#cursor = { epoch, offset: upTo, stamp }
    const upToDate = upTo === tail.top
    this.#audience.data(encoded, {
      cursor: this.#cursor,
      upToDate,
      closed: upToDate && tail.status === 'closed',
    })
    return true
  }

  #fail(cause: unknown): void {
    if (this.#active === undefined) return
    this.detach()
    this.#audience.fails(cause)
  }
}
