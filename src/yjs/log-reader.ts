/**
 * Reads the log of a document: puts messages together, tells what they say, and knows how far it has come, what it
 * has missed and how long the log is. While it catches up it collects, so that the document takes all of it in one
 * transaction. It publishes nothing and changes no document.
 */
import { decodeUpdate } from 'yjs'
import type { GapNotice, Publication } from '../client/index.ts'
import { Assembly } from './assembly.ts'
import { decodeEnvelope, decodeMessage, type Envelope, type Message } from './envelope.ts'
import { DocumentError } from './errors.ts'
import { LogContent } from './log-content.ts'
import { LogLength } from './log-length.ts'
import { cursorBefore, placeOf } from './place.ts'

export interface LogReaderPort {
  /** Whether this client wrote it. */
  recognise(envelope: Envelope): boolean
  /** Updates of others, in the order of the log. */
  apply(updates: readonly Uint8Array[]): void
  /** It has caught up. */
  caughtUp(content: LogContent): void
  /** This client's own update has come back. */
  echoed(): void
  report(error: unknown): void
}

/** From where it stands to the top as it was when that was asked. */
interface CatchUp {
  /** Undefined until it is known. */
  top: number | undefined
  readonly updates: Uint8Array[]
}

export class LogReader {
  readonly length: LogLength = new LogLength()
  readonly assembly: Assembly = new Assembly()
  /** The latest offset that a snapshot was found to cover. */
  covered = 0
  unreadable = 0
  /** What the log has been found to hold; kept until it is known what it lacks. */
  content: LogContent | undefined = new LogContent()
  /** By the log's clock, of what came last. */
  time = 0
  readonly #port: LogReaderPort
  #cursor: string | undefined
  #catchUp: CatchUp | undefined = { top: undefined, updates: [] }
  /** What has been trimmed ends here. */
  #lostUpTo = 0

  constructor(port: LogReaderPort) {
    this.#port = port
  }

  /** Everything up to here has been read; undefined before the log has answered. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  get synced(): boolean {
    return this.#catchUp === undefined
  }

  /** Something has been trimmed that no snapshot holds. */
  get incomplete(): boolean {
    return this.synced && this.covered < this.#lostUpTo
  }

  /** The log begins behind `cursor`, and had `top` as its last offset when that was asked. */
  begin(cursor: string, top: number): void {
    if (this.#catchUp === undefined || this.#catchUp.top !== undefined) return
    if (this.#cursor === undefined) this.#start(cursor)
    this.#catchUp.top = top
    this.#endCatchUp()
  }

  read({ cursor, data, time }: Publication): void {
    if (this.#cursor === undefined) this.#start(cursorBefore(cursor))
    this.#cursor = cursor
    this.time = time
    this.length.add(data instanceof Uint8Array ? data.length : 0)
    try {
      this.#take(decodeEnvelope(data), cursor)
    } catch (error) {
      this.unreadable++
      this.#port.report(error)
    }
    this.#endCatchUp()
  }

  /** The log goes on elsewhere: further on, or in another life. Its snapshot holds what is gone, if there is one. */
  gap({ cursor, top }: GapNotice): void {
    const updates = this.#catchUp?.updates ?? []
    if (placeOf(cursor)?.epoch !== placeOf(this.#cursor ?? '')?.epoch) this.covered = 0
    this.assembly.clear()
    this.content = new LogContent()
    this.#catchUp = { top, updates }
    this.#start(cursor)
    this.#endCatchUp()
  }

  #start(cursor: string): void {
    const offset = placeOf(cursor)?.offset ?? 0
    this.#cursor = cursor
    this.#lostUpTo = offset
    this.length.restart(offset + 1)
  }

  #take(envelope: Envelope, cursor: string): void {
    const own = this.#port.recognise(envelope)
    const payload = this.assembly.add(envelope, { time: this.time, before: cursorBefore(cursor) })
    if (payload === undefined) return
    const message = decodeMessage(payload, envelope.snapshot)
    // Before it touches the document: what cannot be read as a whole is left out as a whole.
    if (!own || this.content !== undefined) {
      const update = decoded(message)
      this.content?.add(update)
    }
    if (message.covers !== undefined) this.#cover(message.covers, cursor)
    if (own) {
      if (message.covers === undefined) this.#port.echoed()
    } else if (this.#catchUp === undefined) this.#port.apply([message.update])
    else this.#catchUp.updates.push(message.update)
  }

  /** What a snapshot says of itself is believed only of what came before it, in this life of the log. */
  #cover(covers: string, cursor: string): void {
    const [place, here] = [placeOf(covers), placeOf(cursor)]
    if (place === undefined || place.epoch !== here?.epoch || place.offset >= here.offset) return
    this.covered = Math.max(this.covered, place.offset)
    this.length.covered(place.offset)
  }

  #endCatchUp(): void {
    const { top, updates } = this.#catchUp ?? {}
    if (top === undefined || updates === undefined) return
    if ((placeOf(this.#cursor ?? '')?.offset ?? 0) < top) return
    this.#catchUp = undefined
    if (this.incomplete)
      this.#port.report(
        new DocumentError('incomplete', `the log has let go of publications up to ${this.#lostUpTo}`),
      )
    this.#port.apply(updates)
    this.#port.caughtUp(this.content ?? new LogContent())
  }
}

const decoded = ({ update }: Message): ReturnType<typeof decodeUpdate> => {
  try {
    return decodeUpdate(update)
  } catch (cause) {
    throw new DocumentError('unreadable', 'a publication that is no update of Yjs was left out', cause)
  }
}
