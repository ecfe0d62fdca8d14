/**
 * The gate: everything that transports bring for one subscription passes it, and only what follows is let
 * through. It knows one place, `received`, and compares ranges with it; it does not know which transport
 * spoke, so two of them may speak at once. It keeps no publication and asks for nothing: it says `hole`, and
 * who listens resumes.
 */
import { type Cursor, parseCursor } from '../channel/index.ts'
import type { Advance, Closed, Gap, PublicationEvent } from '../protocol/index.ts'

export type GatedEvent = PublicationEvent | Advance | Gap | Closed

/**
 * - `accepted`: it follows; `received` has moved.
 * - `duplicate`: it was received before.
 * - `hole`: something before it is missing, or it is of another life of the log: resume from `received`.
 * - `unresolved`: there is no place yet to compare it with.
 */
export type Verdict = 'accepted' | 'duplicate' | 'hole' | 'unresolved'

export interface Gate {
  readonly received: Cursor | undefined
  /** Sets the place of a fresh subscription; later calls change nothing. */
  start(cursor: Cursor): void
  pass(event: GatedEvent): Verdict
}

export class CursorGate implements Gate {
  #received: Cursor | undefined
  /** Of what was accepted last. */
  #snapshot: number | undefined
  readonly #conflate: boolean

  /** @param conflate a publication may stand for a range; a plain subscription refuses that. */
  constructor(conflate: boolean) {
    this.#conflate = conflate
  }

  get received(): Cursor | undefined {
    return this.#received
  }

  start(cursor: Cursor): void {
    this.#received ??= cursor
  }

  pass(event: GatedEvent): Verdict {
    const at = this.#received
    if (!at) return 'unresolved'
    const to = event.type === 'publication' ? event : parseCursor(event.cursor)
    if (!to) return 'hole'
    if (event.type === 'gap') return this.#passGap(event, to, at)
    if (to.epoch !== at.epoch) return 'hole'
    // A log's end is believed only by who has received everything up to it.
    if (event.type === 'closed') return to.offset > at.offset ? 'hole' : 'accepted'
    if (to.offset <= at.offset) return 'duplicate'
    const { from = to.offset - 1, snapshot } = event
    if (from > at.offset) return 'hole'
    if (event.type === 'publication' && !this.#conflate && from < to.offset - 1) return 'hole'
    // What was removed is not told in a snapshot: it is for who knows nothing, and for who is in the midst of it.
    if (snapshot && at.offset && snapshot !== this.#snapshot) return 'hole'
    return this.#accept(to, snapshot)
  }

  #passGap(event: Gap, to: Cursor, at: Cursor): Verdict {
    const from = parseCursor(event.from)
    if (from && samePlace(from, at)) return this.#accept(to)
    // Not for this place. Unless it is an old one told twice, this transport speaks of a place that lies ahead.
    return to.epoch !== at.epoch || to.offset > at.offset ? 'hole' : 'duplicate'
  }

  #accept({ epoch, offset, stamp }: Cursor, snapshot?: number): Verdict {
    this.#snapshot = snapshot
    this.#received = { epoch, offset, stamp }
    return 'accepted'
  }
}

/** Cursors without a stamp cannot disagree about it. */
const samePlace = (a: Cursor, b: Cursor): boolean =>
  a.epoch === b.epoch && a.offset === b.offset && (!a.stamp || !b.stamp || a.stamp === b.stamp)
