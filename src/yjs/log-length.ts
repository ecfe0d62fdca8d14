/**
 * How much of a log a newcomer has to read: what no snapshot covers, in publications and bytes. It counts; whether
 * that is too much is for others to say.
 */
export class LogLength {
  /** Bytes of each publication, from `#first` on. */
  #sizes: number[] = []
  #first = 1
  #bytes = 0

  get entries(): number {
    return this.#sizes.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Nothing of the log has been read; it begins with `offset`. */
  restart(offset: number): void {
    this.#sizes = []
    this.#first = offset
    this.#bytes = 0
  }

  add(bytes: number): void {
    this.#sizes.push(bytes)
    this.#bytes += bytes
  }

  /** A snapshot holds everything up to and including `offset`. */
  covered(offset: number): void {
    const count = Math.min(this.#sizes.length, offset - this.#first + 1)
    if (count <= 0) return
    for (const bytes of this.#sizes.splice(0, count)) this.#bytes -= bytes
    this.#first += count
  }
}
