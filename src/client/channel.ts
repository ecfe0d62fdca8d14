/**
 * One channel as an application uses it: follow, publish, look back. It keeps nothing but its name; two of the
 * same name are the same channel.
 */
import type { HistoryPage, Published } from '../protocol/index.ts'
import type { Outbox } from './outbox.ts'
import type { Feeds } from './feeds.ts'
import type { Payload } from './lane.ts'
import type { Presence } from './presence.ts'
import { type Publication, publicationOf } from './publication.ts'
import type { GapNotice, Subscription } from './subscription.ts'

/** A cursor, or where in the log as it is when the subscription reaches the server. */
export type From = string | 'start' | 'now' | { readonly last: number }

export interface SubscribeOptions {
  /** What is handed over is everything after this. Default: `now`. */
  readonly from?: From
  /** Of each key, only the latest publication matters. */
  readonly conflate?: boolean
  readonly onGap?: (gap: GapNotice) => void
}

export type Handler<T> = (publication: Publication<T>) => unknown

export interface PublishOptions {
  /** On a conflated channel: what this is the latest value of. */
  readonly key?: string
  /** Append only if this is the channel's last cursor. Never kept for later and never sent twice. */
  readonly expect?: string
}

export interface History<T = unknown> {
  readonly publications: readonly Publication<T>[]
  /** Where the next page starts. */
  readonly cursor: string
  /** Lowest offset that is held, and highest there ever was. */
  readonly floor: number
  readonly top: number
  readonly more: boolean
  /** Why it does not start where it was asked to. */
  readonly gap?: string
}

export interface Channel<T = unknown> {
  readonly name: string
  readonly presence: Presence
  /**
   * Follows the channel: with a handler, which is called for each publication, or as an async iterator.
   * @throws TypeError when the client follows the channel already, with the other choice of `conflate`.
   */
  subscribe(options?: SubscribeOptions, handler?: Handler<T>): Subscription<T>
  subscribe(handler: Handler<T>): Subscription<T>
  /**
   * Fulfilled when it is in the log, exactly once; waits while there is no connection.
   * @param data JSON, or bytes on a channel of bytes.
   * @throws PublishError, RefusedError; TypeError for anything else
   */
  publish(data: T | Uint8Array, options?: PublishOptions): Promise<Published>
  /** On a conflated channel: the key is gone. @throws PublishError, RefusedError */
  remove(key: string, options?: Pick<PublishOptions, 'expect'>): Promise<Published>
  /** A page of what is held. Default: from the start, 100 publications. @throws RefusedError */
  history(options?: { from?: From; limit?: number }): Promise<History<T>>
  /** Lets go of everything up to and including `cursor`. @throws RefusedError */
  trim(cursor: string): Promise<void>
}

/** What a channel needs of its client. */
export interface ChannelPort {
  readonly feeds: Feeds
  readonly outbox: Outbox
  presence(channel: string): Presence
}

export class ClientChannel implements Channel {
  readonly name: string
  readonly #port: ChannelPort

  constructor(name: string, port: ChannelPort) {
    this.name = name
    this.#port = port
  }

  get presence(): Presence {
    return this.#port.presence(this.name)
  }

  subscribe(options: SubscribeOptions | Handler<unknown> = {}, handler?: Handler<unknown>): Subscription {
    if (typeof options === 'function') return this.subscribe({}, options)
    const { from = 'now', conflate = false, onGap } = options
    return this.#port.feeds.subscribe(
      { channel: this.name, from: textOf(from), conflate },
      { handler, onGap },
    )
  }

  async publish(data: unknown, { key, expect }: PublishOptions = {}): Promise<Published> {
    return this.#port.outbox.publish(this.name, { ...payloadOf(data), key, remove: false }, expect)
  }

  remove(key: string, { expect }: Pick<PublishOptions, 'expect'> = {}): Promise<Published> {
    return this.#port.outbox.publish(this.name, { data: 'null', bytes: 4, key, remove: true }, expect)
  }

  async history({ from = 'start', limit }: { from?: From; limit?: number } = {}): Promise<History> {
    const command = { type: 'history', channel: this.name, from: textOf(from), limit }
    const page = (await this.#port.outbox.request(command)) as HistoryPage
    return { ...page, publications: page.publications.map((each) => publicationOf(each)) }
  }

  async trim(upTo: string): Promise<void> {
    await this.#port.outbox.request({ type: 'trim', channel: this.name, upTo })
  }
}

const textOf = (from: From): string =>
  typeof from === 'object' ? `last:${from.last}` : from === 'start' ? '-1' : from

const payloadOf = (data: unknown): Pick<Payload, 'data' | 'bytes'> => {
  if (data instanceof Uint8Array) return { data: data.slice(), bytes: data.length }
  const text = JSON.stringify(data) as string | undefined
  if (text === undefined) throw new TypeError('what is published is JSON or a Uint8Array')
  return { data: text, bytes: new TextEncoder().encode(text).length }
}
