// The suite's own permessage-deflate (RFC 7692 §7.2), on node:zlib: a window that is too small or a context that should
// have been dropped makes its inflating fail, so that a subject which ignores what it negotiated is found out.

import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import { Violation } from './frame.ts'

export interface Direction {
  readonly windowBits: number
  readonly takeover: boolean
}

/** RFC 7692 §7.2.1: what a flushed block ends with, and what is not sent. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff)

export class Deflate {
  private readonly ours: Direction
  private readonly theirs: Direction
  private deflater: DeflateRaw | undefined
  private inflater: InflateRaw | undefined

  constructor(ours: Direction, theirs: Direction) {
    this.ours = ours
    this.theirs = theirs
  }

  async compress(payload: Buffer): Promise<Buffer> {
    const { windowBits, takeover } = this.ours
    // zlib has no raw window of 8 bits; with 9 it never looks back further than 250 bytes, which 8 can hold.
    const deflater = (this.deflater ??= createDeflateRaw({ windowBits: Math.max(9, windowBits) }))
    const compressed = await through(deflater, payload, constants.Z_SYNC_FLUSH)
    if (!takeover) this.deflater = undefined
    return compressed.subarray(0, compressed.length - TAIL.length)
  }

  async inflate(payload: Buffer): Promise<Buffer> {
    const { windowBits, takeover } = this.theirs
    // zlib lets a reference reach back into what it has just put out, however small the window: so little at a time.
    const chunkSize = Math.max(constants.Z_MIN_CHUNK, 1 << (windowBits - 2))
    const inflater = (this.inflater ??= createInflateRaw({ windowBits, chunkSize }))
    try {
      return await through(inflater, Buffer.concat([payload, TAIL]), constants.Z_SYNC_FLUSH)
    } catch (error) {
      throw new Violation(`a message that does not inflate: ${(error as Error).message}`)
    } finally {
      if (!takeover) this.inflater = undefined
    }
  }
}

/** Everything that comes out of a stream for what goes in. */
function through(stream: DeflateRaw | InflateRaw, input: Buffer, flush: number): Promise<Buffer> {
  const output: Buffer[] = []
  return new Promise((resolve, reject) => {
    const collect = (chunk: Buffer): void => void output.push(chunk)
    const settled = (): void => void stream.off('data', collect).off('error', failed)
    const failed = (error: Error): void => {
      settled()
      reject(error)
    }
    stream.on('data', collect).on('error', failed)
    stream.write(input)
    stream.flush(flush, () => {
      // What was flushed is handed on in the next turn.
      setImmediate(() => {
        settled()
        resolve(Buffer.concat(output))
      })
    })
  })
}
