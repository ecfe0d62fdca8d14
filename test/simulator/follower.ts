/**
 * What one subscriber is given, and the check that the reference allows it (G2, G3): it starts where it asked to,
 * every publication follows what came before it, whatever is passed over may be passed over, and a gap has the
 * cause that it names. It never looks at the client's own counts.
 */
import { type Cursor, parseCursor } from '../../src/channel/index.ts'
import type { GapNotice } from '../../src/client/subscription.ts'
import type { Publication } from '../../src/client/publication.ts'
import { type Entry, idOf, type Reference } from './reference.ts'

export interface FollowerSurroundings {
  readonly reference: Reference
  readonly clock: { readonly nowMs: number }
  violate(rule: string, what: string): void
  note(who: string, what: string): void
}

export interface Followed {
  readonly channel: string
  readonly ephemeral: boolean
  readonly conflate: boolean
  /** Where it asked to start. */
  readonly from: 'start' | 'now' | { readonly cursor: string }
  /** The top of the log when it asked. */
  readonly topThen: number
  readonly epochThen: string | undefined
}

interface Place {
  readonly epoch: string
  readonly offset: number
  readonly entry: Entry | undefined
}

export class Follower {
  readonly name: string
  readonly followed: Followed
  /** Publications and gaps that it was given. */
  given = 0
  /** When it was told where it starts, milliseconds since the run began. */
  begunMs: number | undefined
  readonly #surroundings: FollowerSurroundings
  #place: Place | undefined
  /** It went on from the start: tombstones before this, which are gone, take no value away from it. */
  #valueless = 0
  /** What came in the same moment as the answer that says where it starts, before that could be told. */
  #early: (() => void)[] = []

  constructor(name: string, followed: Followed, surroundings: FollowerSurroundings) {
    this.name = name
    this.followed = followed
    this.#surroundings = surroundings
  }

  /** It goes on where `other` stands, knowing what that one knows. */
  continues(other: Follower): void {
    this.#place = other.#place
    this.begunMs = other.begunMs
    this.#valueless = other.#valueless
  }

  get place(): Place | undefined {
    return this.#place
  }

  begin(text: string): void {
    if (this.#place !== undefined && typeof this.followed.from !== 'object') return
    this.begunMs = this.#surroundings.clock.nowMs
    const place = this.#placeOf(text)
    const { from, topThen, epochThen } = this.followed
    this.#note(`follows from ${text}`)
    if (from === 'now' && place.epoch === epochThen && place.offset < topThen && !this.#rolledBack)
      this.#violate(
        'G2',
        `asked for what comes after ${topThen}, and is given what comes after ${place.offset}`,
      )
    if (typeof from === 'object' && from.cursor !== text)
      this.#violate('G2', `asked to follow from ${from.cursor}, and follows from ${text}`)
    if (this.#place === undefined) this.#startAt(place)
    for (const each of this.#early.splice(0)) each()
  }

  take(publication: Publication): void {
    if (this.#place === undefined) {
      this.#early.push(() => this.take(publication))
      return
    }
    this.given++
    const { channel } = this.followed
    const { cursor, removed, data } = publication
    this.#note(`${channel} ${publication.offset}`)
    const entry = this.#surroundings.reference.entryAt(channel, cursor)
    if (entry === undefined) return this.#violate('G2', `${cursor} was never in the log of ${channel}`)
    if (entry.removed !== removed || (!removed && entry.id !== idOf(data)))
      return this.#violate('G2', `${cursor} of ${channel} is not what the log holds there`)
    this.#arrive(entry.epoch, entry.offset, entry)
  }

  gap({ from, cursor, why, floor }: GapNotice): void {
    if (this.#place === undefined) {
      this.#early.push(() => this.gap({ from, cursor, why, floor } as GapNotice))
      return
    }
    this.given++
    this.#note(`gap ${why}: ${from} to ${cursor}`)
    const before = parseCursor(from)
    if (before === undefined) return this.#violate('G2', `a gap after ${from}, which is no place`)
    // What lies between may have been passed over before.
    if (before.epoch !== this.#place.epoch || before.offset < this.#place.offset)
      return this.#violate(
        'G2',
        `a gap after ${from}, but it stands at ${this.#place.offset} of ${this.#place.epoch}`,
      )
    this.#passOver(before.offset, this.#place)
    const unjustified = this.#unjustified(why, before)
    if (unjustified !== undefined) this.#violate('no gap without a cause', `${why}: ${unjustified}`)
    this.#startAt(this.#placeOf(cursor))
  }

  /** It says that it stands at `cursor`: what lies between was passed over. */
  arriveAt(cursor: string): void {
    const place = this.#placeOf(cursor)
    if (this.#place === undefined || place.epoch !== this.#place.epoch) return
    if (place.offset > this.#place.offset) this.#passOver(place.offset, this.#place)
  }

  get #rolledBack(): boolean {
    return this.#surroundings.reference.rolledBack.has(this.followed.channel)
  }

  #arrive(epoch: string, offset: number, entry: Entry): void {
    const place = this.#place as Place
    this.#knowNothingAt(place)
    if (epoch !== place.epoch)
      return this.#violate('G2', `${place.epoch} went over into ${epoch} at ${offset}, and no gap said so`)
    if (offset <= place.offset) return this.#violate('G2', `${offset} came after ${place.offset}`)
    let before = entry.previous
    for (; before !== undefined && before.offset > place.offset; before = before.previous) {
      if (!this.#mayPassOver(before))
        return this.#violate('G2', `${before.offset} was passed over in silence`)
    }
    if (place.entry !== undefined && before !== place.entry)
      return this.#violate('G2', `${offset} does not follow what was given as ${place.offset}`)
    this.#place = { epoch, offset, entry }
  }

  #passOver(upTo: number, place: Place): void {
    this.#knowNothingAt(place)
    const chain = this.#surroundings.reference.lives.get(this.followed.channel)
    if (chain?.epoch !== place.epoch) return
    for (let offset = place.offset + 1; offset <= upTo; offset++) {
      const entry = chain.chain[offset]
      if (entry !== undefined && !this.#mayPassOver(entry))
        return this.#violate('G2', `${offset} was passed over in silence`)
    }
  }

  #mayPassOver(entry: Entry): boolean {
    const { conflate, ephemeral } = this.followed
    if (conflate && entry.superseded) return true
    if (ephemeral && entry.offset < this.#floor(entry.epoch)) return true
    return conflate && entry.removed && entry.offset < this.#valueless
  }

  #floor(epoch: string): number {
    return this.#surroundings.reference.floors.get(epoch) ?? 1
  }

  /** It goes on from `place`, whatever it had before. */
  #startAt(place: Place): void {
    this.#place = place
    this.#valueless = 0
  }

  #knowNothingAt({ epoch, offset }: Place): void {
    if (offset === 0) this.#valueless = this.#floor(epoch)
  }

  #unjustified(why: GapNotice['why'], { epoch, offset }: Cursor): string | undefined {
    const { reference } = this.#surroundings
    if (why === 'trimmed') {
      const floor = this.#floor(epoch)
      return floor > offset + 1 ? undefined : `nothing after ${offset} was trimmed; the floor is ${floor}`
    }
    if (why === 'epoch') return reference.ended.has(epoch) ? undefined : `the life ${epoch} goes on`
    return this.#rolledBack ? undefined : 'the log has lost nothing'
  }

  #placeOf(text: string): Place {
    const { epoch, offset } = parseCursor(text) as Cursor
    const { channel } = this.followed
    const { reference } = this.#surroundings
    const life = reference.lives.get(channel)
    const known = reference.entryAt(channel, text)
    return {
      epoch,
      offset,
      entry: known ?? (life?.epoch === epoch && !this.#rolledBack ? life.chain[offset] : undefined),
    }
  }

  #violate(rule: string, what: string): void {
    this.#surroundings.violate(rule, `${this.name}: ${what}`)
  }

  #note(what: string): void {
    this.#surroundings.note(this.name, what)
  }
}
