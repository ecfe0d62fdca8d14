/**
 * The audit: it watches what is handed to the application, after the gate, and counts what is missing and
 * what comes twice. It shares no code and no state with the gate, so that a fault there shows here.
 */

/** What one client's subscriptions have been handed, in publications. */
export interface Tally {
  delivered: number
  lost: number
  duplicated: number
  gaps: number
}

export interface Place {
  readonly epoch: string
  readonly offset: number
}

export class Audit {
  readonly #tally: Tally
  #epoch: string | undefined
  #offset = 0

  constructor(tally: Tally) {
    this.#tally = tally
  }

  /** The application follows from here. */
  begin(place: Place): void {
    this.#epoch = place.epoch
    this.#offset = place.offset
  }

  /** It was handed the publication at `place`, which stands for everything after `from`. */
  publication(place: Place, from: number): void {
    this.#tally.delivered++
    if (!this.advance(place, from)) this.#tally.duplicated++
  }

  /** It was told that there is nothing more for it in (from, place]. False when it had been there before. */
  advance(place: Place, from: number): boolean {
    const { epoch, offset } = place
    // A change of epoch that no gap announced counts as one lost: how many it was cannot be known.
    if (epoch !== this.#epoch) this.#tally.lost++
    else if (offset <= this.#offset) return false
    else this.#tally.lost += Math.max(0, from - this.#offset)
    this.begin(place)
    return true
  }

  /** It was told that it cannot have what lies before `place`. */
  gap(place: Place): void {
    this.#tally.gaps++
    this.begin(place)
  }
}
