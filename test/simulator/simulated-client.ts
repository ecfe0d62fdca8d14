/**
 * A client on a simulated device: the product's own, on a clock and a network of the simulation, with what its
 * application follows and publishes, and what each of its handlers is checked by.
 */
import type { Channel } from '../../src/client/channel.ts'
import { HoldfastClient } from '../../src/client/client.ts'
import { openersFor } from '../../src/client/endpoints.ts'
import { HoldfastError } from '../../src/client/errors.ts'
import type { TransportName } from '../../src/client/options.ts'
import type { Subscription } from '../../src/client/subscription.ts'
import type { Timers } from '../../src/client/timers.ts'
import { type Cursor, parseCursor } from '../../src/channel/index.ts'
import { ClientPath } from './client-path.ts'
import { type Followed, Follower } from './follower.ts'
import type { Entry } from './reference.ts'
import { TimerOwner } from './virtual-clock.ts'
import type { World } from './world.ts'

interface Following {
  readonly follower: Follower
  readonly subscription: Subscription
  /** It takes its time for each publication. */
  readonly slow: boolean
  /** What it had received when its buffer was last looked at. */
  inspected: Cursor | undefined
}

export interface FollowOptions {
  readonly channel: string
  readonly from: Followed['from']
  readonly conflate?: boolean
  /** Reads as an iterator, and takes this long for each publication, milliseconds. */
  readonly iteratesMs?: number
}

const PADDING = 'x'.repeat(400)
/** A moment for what runs at once in a process. */
const SLACK_MS = 50
/** How long a regular poll waits while nothing comes, as nodes suggest it, and the slack they give. */
const POLL_MS = 5_000
const ABOUT_TOKENS = ['unauthenticated', 'client_closed', 'rate_limited']
/** How long a client waits at most before it comes back, the first time and the second. */
const BACKOFF_MS = 1_500

export class SimulatedClient {
  readonly name: string
  readonly path: ClientPath
  readonly owner: TimerOwner
  readonly client: HoldfastClient
  skewMs = 0
  followings: Following[] = []
  readonly #world: World
  readonly #at: number
  #made = 0

  constructor(world: World, at: number) {
    this.#world = world
    this.#at = at
    this.name = `client${at}`
    this.owner = new TimerOwner(this.name)
    this.path = new ClientPath(this.name, world)
    this.client = this.#open()
  }

  /** How long a publication may take to get here at most while nothing is amiss, milliseconds. */
  get promptMs(): number {
    const { linkMs, transports, faults, limits, burst, calm } = this.#world.plan
    // Trouble may have led it down to polling.
    const slow =
      transports.includes('polling') || faults.has('switch') || (!calm && transports.includes('auto'))
    // A stream or a poll that ends with its token comes back after a while.
    const expiryMs = faults.has('token expiry') ? BACKOFF_MS + 4 * linkMs.most : 0
    // A long poll whose answer is on its way comes back once more before it can be told.
    // Where an answer holds one publication, a burst takes as many round trips.
    const small = limits.pagePublications < 300 || limits.pageBytes < 65_536
    // And a later subscription of a channel that begins at its start comes first, until it has caught up.
    const history = faults.has('late subscriber') ? this.#world.reference.longest : 0
    const roundTripsMs = (small ? 8 * (burst + history) : 10) * linkMs.most
    return SLACK_MS + 2 * this.#world.momentMs + roundTripsMs + (slow ? POLL_MS : 0) + expiryMs
  }

  follow({ channel, from, conflate = false, iteratesMs }: FollowOptions): Follower {
    const { reference } = this.#world
    const followed: Followed = {
      channel,
      from,
      conflate,
      ephemeral: channel.startsWith('ephemeral'),
      topThen: reference.top(channel),
      epochThen: reference.lives.get(channel)?.epoch,
    }
    const follower = new Follower(`${this.name}.${++this.#made}`, followed, this.#world)
    const options = {
      from: typeof from === 'object' ? from.cursor : from,
      conflate,
      onGap: follower.gap.bind(follower),
    }
    const channelOf = this.client.channel(channel)
    const subscription =
      iteratesMs === undefined
        ? channelOf.subscribe(options, (publication) => {
            follower.take(publication)
            this.#maybeResubscribe(following)
          })
        : channelOf.subscribe(options)
    const following: Following = {
      follower,
      subscription,
      slow: iteratesMs !== undefined,
      inspected: undefined,
    }
    this.followings.push(following)
    subscription.ready.then(
      (cursor) => follower.begin(cursor),
      () => undefined,
    )
    if (iteratesMs !== undefined) void this.#iterate(following, iteratesMs)
    return follower
  }

  publish(channel: string): void {
    const { publishers, chance } = this.#world
    const keyed = channel.startsWith('conflated')
    const of: Channel = this.client.channel(channel)
    if (keyed && chance.happens(0.4)) {
      of.remove(this.#world.key()).catch(() => undefined)
      return
    }
    const id = publishers.number(this.#at, channel)
    this.#world.note(this.name, `publishes ${id}`)
    const padding = chance.happens(0.3) ? PADDING : ''
    of.publish({ n: id, padding }, keyed ? { key: this.#world.key() } : {}).then(
      (published) => publishers.acknowledged(id, published),
      (error: unknown) => {
        const code = error instanceof HoldfastError ? error.code : String(error)
        publishers.settled(id, code === 'in_doubt' ? 'in_doubt' : 'turned away', code)
      },
    )
  }

  use(transport: TransportName | 'auto'): void {
    this.#world.note(this.name, `wants ${transport}`)
    this.client.use(transport).catch((error: Error) => this.#world.note(this.name, `stays: ${error.message}`))
  }

  /** A publication is to be here soon. */
  expect(entry: Entry): void {
    for (const { follower, subscription, slow } of this.followings) {
      if (slow || follower.followed.channel !== entry.channel) continue
      const cursor = (): string | undefined =>
        this.followings.some((each) => each.subscription === subscription) ? subscription.cursor : undefined
      this.#world.sleepers.expect(follower, entry, { ms: this.promptMs, cursor })
    }
  }

  /** What keeps it from having everything that there is; undefined when nothing does. */
  lag(): string | undefined {
    const { reference } = this.#world
    for (const { follower, subscription } of this.followings) {
      const life = reference.lives.get(follower.followed.channel)
      if (life === undefined) continue
      const place = parseCursor(subscription.cursor ?? '')
      const top = life.chain.length - 1
      if (place?.epoch !== life.epoch || place.offset !== top)
        return `${follower.name} stands at ${subscription.cursor}, and ${follower.followed.channel} ends at ${top} of ${life.epoch}`
    }
    const { outbox, status } = this.client.state
    if (status !== 'connected') return `${this.name} is ${status}`
    return outbox > 0 ? `${outbox} publications of ${this.name} (${status}) wait` : undefined
  }

  /** The bounds of what it keeps: only for who iterates does anything wait. */
  inspect(): void {
    for (const following of this.followings) {
      if (!following.slow) continue
      const { received } = following.subscription as unknown as { received: Cursor | undefined }
      if (received === following.inspected) continue
      following.inspected = received
      this.#checkBuffer(following)
    }
  }

  #checkBuffer({ follower, subscription, inspected }: Following): void {
    const { plan, reference } = this.#world
    const { conflate, ephemeral } = follower.followed
    const place = parseCursor(subscription.cursor ?? '')
    if (conflate || ephemeral || place === undefined || inspected?.epoch !== place.epoch) return
    // Where a gap lies between the two, it alone waits for all that was trimmed.
    if ((reference.floors.get(place.epoch) ?? 1) > place.offset + 1) return
    const waiting = inspected.offset - place.offset
    if (waiting > plan.iteratorLimit)
      this.#world.violate('buffers are bounded', `${waiting} publications wait in ${follower.name}`)
  }

  close(): void {
    for (const { follower, subscription } of this.followings) {
      if (subscription.cursor !== undefined) follower.arriveAt(subscription.cursor)
    }
    this.client.close()
    if (this.owner.live > 0)
      this.#world.violate('nothing is left', `${this.name} is closed, and has ${this.owner.live} timers`)
  }

  #open(): HoldfastClient {
    const { clock, chance, plan, faults } = { ...this.#world, faults: this.#world.plan.faults }
    const timers: Timers = {
      now: () => clock.wallMs(this.skewMs),
      after: (ms, run) => clock.after(this.owner, ms, run),
      random: () => chance.next(),
    }
    const onError = (error: unknown): void => {
      const { code } = error as { code?: string }
      // That a token could not be shown is the application's to know.
      if (code !== undefined && ABOUT_TOKENS.includes(code)) return
      this.#world.violate('no fault of its own', `${this.name} reported ${String(error)}`)
    }
    const options = {
      transport: chance.pick(plan.transports),
      iteratorLimit: plan.iteratorLimit,
      onError,
      fetch: ((_url: string, { body, signal }: RequestInit) =>
        this.path.fetch(body as string, signal)) as unknown as typeof fetch,
      ...(plan.authenticated && { token: () => this.#world.token(this.#at) }),
    }
    const stepping = faults.has('clock step')
    if (stepping) this.skewMs = chance.between(-3_600_000, 3_600_000)
    const openers = openersFor('http://node', options, (_url, _protocol, events) => this.path.open(events))
    return new HoldfastClient(options, { timers, openers, watch: () => () => undefined })
  }

  async #iterate(following: Following, ms: number): Promise<void> {
    const { clock } = this.#world
    for await (const publication of following.subscription) {
      following.follower.take(publication)
      if (ms > 0) await new Promise<void>((resolve) => clock.after(this.#world.network, ms, resolve))
    }
  }

  /** Leaves in mid-delivery, and follows on from where it stands. */
  #maybeResubscribe(following: Following): void {
    const { chance, plan } = this.#world
    if (!plan.faults.has('resubscribe') || !chance.happens(0.2)) return
    const { subscription, follower } = following
    const cursor = subscription.cursor as string
    this.followings = this.followings.filter((each) => each !== following)
    subscription.close()
    this.#world.note(follower.name, 'leaves, and follows on')
    const { channel, conflate } = follower.followed
    this.follow({ channel, from: { cursor }, conflate }).continues(follower)
  }
}
