/** Cuts the body of an SSE answer into its events, as they stand on the wire (HTML §9.2.6). It keeps a bounded event. */

export interface CutEvent {
  readonly bytes: Uint8Array
  readonly wireBytes: number
  readonly data: string
  /** It says nothing: only comments, which keep the connection awake. */
  readonly comment: boolean
}

const MOST_BYTES = 16_384
const LF = 10
const CR = 13

export class SseCutter {
  #held: number[] = []
  #wireBytes = 0
  /** The line that is being read is empty so far, and it is not the first. */
  #atLineStart = true
  #hasLines = false

  /** The events that end in these bytes. */
  push(bytes: Uint8Array): CutEvent[] {
    const events: CutEvent[] = []
    for (const byte of bytes) {
      this.#wireBytes++
      if (this.#held.length < MOST_BYTES) this.#held.push(byte)
      if (byte === CR) continue
      if (byte !== LF) {
        this.#atLineStart = false
        this.#hasLines = true
      } else if (!this.#atLineStart) {
        this.#atLineStart = true
      } else if (this.#hasLines) {
        events.push(this.#cut())
      }
    }
    return events
  }

  #cut(): CutEvent {
    const bytes = new Uint8Array(this.#held)
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
    const data = lines
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''))
    const event = { bytes, wireBytes: this.#wireBytes, data: data.join('\n'), comment: data.length === 0 }
    this.#held = []
    this.#wireBytes = 0
    this.#hasLines = false
    return event
  }
}
