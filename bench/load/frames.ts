/** Counts the messages of a server by their frames' headers alone, wherever a read ends. Control frames are no messages. */

const CONTROL = 0x08
const RSV1 = 0x40

export class FrameCount {
  readonly #onlyCompressed: boolean
  /** Bytes of the payload under way that are still to come. */
  #left = 0
  readonly #header = new Uint8Array(10)
  /** Bytes of the header under way that are there. */
  #have = 0

  /** @param onlyCompressed messages that are not compressed are not counted */
  constructor(onlyCompressed = false) {
    this.#onlyCompressed = onlyCompressed
  }

  /** @returns how many messages ended here. */
  count(bytes: Uint8Array): number {
    let messages = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#left === 0) {
        at = this.#readHeader(bytes, at)
        if (this.#have > 0) break
      }
      const step = Math.min(this.#left, bytes.length - at)
      this.#left -= step
      at += step
      if (this.#left === 0 && this.#counts()) messages++
    }
    return messages
  }

  /** @returns where the payload begins; `#have` is 0 once the header is there as a whole. */
  #readHeader(bytes: Uint8Array, from: number): number {
    const header = this.#header
    for (let at = from; at < bytes.length; at++) {
      header[this.#have++] = bytes[at] as number
      if (this.#have < 2 || this.#have < headerBytes(header)) continue
      this.#have = 0
      this.#left = payloadBytes(header)
      return at + 1
    }
    return bytes.length
  }

  #counts(): boolean {
    const first = this.#header[0] as number
    return (first & CONTROL) === 0 && (!this.#onlyCompressed || (first & RSV1) !== 0)
  }
}

const headerBytes = (header: Uint8Array): number => {
  const short = header[1] as number
  return short < 126 ? 2 : short === 126 ? 4 : 10
}

const payloadBytes = (header: Uint8Array): number => {
  const bytes = headerBytes(header)
  if (bytes === 2) return header[1] as number
  let length = 0
  for (let at = 2; at < bytes; at++) length = length * 256 + (header[at] as number)
  return length
}
