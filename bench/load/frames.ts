/** Counts the frames of a server by their headers alone, wherever a read ends. */
export class FrameCount {
  /** Bytes of the frame under way that are still to come. */
  #skip = 0
  #header: number[] = []

  /** @returns how many frames ended here. */
  count(bytes: Buffer): number {
    let frames = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at)
        this.#skip -= step
        at += step
        if (this.#skip === 0) frames++
        continue
      }
      this.#header.push(bytes[at++] as number)
      this.#skip = lengthOf(this.#header)
      if (this.#skip >= 0) this.#header = []
      if (this.#skip === 0) frames++
      if (this.#skip < 0) this.#skip = 0
    }
    return frames
  }
}

/** How long the payload is; -1 while the header is not all there. */
const lengthOf = (header: readonly number[]): number => {
  const short = (header[1] ?? 255) & 127
  if (header.length < 2) return -1
  if (short < 126) return short
  const bytes = short === 126 ? 2 : 8
  if (header.length < 2 + bytes) return -1
  return header.slice(2).reduce((length, byte) => length * 256 + byte, 0)
}
