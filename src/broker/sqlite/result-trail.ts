/**
 * The results of a producer's latest appends as bytes, kept as they are written into its row: a new result is added at
 * one end and the oldest goes at the other, so that a publication does not pay for the two hundred before it. Which
 * results are kept is the ledger's rule; this follows it.
 */
import type { Accepted } from '../../channel/index.ts'
import { ByteReader, ByteWriter } from './packing.ts'

/** Bytes that have gone at the front before the rest is copied down. */
const COMPACT_AFTER = 2_048

export class ResultTrail {
  #writer = new ByteWriter(256)
  /** Where the oldest result begins. */
  #start = 0
  /** The last offset before the oldest result. */
  #base = 0
  /** The last offset of the newest. */
  #end = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  push({ first, last }: Accepted): void {
    this.#writer.varint(first - this.#end)
    this.#writer.varint(last + 1 - first)
    this.#end = last
    this.#count++
  }

  /** Lets go of the oldest until there are no more than `count`. */
  shorten(count: number): void {
    if (this.#count <= count) return
    const reader = new ByteReader(this.#writer.finish(), this.#start)
    for (; this.#count > count; this.#count--) {
      const first = this.#base + reader.varint()
      this.#base = first + reader.varint() - 1
    }
    this.#start = reader.position
    if (this.#start >= COMPACT_AFTER) this.#compact()
  }

  clear(): void {
    this.#writer = new ByteWriter(256)
    this.#start = this.#base = this.#end = this.#count = 0
  }

  /** `count varint · base f64 · each: distance from the one before varint · entries varint`. */
  write(writer: ByteWriter): void {
    writer.varint(this.#count)
    writer.f64(this.#base)
    writer.raw(this.#writer.finish().subarray(this.#start))
  }

  /** Reads what `write` has written, to the end. @returns the results, the oldest first */
  read(reader: ByteReader): Accepted[] {
    const count = reader.varint()
    const results: Accepted[] = []
    this.#base = this.#end = reader.f64()
    for (let left = count; left > 0; left--) {
      const first = this.#end + reader.varint()
      const result = { first, last: first + reader.varint() - 1 }
      results.push(result)
      this.push(result)
    }
    return results
  }

  #compact(): void {
    const rest = this.#writer.finish().subarray(this.#start)
    this.#writer = new ByteWriter(COMPACT_AFTER + rest.length)
    this.#writer.raw(rest)
    this.#start = 0
  }
}
