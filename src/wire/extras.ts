// What few connections need, and not all the time: a message under way in fragments and what waits behind it, those who
// wait for the connection to be writable or over, and a message that is read while it arrives. A connection has one
// only from the first time that it is asked for.

import { CloseError, type CloseInfo } from './close-error.ts'
import type { MessageStream } from './message-stream.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** A message, or encoded frames with the number of their messages. */
export type Held = string | Uint8Array | { readonly frames: Uint8Array; readonly count: number }

export class Extras {
  /** The message that is being sent in fragments. */
  outgoing: OutgoingMessage | undefined
  /** The message that is being received as a stream. */
  incoming: MessageStream | undefined
  /** How many bytes wait for the end of the message under way. */
  heldBytes = 0
  private held: Held[] = []
  private writable: PromiseWithResolvers<void> | undefined
  /** Those who send the message under way: what waits behind it must not keep them waiting. */
  private room: PromiseWithResolvers<void> | undefined
  private over: PromiseWithResolvers<CloseInfo> | undefined

  hold(waiting: Held): void {
    this.held.push(waiting)
    this.heldBytes +=
      typeof waiting === 'object' && 'frames' in waiting ? waiting.frames.length : waiting.length
  }

  /** The message under way has ended: what has waited for that. */
  release(): readonly Held[] {
    const { held } = this
    this.outgoing = undefined
    this.held = []
    this.heldBytes = 0
    return held
  }

  untilWritable(): Promise<void> {
    return (this.writable ??= rejectable()).promise
  }

  untilRoom(): Promise<void> {
    return (this.room ??= rejectable()).promise
  }

  untilOver(): Promise<CloseInfo> {
    return (this.over ??= Promise.withResolvers<CloseInfo>()).promise
  }

  becameWritable(): void {
    this.writable?.resolve()
    this.writable = undefined
  }

  gotRoom(): void {
    this.room?.resolve()
    this.room = undefined
  }

  /** Nothing more can be sent. */
  becameUnwritable(info: CloseInfo): void {
    this.release()
    const error = new CloseError(info)
    this.writable?.reject(error)
    this.room?.reject(error)
    this.writable = this.room = undefined
  }

  ended(info: CloseInfo): void {
    this.becameUnwritable(info)
    this.incoming?.cut(info)
    this.incoming = undefined
    this.over?.resolve(info)
  }
}

/** Whoever no longer waits for it has nothing to handle. */
function rejectable(): PromiseWithResolvers<void> {
  const pending = Promise.withResolvers<void>()
  pending.promise.catch(() => {})
  return pending
}
