/** Whether a peer still takes what is written to it: an answer that nobody reads must not be kept for ever. */
import type { ServerResponse } from 'node:http'

export class StallWatch {
  readonly #response: ServerResponse
  readonly #stallMs: number
  /** Bytes that had left for the peer when it last made progress. */
  #leftBytes = -1
  #sinceMs = 0

  constructor(response: ServerResponse, stallMs: number) {
    this.#response = response
    this.#stallMs = stallMs
  }

  /** True once something has been waiting for as long as is allowed, and not a byte of it has left. */
  stalled(nowMs: number): boolean {
    const { socket } = this.#response
    const waiting = socket?.writableLength ?? 0
    const leftBytes = (socket?.bytesWritten ?? 0) - waiting
    if (waiting === 0 || leftBytes !== this.#leftBytes) {
      this.#leftBytes = leftBytes
      this.#sinceMs = nowMs
      return false
    }
    return nowMs - this.#sinceMs >= this.#stallMs
  }
}
