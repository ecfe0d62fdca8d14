/**
 * How far the server's clock is ahead of this one, from questions that it answered with its time. The answer
 * that came back fastest says most: its time can be wrong by half its round trip at most. Old answers are let
 * go of, since clocks drift.
 */

interface Sample {
  readonly offsetMs: number
  readonly roundTripMs: number
}

const KEPT = 8

export class ClockOffset {
  /** Server time minus local time, milliseconds; 0 before the first answer. */
  offsetMs: number = 0
  #samples: Sample[] = []

  /** @param asked @param answered local times, and `serverNow` the time in the answer, milliseconds. */
  sample(asked: number, serverNow: number, answered: number): void {
    const sample = { roundTripMs: answered - asked, offsetMs: serverNow - (asked + answered) / 2 }
    this.#samples = [sample, ...this.#samples].slice(0, KEPT)
    const [best = sample] = this.#samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)
    this.offsetMs = best.offsetMs
  }
}
