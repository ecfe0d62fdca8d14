/** What the doctor found about one thing, and what can be done about it. */

export type Verdict =
  /** It gets through. */
  | 'good'
  /** It works within limits that are worth knowing. */
  | 'limited'
  /** It does not get through. */
  | 'bad'
  /** It was not looked at, or does not apply. */
  | 'skipped'

export interface Finding {
  readonly subject: string
  readonly verdict: Verdict
  /** What was seen, in a sentence. */
  readonly text: string
  /** What to do, a line each; configuration lines are indented by two spaces. */
  readonly remedy?: readonly string[]
}

/** Something open, and when it last said something, by `performance.now()`. */
export interface Open<T> {
  readonly what: T
  readonly quietSinceMs: number
}

/** `0.4 ms`, `340 ms`, `2.1 s`. */
export const span = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
