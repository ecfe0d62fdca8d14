/**
 * One client's subscriptions, on whichever wire they are carried: a set of cursors with a limit. A poll makes
 * one for a single request; a WebSocket keeps one for its life.
 */
import { ProtocolError, type SubscribeSpec } from '../protocol/index.ts'
import { Subscription } from './subscription.ts'

export class Session {
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #maxChannels: number

  constructor(maxChannels: number) {
    this.#maxChannels = maxChannels
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions
  }

  /**
   * Follows a channel from a position. Subscribing again starts afresh at the new position.
   * @throws ProtocolError `too_many_subscriptions`
   */
  subscribe(channel: string, spec: Pick<SubscribeSpec, 'from' | 'conflate'>): Subscription {
    this.unsubscribe(channel)
    if (this.#subscriptions.size >= this.#maxChannels) {
      throw new ProtocolError(
        'too_many_subscriptions',
        `at most ${this.#maxChannels} channels in one session`,
      )
    }
    const subscription = new Subscription(channel, spec.from, spec.conflate)
    this.#subscriptions.set(channel, subscription)
    return subscription
  }

  /** Ends a subscription; false when there was none. */
  unsubscribe(channel: string): boolean {
    this.#subscriptions.get(channel)?.end()
    return this.#subscriptions.delete(channel)
  }

  /** Where every channel stands that has been resolved. */
  cursors(): Record<string, string> {
    // Without a prototype: a channel may be called `__proto__`.
    const cursors = Object.create(null) as Record<string, string>
    for (const [channel, subscription] of this.#subscriptions) {
      const { cursor } = subscription
      if (cursor !== undefined) cursors[channel] = cursor
    }
    return cursors
  }
}
