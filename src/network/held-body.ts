/**
 * An answer's body behind a proxy that buffers: it goes on in pieces of so many bytes, and what is left goes when the
 * body ends. It holds less than one such piece beyond what it was just given.
 */
import { Transform, type TransformCallback } from 'node:stream'

export class HeldBody extends Transform {
  readonly #pieceBytes: number
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(pieceBytes: number) {
    super()
    this.#pieceBytes = pieceBytes
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    const released = this.#heldBytes - (this.#heldBytes % this.#pieceBytes)
    if (released > 0) {
      const all = Buffer.concat(this.#held)
      this.push(all.subarray(0, released))
      this.#held = released === all.length ? [] : [all.subarray(released)]
      this.#heldBytes = all.length - released
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#heldBytes > 0 ? Buffer.concat(this.#held) : undefined)
  }
}
