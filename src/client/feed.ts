/**
 * A channel as the wire sees it. One client follows a channel once per transport, however many subscriptions
 * it has there: the feed asks for what follows the one that is furthest behind, and the gates of the others
 * let pass what is new to them. While a fresh subscription has no place yet, one transport alone asks for it.
 */
import { type Cursor, formatCursor, parseCursor } from '../channel/index.ts'
import type { StreamEvent } from '../protocol/index.ts'
import { RefusedError } from './errors.ts'
import { publicationOf } from './publication.ts'
import type { ChannelSubscription, SubscriptionEnd } from './subscription.ts'

/** How a channel is asked for, in `subscribe` and in a poll's body. */
export interface SubscribeFields {
  readonly from: string
  readonly conflate?: true
  readonly presence?: unknown
}

/** Whoever asks: a connection, compared by identity. */
export type Asker = object

// A channel that is left and followed again is another feed, and transports must see that it is.
let revisions = 0

export class Feed {
  readonly channel: string
  readonly conflate: boolean
  /** Changes whenever it must be asked for anew; no two feeds share a number. */
  revision = 0
  /** Refused for now; asked for again when this is cleared. */
  resting = false
  readonly #subscriptions = new Set<ChannelSubscription>()
  #asked: { readonly subscription: ChannelSubscription; readonly asker: Asker } | undefined
  #epoch: string | undefined

  constructor(channel: string, conflate: boolean) {
    this.channel = channel
    this.conflate = conflate
  }

  get empty(): boolean {
    return this.#subscriptions.size === 0
  }

  /** It must be asked for anew. */
  revise(): void {
    this.revision = ++revisions
  }

  add(subscription: ChannelSubscription): void {
    this.#subscriptions.add(subscription)
    this.revise()
  }

  remove(subscription: ChannelSubscription): void {
    this.#subscriptions.delete(subscription)
    if (this.#asked?.subscription === subscription) this.#asked = undefined
  }

  /** Whether `asker` has something to follow here. */
  wantedBy(asker: Asker): boolean {
    return !this.resting && (this.#behind() ?? this.#unresolved(asker)) !== undefined
  }

  /** How to ask for it now; a fresh subscription belongs to `asker` from then on, until it is released. */
  ask(asker: Asker): SubscribeFields | undefined {
    const subscription = this.#unresolved(asker)
    const behind = this.#behind()
    const from = subscription?.from ?? (behind && formatCursor(behind))
    if (from === undefined) return undefined
    if (subscription) this.#asked = { subscription, asker }
    return {
      from,
      ...(this.conflate && { conflate: true }),
    }
  }

  /** `asker` is gone: another may ask for what it had asked for. */
  release(asker: Asker): void {
    if (this.#asked?.asker !== asker) return
    this.#asked = undefined
    this.revise()
  }

  /** True when something is missing: `asker` should ask anew. */
  offer(event: StreamEvent, asker: Asker, bytes?: Uint8Array): boolean {
    switch (event.type) {
      case 'subscribed':
        this.#resolve(event.cursor, asker)
        return false
      case 'unsubscribed':
        if (event.error.retry === 'never') {
          const error = new RefusedError(`subscribe ${this.channel}`, event.error)
          this.end({ why: 'refused', error })
        }
        return false
      case 'deleted':
        this.end({ why: 'deleted', error: undefined })
        return false
      default: {
        const publication = event.type === 'publication' ? publicationOf(event, bytes) : undefined
        this.#epoch = event.type === 'publication' ? event.epoch : event.cursor.split('_', 1)[0]
        let hole = false
        for (const each of [...this.#subscriptions]) hole = each.offer(event, publication) === 'hole' || hole
        return hole
      }
    }
  }

  /** Ends every subscription. */
  end(end: SubscriptionEnd): void {
    for (const each of [...this.#subscriptions]) each.end(end)
  }

  #resolve(text: string, asker: Asker): void {
    const cursor = parseCursor(text)
    this.#epoch = cursor?.epoch
    if (cursor === undefined || this.#asked?.asker !== asker) return
    this.#asked.subscription.resolve(cursor)
    this.#asked = undefined
    // Others may be elsewhere, or may not have been asked for yet.
    for (const each of this.#subscriptions) {
      if (each.idle) continue
      if (each.received?.offset === cursor.offset && each.received.epoch === cursor.epoch) continue
      this.revise()
      return
    }
  }

  #unresolved(asker: Asker): ChannelSubscription | undefined {
    if (this.#asked !== undefined) return this.#asked.asker === asker ? this.#asked.subscription : undefined
    for (const each of this.#subscriptions) if (!each.idle && each.received === undefined) return each
    return undefined
  }

  /** The place furthest behind; one in another life of the log comes first, since only a gap moves it on. */
  #behind(): Cursor | undefined {
    let behind: Cursor | undefined
    for (const { idle, received } of this.#subscriptions) {
      if (idle || received === undefined) continue
      if (behind === undefined) behind = received
      else if (received.epoch === behind.epoch) {
        if (received.offset < behind.offset) behind = received
      } else if (received.epoch !== this.#epoch) behind = received
    }
    return behind
  }
}
