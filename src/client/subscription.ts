/**
 * One follower of one channel: what passes its gate is handed to a handler, or waits in a bounded buffer for an
 * iterator. The cursor moves before the application sees an entry, so that whatever it does there, it can go on
 * from it. It does no I/O: it says that it wants to be followed on (`changed`), and is given events.
 */
import { type Cursor, formatCursor, isCursor, parseCursor, type Position } from '../channel/index.ts'
import type { Advance, Closed, Gap, PublicationEvent } from '../protocol/index.ts'
import { Audit, type Tally } from './audit.ts'
import { ClientClosedError, type HoldfastError, UsageError } from './errors.ts'
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

type Item =
  { readonly event: PublicationEvent; readonly publication: Publication } | { readonly event: Advance | Gap }

type Waiting = PromiseWithResolvers<IteratorResult<Publication, undefined>>

export class ChannelSubscription implements Subscription {
  readonly channel: string
  readonly from: Position
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
  /** Publications among them. */
  #buffered = 0
  #paused = false
  #waiting: Waiting[] = []

  constructor(
    spec: { channel: string; from: Position; conflate: boolean },
    port: SubscriptionPort,
    callbacks: SubscriptionCallbacks,
  ) {
    this.channel = spec.channel
    this.from = spec.from
    this.#port = port
    this.#callbacks = callbacks
    this.#gate = port.openGate(spec.conflate)
    this.#audit = new Audit(port.tally)
    this.ready = this.#ready.promise
    this.ready.catch(() => {}) // who does not ask for it need not hear of it
    this.ended = this.#ended.promise
    if (isCursor(spec.from)) this.resolve(spec.from)
  }

  get cursor(): string | undefined {
    return this.#cursor === undefined ? undefined : formatCursor(this.#cursor)
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
    if (this.#gate.received !== undefined) return
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
    else if (event.type !== 'publication') this.#take({ event })
    else if (publication !== undefined) this.#take({ event, publication })
    return verdict
  }

  end(end: SubscriptionEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#ready.reject(end.error ?? new ClientClosedError(`subscribing to ${this.channel}`))
    this.#ended.resolve(end)
    if (end.why === 'unsubscribed') this.#drop()
    this.#serve()
    this.#port.changed(this)
  }

  close(): void {
    this.end({ why: 'unsubscribed', error: undefined })
  }

  [Symbol.asyncIterator](): AsyncIterator<Publication, undefined> {
    if (this.#callbacks.handler !== undefined)
      throw new UsageError('a subscription with a handler cannot be iterated')
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

  #take(item: Item): void {
    if (this.#callbacks.handler !== undefined) {
      const publication = this.#hand(item)
      if (publication !== undefined) this.#call(this.#callbacks.handler, publication)
      return
    }
    this.#buffer.push(item)
    if ('publication' in item) this.#buffered++
    this.#serve()
    if (this.#buffered >= this.#port.settings.iteratorLimit) this.#pause()
  }

  /**
   * What would exceed the bound is not taken: it stays in the log, `received` stays before it, and the
   * subscription is followed again when half of what waits has been taken.
   */
  #pause(): void {
    this.#paused = true
    this.#port.changed(this)
  }

  #drop(): void {
    this.#buffer = []
    this.#buffered = 0
  }

  /** Hands what waits to those who wait. */
  #serve(): void {
    while (this.#buffer.length > 0 && (this.#waiting.length > 0 || !('publication' in this.#first()))) {
      const publication = this.#hand(this.#buffer.shift() as Item)
      if (publication === undefined) continue
      this.#buffered--
      this.#waiting.shift()?.resolve({ done: false, value: publication })
    }
    if (this.#paused && this.#buffered <= this.#port.settings.iteratorLimit / 2) {
      this.#paused = false
      this.#port.changed(this)
    }
    if (this.#end === undefined || this.#buffer.length > 0) return
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting, this.#end.error)
  }

  #first(): Item {
    return this.#buffer[0] as Item
  }

  #finish(waiting: Waiting, error: HoldfastError | undefined): void {
    if (error === undefined) waiting.resolve({ done: true, value: undefined })
    else waiting.reject(error)
  }

  /** Moves the cursor, then counts, then tells. */
  #hand(item: Item): Publication | undefined {
    const { event } = item
    if (event.type === 'publication') {
      this.#cursor = { epoch: event.epoch, offset: event.offset, stamp: event.stamp }
      this.#audit.publication(event, event.from ?? event.offset - 1)
      const { publication } = item as { publication: Publication }
      this.#port.handing(this, publication)
      return publication
    }
    const cursor = parseCursor(event.cursor) as Cursor // the gate has parsed it
    this.#cursor = cursor
    if (event.type === 'advance') this.#audit.advance(cursor, event.from)
    else {
      this.#audit.gap(cursor)
      this.gap = event
      if (this.#callbacks.onGap !== undefined) this.#call(this.#callbacks.onGap, event)
    }
    return undefined
  }

  /** A fault of the application's is reported, and the stream goes on. */
  #call<A>(callback: (argument: A) => unknown, argument: A): void {
    try {
      const result = callback(argument)
      if (result instanceof Promise) result.catch((error: unknown) => this.#port.settings.onError(error))
    } catch (error) {
      this.#port.settings.onError(error)
    }
  }
}
