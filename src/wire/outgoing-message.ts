// A message that is sent in fragments as they come to be (RFC 6455 §5.4). It keeps characters whole across fragments
// and nothing else: what it is given leaves at once.

import { CallerError, FIN, Opcode } from '../websocket/index.ts'

export interface FragmentSink {
  /** Sends one frame of the message; returns whether more may follow at once. */
  fragment(first: number, payload: Uint8Array): boolean
  /** Fulfilled when more may follow; rejects with a CloseError when none can. */
  untilRoom(): Promise<void>
  /** The last frame was sent. */
  messageEnded(): void
}

export class OutgoingMessage {
  readonly type: 'text' | 'binary'
  private readonly sink: FragmentSink
  private begun = false
  private ended = false
  /** The first half of a surrogate pair, whose second half is still to come. */
  private half = ''

  constructor(sink: FragmentSink, type: 'text' | 'binary') {
    this.sink = sink
    this.type = type
  }

  /** Sends a fragment; returns whether more may follow at once. Throws a CallerError after `end`, or for the other type. */
  write(data: string | Uint8Array): boolean {
    return this.send(data, 0)
  }

  /** Sends the last fragment, an empty one if there is no more data. */
  end(data: string | Uint8Array = this.type === 'text' ? '' : new Uint8Array(0)): boolean {
    const writable = this.send(data, FIN)
    this.ended = true
    this.sink.messageEnded()
    return writable
  }

  /** Fulfilled as soon as the peer has read enough for more; rejects with a CloseError once the connection is closed. */
  drained(): Promise<void> {
    return this.sink.untilRoom()
  }

  private send(data: string | Uint8Array, fin: number): boolean {
    if (this.ended) throw new CallerError('message-ended', 'the message has ended')
    const text = typeof data === 'string'
    if (text !== (this.type === 'text'))
      throw new CallerError('wrong-type', `a ${this.type} message takes no ${text ? 'text' : 'bytes'}`)
    const first = fin | this.opcode()
    this.begun = true
    return this.sink.fragment(first, text ? this.encode(data, fin !== 0) : data)
  }

  private opcode(): Opcode {
    if (this.begun) return Opcode.continuation
    return this.type === 'text' ? Opcode.text : Opcode.binary
  }

  private encode(text: string, last: boolean): Uint8Array {
    const whole = this.half + text
    const code = whole.charCodeAt(whole.length - 1)
    const cut = !last && code >= 0xd800 && code <= 0xdbff
    this.half = cut ? whole.slice(-1) : ''
    return Buffer.from(cut ? whole.slice(0, -1) : whole)
  }
}
