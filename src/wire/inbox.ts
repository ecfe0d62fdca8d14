// What reads a connection that has no handler of its own: messages wait here for whoever iterates, and beyond a bound
// the connection is not read from. It loses nothing and decides nothing.

import { CloseError, isOrderly, type CloseInfo } from './close-error.ts'
import type { SocketHandler } from './handler.ts'
import type { WebSocketConnection } from './connection.ts'

type Message = string | Uint8Array

export class Inbox implements SocketHandler {
  private readonly messages: Message[] = []
  private waitingBytes = 0
  private over: CloseInfo | undefined
  private wake: (() => void) | undefined

  message(connection: WebSocketConnection, data: Message): void {
    this.messages.push(data)
    this.waitingBytes += data.length
    if (this.waitingBytes >= HIGH_WATER_BYTES || this.messages.length >= HIGH_WATER_MESSAGES)
      connection.pause()
    this.wake?.()
  }

  close(_connection: WebSocketConnection, code: number, reason: string): void {
    this.over = { code, reason }
    this.wake?.()
  }

  /** Throws a CloseError at the end unless the connection was closed in order. */
  async *iterate(connection: WebSocketConnection): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      const message = this.messages.shift()
      if (message !== undefined) {
        this.waitingBytes -= message.length
        if (this.messages.length === 0) connection.resume()
        yield message
      } else if (this.over !== undefined) {
        if (isOrderly(this.over)) return
        throw new CloseError(this.over)
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve))
        this.wake = undefined
      }
    }
  }
}

/** How much may wait for the loop before the connection is not read from. */
const HIGH_WATER_MESSAGES = 64
const HIGH_WATER_BYTES = 65_536
