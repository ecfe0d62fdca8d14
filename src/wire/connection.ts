// A WebSocket connection as its user sees it, for either role. What it does below is in socket.ts.

import type { CloseInfo } from './close-error.ts'
import type { SocketHandler } from './handler.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { PerMessageDeflate } from './per-message-deflate.ts'
import type { PreparedMessage } from './message.ts'

/**
 * Messages come to its handler; without one, by iteration: `for await (const message of connection)` gives strings and
 * bytes, reads on only as fast as the loop does, ends when the connection is closed in order (1000, 1001 or no code)
 * and throws a CloseError otherwise. Leaving the loop leaves the connection open, and a later loop goes on.
 */
export interface WebSocketConnection extends AsyncIterable<string | Uint8Array> {
  /** A free slot for the owner. */
  data: unknown
  handler: SocketHandler
  /** The chosen subprotocol, '' for none. */
  readonly protocol: string
  /** What compresses its messages if permessage-deflate was negotiated; one object for all that may share bytes. */
  readonly deflate: PerMessageDeflate | undefined
  readonly remoteAddress: string | undefined
  readonly state: 'open' | 'closing' | 'closed'
  /** Whether it is open and below its high-water mark. Above it `send` still works; `drained` says when to go on. */
  readonly writable: boolean
  readonly highWaterMarkBytes: number
  /** Bytes that were sent and that the kernel has not taken. */
  readonly bufferedBytes: number
  readonly messagesSent: number
  readonly messagesReceived: number
  readonly isPaused: boolean
  /** Fulfilled once the connection is over, in whichever way. */
  readonly closed: Promise<CloseInfo>

  /**
   * Sends one message: text for a string, binary for bytes. It is written with all others of this turn of the event
   * loop, and ignored unless the connection is open. Large bytes are not copied and must not change afterwards.
   * Returns `writable`: `if (!connection.send(data)) await connection.drained()` sends no faster than the peer reads.
   */
  send(data: string | Uint8Array): boolean
  /** Sends a message that was encoded once for many connections; returns `writable`. */
  sendPrepared(message: PreparedMessage): boolean
  /**
   * Sends complete unmasked frames (see encodeMessage), which may be shared by any number of connections and must never
   * change; `count` is how many messages they are. For servers; ignored unless open.
   */
  sendEncoded(frames: Uint8Array, count?: number): void
  /**
   * Begins a message that is sent in fragments as they come to be. Messages sent meanwhile wait for its end, pings and
   * the Close frame do not. Throws a CallerError when one is under way already.
   */
  startMessage(type: 'text' | 'binary'): OutgoingMessage
  /**
   * Sends everything that `source` yields as one message, a fragment for each, no faster than the peer reads. Rejects
   * with a CloseError when the connection closes before the end. When the source fails, the message cannot be taken
   * back: the connection is closed with 1011 and the source's error thrown on.
   */
  sendFrom(
    source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
    type: 'text' | 'binary',
  ): Promise<void>
  /** Fulfilled as soon as less than the high-water mark waits; rejects with a CloseError once it is not open. */
  drained(): Promise<void>
  /** Sends a Ping with up to 125 bytes; a CallerError beyond. The handler's `pong` hears the answer. */
  ping(payload?: Uint8Array): void
  /**
   * Begins the closing handshake; no message is delivered after it, and the connection is over within
   * `closeTimeoutMs`. Without a code the Close frame is empty. Throws a CallerError if the code is not for the wire or
   * the reason exceeds 123 bytes.
   */
  close(code?: number, reason?: string): void
  /** Ends the connection at once, without a closing handshake. The handler's `close` follows in a later turn. */
  destroy(): void
  /** Stops reading: no message is delivered until `resume`, and the peer feels it. */
  pause(): void
  /** Reads on, from the next turn. */
  resume(): void
}
