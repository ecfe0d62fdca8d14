/** The beginning of something long, and how long it is. */

const MOST_BYTES = 16_384

export class KeptBytes {
  length = 0
  #pieces: Uint8Array[] = []
  #keptBytes = 0

  push(bytes: Uint8Array): void {
    this.length += bytes.length
    const room = MOST_BYTES - this.#keptBytes
    if (room <= 0) return
    const piece = bytes.slice(0, room)
    this.#pieces.push(piece)
    this.#keptBytes += piece.length
  }

  /** What is kept of it. */
  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.#keptBytes)
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = [whole]
    return whole
  }
}
