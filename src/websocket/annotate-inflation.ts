// What a compressed message says once it is inflated (RFC 7692 §7.2.2), for the annotator. It keeps the compressed bytes
// of one message, bounded; beyond the bound it says that it does not know, and since later messages may refer to
// earlier ones, it knows nothing from then on.

import { violation, type InflatedMessage, type Violation } from './annotation.ts'
import type { Inflater } from './connection.ts'
import { FrameError } from './errors.ts'
import { UTF8_BOUNDARY, validateUtf8 } from './utf8.ts'

/** The longest compressed message that is inflated, in bytes. */
const MAX_COMPRESSED_BYTES = 1_048_576

export interface InflationOptions {
  readonly inflater: Inflater
  readonly decodeText: (bytes: Uint8Array) => string
  /** How much of an inflated message is kept, in bytes. */
  readonly keptBytes: number
}

export interface Inflation {
  readonly inflated?: InflatedMessage
  readonly violation?: Violation
}

export class MessageInflation {
  private readonly options: InflationOptions
  private pieces: Uint8Array[] = []
  private length = 0
  private lost = false

  constructor(options: InflationOptions) {
    this.options = options
  }

  /** Forgets a message that never ended. */
  reset(): void {
    this.pieces = []
    this.length = 0
  }

  /** Takes a copy of the piece. */
  append(piece: Uint8Array): void {
    if (this.length + piece.length > MAX_COMPRESSED_BYTES) {
      this.lost = true
      this.reset()
    }
    if (this.lost) return
    this.length += piece.length
    this.pieces.push(piece.slice())
  }

  /** The message is complete. */
  finish(text: boolean): Inflation {
    const compressed = new Uint8Array(this.length)
    let at = 0
    for (const piece of this.pieces) {
      compressed.set(piece, at)
      at += piece.length
    }
    this.reset()
    return this.lost ? {} : this.inflate(compressed, text)
  }

  private inflate(compressed: Uint8Array, text: boolean): Inflation {
    const { inflater, decodeText, keptBytes } = this.options
    let bytes: Uint8Array
    try {
      bytes = inflater.inflate(compressed)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.lost = true
      return { violation: violation(error.code, error.message) }
    }
    const payload = bytes.slice(0, keptBytes)
    const inflated = { length: bytes.length, payload, ...(text && { text: decodeText(payload) }) }
    if (!text || validateUtf8(bytes, 0, bytes.length, UTF8_BOUNDARY) === UTF8_BOUNDARY) return { inflated }
    return { inflated, violation: violation('invalid-utf8', 'the inflated text is not UTF-8') }
  }
}
