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
  readonly #samples: Sample[] = []

  /** @param asked @param answered local times, and `serverNow` the time in the answer, milliseconds. */
  sample(asked: number, serverNow: number, answered: number): void {
    this.#samples.unshift({ roundTripMs: answered - asked, offsetMs: serverNow - (asked + answered) / 2 })
    this.#samples.splice(KEPT)
    this.offsetMs = this.#samples.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a)).offsetMs
  }
}
