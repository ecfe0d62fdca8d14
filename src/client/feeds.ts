/**
 * All channels that a client follows, as its links ask for them, and what they bring: to the gates, and to the
 * counts. It opens no connection; it says when what is to be followed has changed.
 */
import type { StreamEvent } from '../protocol/index.ts'
import type { Tally } from './audit.ts'
import { Backoff } from './backoff.ts'
import type { ClockOffset } from './clock-offset.ts'
import type { Publication } from './publication.ts'
import { type Asker, Feed, type SubscribeFields } from './feed.ts'
import { CursorGate, type Gate } from './gate.ts'
import { LatencyWindow } from './latency.ts'
import {
  ChannelSubscription,
  type SubscriptionCallbacks,
  type SubscriptionEnd,
  type SubscriptionPort,
  type SubscriptionSpec,
} from './subscription.ts'
import type { Settings } from './options.ts'
import type { Timers } from './timers.ts'

export interface FeedsPort {
  readonly timers: Timers
  readonly clock: ClockOffset
  readonly settings: Settings
  readonly observed: { touch(): void }
  readonly connection: { refollow(): void }
  /** Only tests replace the gate, to see that the audit notices. */
  readonly platform: { readonly openGate?: (conflate: boolean) => Gate }
}

export class Feeds implements SubscriptionPort {
  readonly tally: Tally = { delivered: 0, lost: 0, duplicated: 0, gaps: 0 }
  readonly latency: LatencyWindow = new LatencyWindow()
  repairs = 0
  readonly settings: Settings
  readonly #port: FeedsPort
  readonly #backoff: Backoff
  readonly #feeds = new Map<string, Feed>()
  readonly #presence = new Map<string, { readonly data: unknown }>()
  #refollowing = false
  #end: SubscriptionEnd | undefined

  constructor(port: FeedsPort) {
    this.#port = port
    this.settings = port.settings
    this.#backoff = new Backoff(port.settings.backoff, port.timers)
  }

  /** @throws TypeError when the channel is followed with and without conflation. */
  subscribe(spec: SubscriptionSpec, callbacks: SubscriptionCallbacks): ChannelSubscription {
    const { channel, conflate } = spec
    let feed = this.#feeds.get(channel)
    if (!feed) this.#feeds.set(channel, (feed = new Feed(channel, conflate)))
    if (feed.conflate !== conflate) throw new TypeError(`${channel} is followed with another conflate`)
    const made = new ChannelSubscription(spec, this, callbacks)
    made.sinceMs = this.#port.timers.now()
    feed.add(made)
    if (this.#end) made.end(this.#end)
    this.#refollow()
    return made
  }

  openGate(conflate: boolean): Gate {
    return this.#port.platform.openGate?.(conflate) ?? new CursorGate(conflate)
  }

  changed(subscription: ChannelSubscription): void {
    const { channel, over, idle } = subscription
    const feed = this.#feeds.get(channel)
    if (over) feed?.remove(subscription)
    else if (!idle) feed?.revise()
    if (feed?.empty) this.#feeds.delete(channel)
    this.#refollow()
  }

  /** History that is read again is not late: only what was appended since the subscription counts. */
  handing({ sinceMs }: ChannelSubscription, { time }: Publication): void {
    const { timers, clock, observed } = this.#port
    const appendedMs = time - clock.offsetMs
    if (appendedMs >= sinceMs) this.latency.add(Math.max(0, timers.now() - appendedMs))
    observed.touch()
  }

  /** Channels that `link` should follow, each with the number of its latest change. */
  wantedBy(link: Asker): ReadonlyMap<string, number> {
    const wanted = new Map<string, number>()
    for (const [channel, feed] of this.#feeds) if (feed.wantedBy(link)) wanted.set(channel, feed.revision)
    return wanted
  }

  ask(link: Asker, channel: string): SubscribeFields | undefined {
    const fields = this.#feeds.get(channel)?.ask(link)
    const presence = this.#presence.get(channel)
    return fields && presence ? { ...fields, presence: presence.data } : fields
  }

  /** True when something is missing on `link`. */
  offer(link: Asker, event: StreamEvent, bytes?: Uint8Array): boolean {
    const feed = this.#feeds.get(event.channel)
    if (feed === undefined) return false
    const hole = feed.offer(event, link, bytes)
    if (event.type === 'unsubscribed' && event.error.retry !== 'never') this.#rest(feed)
    // A place was found, or the subscription has ended: others may want something else now.
    if (event.type !== 'publication') this.#refollow()
    if (hole) this.repairs++
    this.#port.observed.touch()
    return hole
  }

  /** `link` is gone: others may ask for what it had asked for. */
  release(link: Asker): void {
    for (const feed of this.#feeds.values()) feed.release(link)
    this.#refollow()
  }

  /** This client is present in a channel, or not. */
  setPresence(channel: string, presence: { readonly data: unknown } | undefined): void {
    if (presence === undefined) this.#presence.delete(channel)
    else this.#presence.set(channel, presence)
  }

  /** Where presence is not renewed by following the channel. */
  presentElsewhere(): [channel: string, presence: { readonly data: unknown }][] {
    return [...this.#presence].filter(([channel]) => !this.#feeds.has(channel))
  }

  /** Ends every subscription; none can be added. */
  close(end: SubscriptionEnd): void {
    this.#end = end
    for (const feed of [...this.#feeds.values()]) feed.end(end)
  }

  /** It was refused for now. */
  #rest(feed: Feed): void {
    feed.resting = true
    this.#port.timers.after(this.#backoff.next(), () => {
      feed.resting = false
      feed.revise()
      this.#refollow()
    })
  }

  /** Once for all changes of a turn. */
  #refollow(): void {
    if (this.#refollowing) return
    this.#refollowing = true
    queueMicrotask(() => {
      this.#refollowing = false
      this.#port.connection.refollow()
    })
  }
}
