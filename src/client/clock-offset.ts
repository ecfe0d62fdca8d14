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
  #samples: Sample[] = []

  /** Server time minus local time, milliseconds; 0 before the first answer. */
  get offsetMs(): number {
    let best: Sample | undefined
    for (const sample of this.#samples)
      if (best === undefined || sample.roundTripMs <= best.roundTripMs) best = sample
    return best?.offsetMs ?? 0
  }

  /** @param asked @param answered local times, and `serverNow` the time in the answer, milliseconds. */
  sample(asked: number, serverNow: number, answered: number): void {
    const roundTripMs = answered - asked
    if (!(roundTripMs >= 0) || !Number.isFinite(serverNow)) return
    this.#samples.push({ offsetMs: serverNow - (asked + answered) / 2, roundTripMs })
    if (this.#samples.length > KEPT) this.#samples.shift()
  }
}
