/**
 * Who is in a channel, and this client being there. Members are followed like any other channel, by key; being
 * present is renewed by the polls and subscriptions of the channel, and by a command where it is not followed.
 */
import type { Subscription } from './subscription.ts'

export interface Presence {
  /** Data of each member, by member. A new map after each change. Followed from the first look on. */
  readonly members: ReadonlyMap<string, unknown>
  /** Called after each change of `members`. Returns what ends that; after the last, members are not followed. */
  on(listener: (members: ReadonlyMap<string, unknown>) => void): () => void
  /** This client is there until it leaves, also after a reconnect. @param data JSON about the member. */
  enter(data?: unknown): Promise<void>
  leave(): Promise<void>
  /** Stops following the members. */
  close(): void
}

export interface PresencePort {
  /** Follows the keyed channel of members from its start. */
  follow(
    handler: (publication: { key: string | undefined; data: unknown; removed: boolean }) => void,
    onGap: () => void,
  ): Subscription
  /** @param presence undefined leaves. */
  announce(presence: { readonly data: unknown } | undefined): Promise<void>
  /** Told what a listener threw. */
  readonly report: (error: unknown) => void
}

export class ChannelPresence implements Presence {
  readonly #port: PresencePort
  readonly #listeners = new Set<(members: ReadonlyMap<string, unknown>) => void>()
  readonly #current = new Map<string, unknown>()
  #snapshot: ReadonlyMap<string, unknown> | undefined
  #subscription: Subscription | undefined
  #telling = false

  constructor(port: PresencePort) {
    this.#port = port
  }

  get members(): ReadonlyMap<string, unknown> {
    this.#follow()
    return (this.#snapshot ??= new Map(this.#current))
  }

  on(listener: (members: ReadonlyMap<string, unknown>) => void): () => void {
    this.#listeners.add(listener)
    this.#follow()
    return () => {
      this.#listeners.delete(listener)
      if (!this.#listeners.size) this.close()
    }
  }

  enter(data: unknown = null): Promise<void> {
    return this.#port.announce({ data })
  }

  leave(): Promise<void> {
    return this.#port.announce(undefined)
  }

  close(): void {
    this.#subscription?.close()
    this.#subscription = undefined
    this.#current.clear()
    this.#snapshot = undefined
  }

  #follow(): void {
    this.#subscription ??= this.#port.follow(
      ({ key, data, removed }) => {
        if (key === undefined) return
        if (removed) this.#current.delete(key)
        else this.#current.set(key, data)
        this.#changed()
      },
      () => {
        this.#current.clear()
        this.#changed()
      },
    )
  }

  /** Many come at once when a channel is entered: listeners are told at the end of the turn. */
  #changed(): void {
    this.#snapshot = undefined
    if (this.#telling) return
    this.#telling = true
    Promise.resolve()
      .then(() => {
        this.#telling = false
        for (const listener of this.#listeners) listener(this.members)
      })
      .catch(this.#port.report)
  }
}
