/**
 * One follower of one channel: what passes its gate is handed to a handler, or waits in a bounded buffer for an
 * iterator. The cursor moves before the application sees an entry, so that whatever it does there, it can go on
 * from it. It does no I/O: it says that it wants to be followed on (`changed`), and is given events.
 */
import { type Cursor, formatCursor, parseCursor } from '../channel/index.ts'
import type { Advance, Closed, Gap, PublicationEvent } from '../protocol/index.ts'
import { Audit, type Tally } from './audit.ts'
import { ClientClosedError, type HoldfastError } from './errors.ts'
import type { Gate, Verdict } from './gate.ts'
import type { Settings } from './options.ts'
import type { Publication } from './publication.ts'

/** What cannot be had: everything after `from` up to `cursor`, from where the subscription goes on. */
export type GapNotice = Gap

/** Why nothing more will come. */
export interface SubscriptionEnd {
  readonly why: 'closed' | 'deleted' | 'refused' | 'unsubscribed'
  /** Where it was refused, or the client was closed. */
  readonly error: HoldfastError | undefined
}

export interface Subscription<T = unknown> extends AsyncIterable<Publication<T>> {
  readonly channel: string
  /** Everything up to here has been handed over; undefined until the server has said where it starts. */
  readonly cursor: string | undefined
  /** The cursor from which it follows. Rejects when the subscription ends before. */
  readonly ready: Promise<string>
  /** The last gap, if there was one. */
  readonly gap: GapNotice | undefined
  /** Fulfilled when nothing more will come. */
  readonly ended: Promise<SubscriptionEnd>
  /** Nothing is handed over any more. */
  close(): void
}

export interface SubscriptionCallbacks<T = unknown> {
  readonly handler?: ((publication: Publication<T>) => unknown) | undefined
  readonly onGap?: ((gap: GapNotice) => void) | undefined
}

export interface SubscriptionSpec {
  readonly channel: string
  /** A position, as it is spelled on the wire. */
  readonly from: string
  readonly conflate: boolean
}

/** What a subscription needs of the client around it. */
export interface SubscriptionPort {
  readonly tally: Tally
  readonly settings: Pick<Settings, 'iteratorLimit' | 'onError'>
  openGate(conflate: boolean): Gate
  /** It wants to be followed, from another place than before, or no more. */
  changed(subscription: ChannelSubscription): void
  /** A publication is about to be handed to the application. */
  handing(subscription: ChannelSubscription, publication: Publication): void
}

interface Item {
  readonly event: PublicationEvent | Advance | Gap
  readonly publication: Publication | undefined
}

type Waiting = PromiseWithResolvers<IteratorResult<Publication, undefined>>

export class ChannelSubscription implements Subscription {
  readonly channel: string
  /** As it is asked for while it has no place yet. */
  readonly from: string
  readonly ready: Promise<string>
  readonly ended: Promise<SubscriptionEnd>
  gap: GapNotice | undefined
  /** When the application asked for it, milliseconds since 1970. */
  sinceMs = 0
  readonly #port: SubscriptionPort
  readonly #callbacks: SubscriptionCallbacks
  readonly #gate: Gate
  readonly #audit: Audit
  readonly #ready = Promise.withResolvers<string>()
  readonly #ended = Promise.withResolvers<SubscriptionEnd>()
  #cursor: Cursor | undefined
  #end: SubscriptionEnd | undefined
  #buffer: Item[] = []
  #paused = false
  #waiting: Waiting[] = []

  constructor(spec: SubscriptionSpec, port: SubscriptionPort, callbacks: SubscriptionCallbacks) {
    this.channel = spec.channel
    this.from = spec.from
    this.#port = port
    this.#callbacks = callbacks
    this.#gate = port.openGate(spec.conflate)
    this.#audit = new Audit(port.tally)
    this.ready = this.#ready.promise
    this.ready.catch(() => {}) // who does not ask for it need not hear of it
    this.ended = this.#ended.promise
    const cursor = parseCursor(spec.from)
    if (cursor) this.resolve(cursor)
  }

  get cursor(): string | undefined {
    return this.#cursor && formatCursor(this.#cursor)
  }

  /** What has been received: transports ask for what follows it. Undefined while it has no place yet. */
  get received(): Cursor | undefined {
    return this.#gate.received
  }

  /** It takes no events for now: its buffer is full, or it has ended. */
  get idle(): boolean {
    return this.#paused || this.#end !== undefined
  }

  /** Nothing more will come. */
  get over(): boolean {
    return this.#end !== undefined
  }

  /** The server has said where a fresh subscription starts. */
  resolve(cursor: Cursor): void {
    if (this.received) return
    this.#gate.start(cursor)
    this.#cursor = cursor
    this.#audit.begin(cursor)
    this.#ready.resolve(formatCursor(cursor))
  }

  /** @param publication of the event, where it is one. */
  offer(event: PublicationEvent | Advance | Gap | Closed, publication: Publication | undefined): Verdict {
    if (this.idle) return 'duplicate'
    const verdict = this.#gate.pass(event)
    if (verdict !== 'accepted') return verdict
    if (event.type === 'closed') this.end({ why: 'closed', error: undefined })
    else {
      this.#buffer.push({ event, publication })
      this.#serve()
    }
    return verdict
  }

  end(end: SubscriptionEnd): void {
    if (this.#end) return
    this.#end = end
    this.#ready.reject(end.error ?? new ClientClosedError(`subscribe ${this.channel}`))
    this.#ended.resolve(end)
    if (end.why === 'unsubscribed') this.#buffer = []
    this.#serve()
    this.#port.changed(this)
  }

  close(): void {
    this.end({ why: 'unsubscribed', error: undefined })
  }

  [Symbol.asyncIterator](): AsyncIterator<Publication, undefined> {
    if (this.#callbacks.handler) throw new TypeError('it has a handler')
    return {
      next: () => {
        const waiting: Waiting = Promise.withResolvers()
        this.#waiting.push(waiting)
        this.#serve()
        return waiting.promise
      },
      return: async () => {
        this.close()
        return { done: true, value: undefined }
      },
    }
  }

  /** Hands over what can be: publications to the handler or to those who wait, the rest at its place. */
  #serve(): void {
    const { handler } = this.#callbacks
    for (let item = this.#buffer[0]; item; item = this.#buffer[0]) {
      // Who iterates hears of a gap when it asks for what comes behind it, not while it looks at what came before.
      if (item.event.type !== 'advance' && !handler && this.#waiting.length === 0) break
      this.#buffer.shift()
      this.#hand(item)
    }
    this.#pause()
    if (!this.#end || this.#buffer.length > 0) return
    const { error } = this.#end
    for (const waiting of this.#waiting.splice(0)) {
      if (error) waiting.reject(error)
      else waiting.resolve({ done: true, value: undefined })
    }
  }

  /**
   * What would exceed the bound is not taken: it stays in the log, `received` stays before it, and the
   * subscription is followed again when half of what waits has been taken. A snapshot has been written whole.
   */
  #pause(): void {
    const last = this.#buffer.at(-1)?.event
    if (last?.type === 'publication' && last.snapshot) return
    const { iteratorLimit } = this.#port.settings
    const paused = this.#buffer.length >= (this.#paused ? iteratorLimit / 2 : iteratorLimit)
    if (paused === this.#paused) return
    this.#paused = paused
    this.#port.changed(this)
  }

  /** Moves the cursor, then counts, then tells. */
  #hand({ event, publication }: Item): void {
    const { handler, onGap } = this.#callbacks
    if (event.type === 'publication') {
      this.#cursor = event
      this.#audit.publication(event, event.from ?? event.offset - 1)
      if (!publication) return
      this.#port.handing(this, publication)
      if (handler) this.#call(handler, publication)
      else this.#waiting.shift()?.resolve({ done: false, value: publication })
      return
    }
    const cursor = parseCursor(event.cursor) as Cursor // the gate has parsed it
    this.#cursor = cursor
    if (event.type === 'advance') {
      this.#audit.advance(cursor, event.from)
      return
    }
    this.#audit.gap(cursor)
    this.gap = event
    if (onGap) this.#call(onGap, event)
  }

  /** A fault of the application's is reported, and the stream goes on. */
  #call<A>(callback: (argument: A) => unknown, argument: A): void {
    const { onError } = this.#port.settings
    try {
      const result = callback(argument)
      if (result instanceof Promise) result.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
}
