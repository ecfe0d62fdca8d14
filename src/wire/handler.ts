// What a connection tells its owner. It decides nothing; an owner that wants a connection closed says so itself.

import type { WebSocketConnection } from './connection.ts'
import type { MessageStream } from './message-stream.ts'

/** One object may serve any number of connections. */
export interface SocketHandler {
  /** A message: a string if it was text, bytes if it was binary. The bytes are the handler's to keep. */
  message?(socket: WebSocketConnection, data: string | Uint8Array): void
  /**
   * The beginning of a message, to be read while it arrives; then `message` is never called. Whether messages come as
   * streams is settled when the connection starts. A compressed message comes in one piece, when it is complete.
   */
  stream?(socket: WebSocketConnection, message: MessageStream): void
  /** Less than the high-water mark waits to be written, after it was reached. */
  drain?(socket: WebSocketConnection): void
  /**
   * The connection is over; called exactly once. `code` is the peer's (1005 if it gave none), 1006 if no Close frame
   * came, or the code that this side failed it with.
   */
  close?(socket: WebSocketConnection, code: number, reason: string): void
  /** A Ping, already answered; the payload is valid until the handler returns. */
  ping?(socket: WebSocketConnection, payload: Uint8Array): void
  /** A Pong; the payload is valid until the handler returns. */
  pong?(socket: WebSocketConnection, payload: Uint8Array): void
  /** Why the connection is about to close, for a log: a FrameError of the peer or an error of the socket. */
  error?(socket: WebSocketConnection, error: Error): void
}
