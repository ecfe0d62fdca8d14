// A message that is read while it arrives. What waits for its reader is bounded: beyond, the connection is not read
// from. Text comes in strings that are cut only between characters.

import { Buffer } from 'node:buffer'
import { StringDecoder } from 'node:string_decoder'
import { CloseError, type CloseInfo } from './close-error.ts'
import type { WebSocketConnection } from './connection.ts'

/**
 * One message, to be iterated once: strings of a text message, bytes of a binary one. Whoever stops early lets go of
 * the rest; whoever does not want it at all says `ignore`, or the connection waits for its reader. Iterating throws a CloseError when the connection ends before the message does.
 */
export class MessageStream implements AsyncIterable<string | Uint8Array> {
  readonly type: 'text' | 'binary'
  private readonly connection: WebSocketConnection
  private readonly highWaterMarkBytes: number
  private readonly decoder: StringDecoder | undefined
  private pieces: Uint8Array[] = []
  private waitingBytes = 0
  private state: 'arriving' | 'complete' | 'ignored' | CloseInfo = 'arriving'
  private wake: (() => void) | undefined

  /** Made by a connection whose handler takes streams. */
  constructor(connection: WebSocketConnection, type: 'text' | 'binary', highWaterMarkBytes: number) {
    this.connection = connection
    this.type = type
    this.highWaterMarkBytes = highWaterMarkBytes
    this.decoder = type === 'text' ? new StringDecoder('utf8') : undefined
  }

  /** The whole message as text. Throws a TypeError for a binary one. */
  async text(): Promise<string> {
    if (this.type !== 'text') throw new TypeError('a binary message has no text')
    let whole = ''
    for await (const piece of this) whole += piece as string
    return whole
  }

  /** The whole message as bytes; of text, its UTF-8. */
  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.raw()) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** Lets go of the message: the rest of it is read and thrown away. */
  ignore(): void {
    this.state = 'ignored'
    this.pieces = []
    this.connection.resume()
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, undefined> {
    const { decoder } = this
    for await (const piece of this.raw()) {
      const data =
        decoder === undefined
          ? piece
          : decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
      if (data.length > 0) yield data
    }
  }

  /** The connection has more of it. */
  arrive(piece: Uint8Array, last: boolean): void {
    if (this.state === 'ignored') return
    if (piece.length > 0) {
      this.pieces.push(piece)
      this.waitingBytes += piece.length
    }
    if (last) this.state = 'complete'
    else if (this.waitingBytes >= this.highWaterMarkBytes) this.connection.pause()
    this.wake?.()
  }

  /** The connection ended in the middle of it. */
  cut(info: CloseInfo): void {
    if (this.state === 'arriving') this.state = info
    this.wake?.()
  }

  private async *raw(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const piece = this.pieces.shift()
        if (piece !== undefined) {
          this.waitingBytes -= piece.length
          if (this.pieces.length === 0) this.connection.resume()
          yield piece
        } else if (this.state === 'complete' || this.state === 'ignored') {
          return
        } else if (this.state === 'arriving') {
          await new Promise<void>((resolve) => (this.wake = resolve))
          this.wake = undefined
        } else {
          throw new CloseError(this.state)
        }
      }
    } finally {
      this.ignore()
    }
  }
}
