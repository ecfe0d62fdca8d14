/**
 * Following channels from within the node's process: an attachment like that of any client, through the same hub and
 * cursors, whose outlet is a function. Nothing is encoded and nothing travels; what is authorised is who runs the node.
 */
import {
  type Covering,
  formatCursor,
  type PageLimit,
  parsePosition,
  type Position,
  type Publication,
} from '../channel/index.ts'
import type { ChannelName, Framing } from '../hub/index.ts'
import { type Gap, ProtocolError, type ServerEvent } from '../protocol/index.ts'
import { Attachment, type Gateway, type Identity, type Outlet } from '../transport/index.ts'

/** Who the node itself is: one object, compared by identity, so that no client can be it. */
export const NODE_ITSELF: Identity = {
  session: '',
  member: '',
  user: undefined,
  claims: undefined,
  address: '',
  knownSession: undefined,
  expiresAtMs: undefined,
}

/** An entry of a log, as the node's own process sees it. */
export interface OwnPublication {
  readonly channel: string
  /** Where a subscription goes on after it. */
  readonly cursor: string
  readonly offset: number
  /** When it was appended, milliseconds since 1970. */
  readonly time: number
  /** A JSON value, or a `Uint8Array` on a channel of bytes. Nobody has checked its shape. */
  readonly data: unknown
  readonly key: string | undefined
  readonly removed: boolean
}

export interface OwnSubscribeOptions {
  /** Default: `now`. */
  readonly from?: string | 'start' | 'now' | { readonly last: number }
  /** Of each key, only the latest publication matters. */
  readonly conflate?: boolean
  /** What is said where a place in the log cannot be served any more; without it, nothing is. */
  readonly onGap?: (gap: Gap) => void
}

export interface OwnSubscription {
  /** The cursor from which it follows. Rejects where it ends before. */
  readonly ready: Promise<string>
  /** Fulfilled when nothing more will come: with the error, where one ended it. */
  readonly ended: Promise<ProtocolError | undefined>
  close(): void
}

export type OwnHandler = (publication: OwnPublication) => unknown

/** An entry as applications are given it. */
export const ownPublication = (
  channel: string,
  epoch: string,
  { offset, time, data, key, removed, stamp }: Omit<Publication, 'producer'>,
): OwnPublication => ({
  channel,
  cursor: formatCursor({ epoch, offset, stamp }),
  offset,
  time,
  data: typeof data === 'string' ? JSON.parse(data) : data,
  key,
  removed,
})

interface Run {
  readonly name: ChannelName
  readonly entries: readonly Covering[]
  /** In bytes on a wire: it travels on none. */
  readonly length: 0
}

const FRAMING: Framing<Run> = { encode: (name, entries) => ({ name, entries, length: 0 }) }

interface Surroundings {
  readonly gateway: Gateway
  readonly handler: OwnHandler
  readonly onError: (error: unknown) => void
}

class FollowingNode implements Outlet<Run>, OwnSubscription {
  readonly framing: Framing<Run> = FRAMING
  readonly #surroundings: Surroundings
  readonly #onGap: OwnSubscribeOptions['onGap']
  readonly #attachment: Attachment<Run>
  readonly #ready = Promise.withResolvers<string>()
  readonly #ended = Promise.withResolvers<ProtocolError | undefined>()
  #over = false

  constructor(channel: string, options: OwnSubscribeOptions, surroundings: Surroundings) {
    this.#surroundings = surroundings
    this.#onGap = options.onGap
    this.#ready.promise.catch(() => undefined) // who does not ask for it need not hear of it
    this.#attachment = new Attachment<Run>(surroundings.gateway, NODE_ITSELF, this, 1)
    this.#attachment.subscribe(channel, {
      from: positionOf(options.from ?? 'now'),
      conflate: options.conflate ?? false,
      presence: undefined,
    })
  }

  get ready(): Promise<string> {
    return this.#ready.promise
  }

  get ended(): Promise<ProtocolError | undefined> {
    return this.#ended.promise
  }

  close(): void {
    this.#end(undefined)
  }

  room(): PageLimit {
    const { pagePublications, pageBytes } = this.#surroundings.gateway.limits
    return { count: pagePublications, bytes: pageBytes }
  }

  batch({ name, entries }: Run): void {
    for (const { publication } of entries) {
      if (this.#over) return
      this.#run(() => this.#surroundings.handler(ownPublication(name.channel, name.epoch, publication)))
    }
  }

  event(event: ServerEvent): void {
    if (event.type === 'subscribed') this.#ready.resolve(event.cursor)
    if (event.type === 'gap') this.#run(() => this.#onGap?.(event))
    if (event.type === 'unsubscribed') this.#end(new ProtocolError(event.error.code, event.error.message))
    if (event.type === 'closed' || event.type === 'deleted') this.#end(undefined)
  }

  settled(): void {}

  #end(error: ProtocolError | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#ready.reject(error ?? new ProtocolError('closed', 'the subscription has ended'))
    this.#ended.resolve(error)
    this.#attachment.detach()
  }

  /** A fault of the application's is reported, and the stream goes on. */
  #run(act: () => unknown): void {
    const { onError } = this.#surroundings
    try {
      const result = act()
      if (result instanceof Promise) result.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
}

/** Those of one node: they end with it. */
export class OwnSubscriptions {
  readonly #open = new Set<OwnSubscription>()
  readonly #gateway: Gateway
  #disposed = false

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** One that comes after the end has ended. */
  open(channel: string, options: OwnSubscribeOptions, handler: OwnHandler): OwnSubscription {
    const onError = (error: unknown): void => this.#gateway.fault(error)
    const subscription = new FollowingNode(channel, options, { gateway: this.#gateway, handler, onError })
    this.#open.add(subscription)
    void this.#forget(subscription)
    if (this.#disposed) subscription.close()
    return subscription
  }

  dispose(): void {
    this.#disposed = true
    for (const subscription of this.#open) subscription.close()
  }

  async #forget(subscription: OwnSubscription): Promise<void> {
    await subscription.ended
    this.#open.delete(subscription)
  }
}

/** @throws ProtocolError `bad_cursor` */
const positionOf = (from: NonNullable<OwnSubscribeOptions['from']>): Position => {
  if (from === 'start') return 'start'
  const position = parsePosition(typeof from === 'object' ? `last:${from.last}` : from)
  if (position === undefined) throw new ProtocolError('bad_cursor', 'that is not a place in a log')
  return position
}
