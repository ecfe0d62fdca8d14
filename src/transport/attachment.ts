/**
 * A session attached to a wire: it joins one client's cursors to the hub, and writes what comes next into the
 * transport's outlet as long as that has room. All four transports deliver through it; none of them decides
 * what is delivered.
 *
 * The order that loses nothing: register with the hub, then read, then wait. A publication between the read and
 * the wait finds the waiter registered.
 */
import type { Page, PageLimit } from '../channel/index.ts'
import type { ActiveChannel, Framing, Waiter } from '../hub/index.ts'
import { ProtocolError, type ServerEvent, type SubscribeSpec } from '../protocol/index.ts'
import { Session, type Subscription } from '../session/index.ts'
import type { Gateway, Identity } from './gateway.ts'
import { PresenceLeases } from './presence-leases.ts'

/** Where a transport lets an attachment write. */
export interface Outlet<Encoded> {
  readonly framing: Framing<Encoded>
  /** What it takes now; undefined when it is full, and then the transport calls `resume` later. */
  room(): PageLimit | undefined
  event(event: ServerEvent): void
  /** @param count the publications in it. */
  batch(encoded: Encoded, count: number): void
  /** Nothing is under way any more: all that could be written has been. */
  settled(): void
}

/** Most have nobody waiting: theirs is one empty set, which nothing is ever added to. */
const NOBODY = new Set<never>()

/** One followed channel: the cursor, and the place where it waits. */
class Follower implements Waiter {
  readonly subscription: Subscription
  active: ActiveChannel | undefined
  readonly #attachment: { moved(follower: Follower): void }

  constructor(subscription: Subscription, attachment: { moved(follower: Follower): void }) {
    this.subscription = subscription
    this.#attachment = attachment
  }

  moved(): void {
    this.#attachment.moved(this)
  }
}

export class Attachment<Encoded extends { readonly length: number }> {
  readonly session: Session
  identity: Identity
  readonly #gateway: Gateway
  readonly #outlet: Outlet<Encoded>
  readonly #followers = new Map<string, Follower>()
  /** Followers that may have something to write, in turn. */
  #pending: Set<Follower> = NOBODY
  /** Followers whose cursor needs a page. */
  #wanting: Set<Follower> = NOBODY
  #leases: PresenceLeases | undefined
  #opening = 0
  #reading = false
  #detached = false

  constructor(gateway: Gateway, identity: Identity, outlet: Outlet<Encoded>, maxChannels: number) {
    this.#gateway = gateway
    this.identity = identity
    this.#outlet = outlet
    this.session = new Session(maxChannels)
  }

  /** Whether a hook or a read is being waited for; `settled` follows when it is there. */
  get underWay(): boolean {
    return this.#opening > 0 || this.#reading
  }

  /** Whether there is more to write than there was room for. */
  get more(): boolean {
    return this.#wanting.size > 0 || this.#pending.size > 0
  }

  /** Whether pages are under way, which have been promised all the room there was. */
  get reading(): boolean {
    return this.#reading
  }

  /** Follows a channel; what becomes of it is told in events. */
  subscribe(channel: string, spec: SubscribeSpec): void {
    this.unsubscribe(channel)
    let follower: Follower
    try {
      follower = new Follower(this.session.subscribe(channel, spec), this)
    } catch (error) {
      this.#refuse(channel, error)
      return
    }
    this.#followers.set(channel, follower)
    const allowed = this.#gateway.authorize(this.identity, 'subscribe', channel)
    if (typeof allowed === 'boolean') this.#admit(follower, spec, allowed)
    else void this.#admitLater(follower, spec, allowed)
  }

  unsubscribe(channel: string): void {
    const follower = this.#followers.get(channel)
    if (follower !== undefined) this.#drop(follower)
  }

  /** Takes or renews this client's lease in a channel. */
  enter(channel: string, data: string): Promise<void> {
    this.#leases ??= new PresenceLeases(this.#gateway)
    return this.#leases.enter(this.identity, channel, data)
  }

  leave(channel: string): Promise<void> {
    this.#leases ??= new PresenceLeases(this.#gateway)
    return this.#leases.leave(this.identity, channel)
  }

  /** Renews every lease: the client has shown that it lives. */
  renew(): void {
    this.#leases?.renew(this.identity)
  }

  /** What it follows has moved. */
  moved(follower: Follower): void {
    this.#pull(follower)
    this.#settle()
  }

  /** The outlet has room again. */
  resume(): void {
    // Those that are full at once take their place behind the others.
    const pending = this.#pending
    this.#pending = NOBODY
    for (const follower of pending) this.#pull(follower)
    this.#readWanted()
    this.#settle()
  }

  /** Lets go of everything; the leases run out after their grace. */
  detach(options: { readonly keepLeases?: boolean } = {}): void {
    this.#detached = true
    for (const follower of this.#followers.values()) this.#drop(follower)
    this.#leases?.detach(this.identity, options.keepLeases === true)
  }

  /** All channels once more, so that an answer holds all there is. */
  pullAll(): void {
    for (const follower of this.#followers.values()) this.#pull(follower)
  }

  #admit(follower: Follower, spec: SubscribeSpec, allowed: boolean): void {
    const { subscription } = follower
    const { channel } = subscription
    if (!allowed) {
      this.#drop(follower)
      this.#refuse(
        channel,
        new ProtocolError('forbidden', `subscribing to ${JSON.stringify(channel)} is not allowed`),
      )
      return
    }
    const active = this.#gateway.hub.enter(channel, follower)
    follower.active = active
    if (spec.presence !== undefined) this.#announce(channel, spec.presence)
    if (subscription.resumeAt(active.tail)) {
      this.#outlet.event({ type: 'subscribed', channel, cursor: subscription.cursor as string })
      this.#pull(follower)
    } else {
      this.#want(follower)
    }
  }

  #want(follower: Follower): void {
    if (this.#wanting === NOBODY) this.#wanting = new Set()
    this.#wanting.add(follower)
    this.#readWanted()
  }

  /** A presence that is refused does not take the subscription with it: the `presence` command says why. */
  #announce(channel: string, data: string): void {
    this.enter(channel, data).catch((error: unknown) => {
      if (!(error instanceof ProtocolError)) this.#gateway.fault(error)
    })
  }

  #pull(follower: Follower): void {
    const { subscription, active } = follower
    if (active === undefined) return
    for (;;) {
      const { tail } = active
      if (tail === undefined) return
      const room = this.#outlet.room()
      if (room === undefined) {
        if (this.#pending === NOBODY) this.#pending = new Set()
        this.#pending.add(follower)
        return
      }
      const step = subscription.take(tail, room)
      switch (step.kind) {
        case 'idle':
          return
        case 'range':
          this.#batch(active.batch(this.#outlet.framing, tail, step), step.upTo - step.after)
          if (step.upTo === tail.top && tail.status === 'open') return
          break
        case 'read':
          this.#want(follower)
          return
        case 'ended':
          this.#drop(follower)
          this.#outlet.event(step.event)
          return
      }
    }
  }

  /** Asks for the pages that are wanted, in one go: the room there is, shared among the channels. */
  #readWanted(): void {
    if (this.#reading || this.#wanting.size === 0) return
    const room = this.#outlet.room()
    if (room === undefined) return
    const followers = [...this.#wanting]
    this.#wanting = NOBODY
    this.#reading = true
    const share = Math.max(1, Math.floor(room.count / followers.length))
    const limit = { count: share, bytes: Math.max(1, Math.floor(room.bytes / followers.length)) }
    Promise.all(followers.map((follower) => this.#read(follower, limit))).then(
      () => this.#continue(),
      () => this.#continue(),
    )
  }

  #continue(): void {
    this.#reading = false
    if (!this.#detached) this.resume()
  }

  async #read(follower: Follower, limit: PageLimit): Promise<void> {
    const { subscription, active } = follower
    const { state } = subscription
    if (active === undefined || state.kind === 'ended' || state.kind === 'live') return
    const from =
      state.kind === 'resolving'
        ? state.from
        : { epoch: state.epoch, offset: state.offset, stamp: state.stamp }
    const create = this.#gateway.creation(subscription.channel)
    try {
      const page = await this.#gateway.hub.read(active, {
        from,
        limit,
        conflate: subscription.conflate,
        create,
      })
      if (subscription.state === state) this.#arrive(follower, page)
    } catch (error) {
      this.#gateway.fault(error)
      if (subscription.state !== state) return
      this.#drop(follower)
      this.#refuse(
        subscription.channel,
        new ProtocolError('broker_unavailable', 'the log cannot be read now'),
      )
    }
  }

  #arrive(follower: Follower, page: Page): void {
    const { channel } = follower.subscription
    const { before, epoch, snapshot, entries, after } = follower.subscription.arrive(page)
    for (const event of before) this.#outlet.event(event)
    if (entries.length > 0) {
      const { framing } = this.#outlet
      this.#batch(framing.encode({ channel, epoch, snapshot }, entries), entries.length)
    }
    for (const event of after) this.#outlet.event(event)
    if (follower.subscription.state.kind === 'ended') this.#drop(follower)
    else this.#pull(follower)
  }

  #batch(encoded: Encoded, count: number): void {
    const { counters } = this.#gateway
    counters.deliveries += count
    counters.deliveredBytes += encoded.length
    this.#outlet.batch(encoded, count)
  }

  async #admitLater(follower: Follower, spec: SubscribeSpec, verdict: Promise<boolean>): Promise<void> {
    this.#opening++
    const allowed = await verdict
    this.#opening--
    if (follower.subscription.state.kind !== 'ended') this.#admit(follower, spec, allowed)
    this.#settle()
  }

  #settle(): void {
    if (!this.#detached && !this.underWay) this.#outlet.settled()
  }

  #drop(follower: Follower): void {
    const { subscription, active } = follower
    if (this.#followers.get(subscription.channel) === follower) {
      this.#followers.delete(subscription.channel)
      this.session.unsubscribe(subscription.channel)
    }
    this.#pending.delete(follower)
    this.#wanting.delete(follower)
    if (active !== undefined) this.#gateway.hub.leave(active, follower)
  }

  #refuse(channel: string, cause: unknown): void {
    const error =
      cause instanceof ProtocolError ? cause : new ProtocolError('internal', 'the subscription failed')
    this.#gateway.counters.refused(error.code)
    this.#outlet.event({ type: 'unsubscribed', channel, error: error.toWire() })
  }
}
