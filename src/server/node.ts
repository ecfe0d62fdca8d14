/**
 * One node: the gateway that transports talk to, made of the broker, the hub, admission, the application's hooks
 * and the limits. It owns the one timer of a node, and no socket.
 */
import {
  type Broker,
  type ChannelOptions,
  ChannelRules,
  type ContentType,
  presenceSubject,
} from '../channel/index.ts'
import { Hub } from '../hub/index.ts'
import { Roster } from '../roster/index.ts'
import type { StreamsHost } from '../streams/index.ts'
import {
  type AnnouncedLimits,
  type Bye,
  ERRORS,
  ProtocolError,
  type Reply,
  type Request,
} from '../protocol/index.ts'
import {
  type Action,
  type Admission,
  type Awaitable,
  type Carriers,
  Counters,
  DEFAULT_LIMITS,
  HeldRequests,
  type Identity,
  type Limits,
  type Peer,
  PollNotes,
} from '../transport/index.ts'
import { DeadlineSweep, flushOutbound } from '../wire/index.ts'
import { Admissions, type Presented } from './admission.ts'
import { Calls } from './calls.ts'
import { type NodeClock, systemClock } from './clock.ts'
import { Commands } from './commands.ts'
import { drainCarriers, type DrainOptions } from './drain.ts'
import type { ServerOptions } from './options.ts'
import { NODE_ITSELF } from './own-subscriptions.ts'
import { RateLimit } from './rate-limit.ts'
import { Receivers } from './receivers.ts'

const SWEEP_MS = 1_000
/**
 * What changes a channel's log. A client's own presence is not among it: a rule has `presence` for that, and the members
 * of a channel are written by nothing else.
 */
const WRITES: ReadonlySet<Action> = new Set(['publish', 'trim', 'create', 'close', 'delete'])
/** Leases of live connections are renewed this many times in the time that they hold. */
const RENEWALS_PER_LEASE = 3

const GOING: Bye = {
  type: 'bye',
  code: 'draining',
  message: 'the node is going away',
  retry: ERRORS.draining.retry,
}

export class HoldfastNode implements StreamsHost {
  readonly hub: Hub
  readonly limits: Limits
  readonly carriers: Carriers = new Roster('carrierPlace')
  readonly held: HeldRequests
  readonly counters: Counters = new Counters()
  readonly pollNotes: PollNotes | undefined
  readonly calls: Calls
  readonly receivers: Receivers
  readonly deadlines: DeadlineSweep
  readonly #broker: Broker
  readonly #rules: ChannelRules
  readonly #admissions: Admissions
  readonly #commands: Commands
  readonly #authenticate: ServerOptions['authenticate']
  readonly #authorize: ServerOptions['authorize']
  readonly #onError: (error: unknown) => void
  readonly #rate: RateLimit
  readonly #clock: NodeClock
  readonly #stopSweeping: () => void
  #renewedMs = 0
  #standing: 'serving' | 'draining' | 'closed' = 'serving'
  #drained: Promise<void> | undefined

  constructor(broker: Broker, options: ServerOptions, clock: NodeClock = systemClock) {
    this.#broker = broker
    this.#clock = clock
    this.deadlines = new DeadlineSweep(
      () => clock.elapsed(),
      (ms, run) => clock.every(ms, run),
    )
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#rules = new ChannelRules(options.rules, broker.retention)
    this.#authenticate = options.authenticate
    this.#authorize = options.authorize
    this.#onError = options.onError ?? ((error): void => console.error('holdfast:', error))
    this.hub = new Hub({ broker, defer: (task) => clock.defer(task), flushed: flushOutbound })
    this.held = new HeldRequests(this.limits.heldPerSession)
    this.pollNotes = options.admin === undefined ? undefined : new PollNotes()
    this.calls = new Calls(this.#onError)
    this.receivers = new Receivers(this.#onError)
    this.#rate = new RateLimit({
      perSecond: this.limits.commandsPerSecond,
      burst: this.limits.commandBurst,
    })
    this.#admissions = new Admissions(options, this.#announced(), () => this.now())
    this.#commands = new Commands({
      broker,
      limits: this.limits,
      calls: this.calls,
      receivers: this.receivers,
      counters: this.counters,
      now: () => this.now(),
      creation: (channel) => this.creation(channel),
      onError: this.#onError,
    })
    this.#stopSweeping = clock.every(SWEEP_MS, () => this.#sweep())
  }

  get broker(): Broker {
    return this.#broker
  }

  get anonymous(): boolean {
    return this.#authenticate === undefined && this.#authorize === undefined
  }

  /** Whether it is going away: nobody new is served. */
  get draining(): boolean {
    return this.#standing !== 'serving'
  }

  /** Whether it has gone: nobody is served at all. */
  get closed(): boolean {
    return this.#standing === 'closed'
  }

  now(): number {
    return this.#clock.now()
  }

  after(ms: number, run: () => void): () => void {
    return this.#clock.after(ms, run)
  }

  random(): number {
    return this.#clock.random()
  }

  admit(presented: Presented, peer: Peer): Awaitable<Admission> {
    return this.#admissions.admit(presented, peer)
  }

  authorize(identity: Identity, action: Action, subject: string): Awaitable<boolean> {
    if (WRITES.has(action) && (presenceSubject(subject) !== undefined || !this.#rules.mayPublish(subject)))
      return false
    if (this.#authorize === undefined || identity === NODE_ITSELF) return true
    // Who may follow a channel's members is asked of the channel itself.
    const channel = action === 'call' ? undefined : (presenceSubject(subject) ?? subject)
    const method = action === 'call' ? subject : undefined
    try {
      const verdict: unknown = this.#authorize({ action, channel, method, identity })
      return verdict instanceof Promise ? this.#settled(verdict) : verdict === true
    } catch (error) {
      this.#onError(error)
      return false
    }
  }

  fault(error: unknown): void {
    this.#onError(error)
  }

  allowCommand(identity: Identity): boolean {
    // A user who is called like an address must not share its bucket.
    const { user, address } = identity
    return this.#rate.take(user === undefined ? `address ${address}` : `user ${user}`, this.now())
  }

  execute(request: Request, identity: Identity): Promise<Reply> {
    return this.#commands.execute(request, identity)
  }

  creation(channel: string): ChannelOptions | undefined {
    const subject = presenceSubject(channel)
    const may = subject === undefined ? this.#rules.mayCreate(channel) : this.#rules.hasPresence(subject)
    return may ? this.#rules.optionsFor(channel) : undefined
  }

  streamOptions(channel: string, contentType: ContentType): ChannelOptions | undefined {
    return this.#rules.streamOptionsFor(channel, contentType)
  }

  async enter(
    identity: Identity,
    channel: string,
    data: string | undefined,
    attach: boolean,
  ): Promise<number> {
    if (!this.#rules.hasPresence(channel)) {
      throw new ProtocolError('no_presence', `${JSON.stringify(channel)} keeps no presence`)
    }
    const allowed = await this.authorize(identity, 'presence', channel)
    if (!allowed) throw new ProtocolError('forbidden', 'announcing presence is not allowed')
    const { publicationBytes } = this.limits
    if (data !== undefined && Buffer.byteLength(data) > publicationBytes) {
      throw new ProtocolError('too_large', `data about a member is at most ${publicationBytes} bytes`)
    }
    const { member, session } = identity
    const ttlMs = this.limits.presenceLeaseMs
    const { generation } = await this.#broker.lease({ channel, member, session, data, ttlMs, attach })
    return generation
  }

  leave(identity: Identity, channel: string, generation: number | undefined): Promise<void> {
    const { member, session } = identity
    const graceMs = generation === undefined ? 0 : this.limits.presenceGraceMs
    return this.#broker.release({
      channel,
      member,
      session,
      graceMs,
      ...(generation === undefined ? {} : { generation }),
    })
  }

  /** Takes nobody new, and asks everyone who is there to move, each at a moment of its own. */
  drain(options: DrainOptions): Promise<void> {
    if (this.#standing === 'serving') this.#standing = 'draining'
    const { carriers } = this
    const after = (ms: number, run: () => void): (() => void) => this.after(ms, run)
    this.#drained ??= drainCarriers({ carriers, after, random: () => this.random(), bye: GOING }, options)
    return this.#drained
  }

  /** Says goodbye to everyone, and stops. */
  dispose(): void {
    this.#standing = 'closed'
    this.#stopSweeping()
    for (const carrier of this.carriers) carrier.dismiss(GOING)
  }

  async #settled(verdict: Promise<unknown>): Promise<boolean> {
    try {
      return (await verdict) === true
    } catch (error) {
      this.#onError(error)
      return false
    }
  }

  #announced(): AnnouncedLimits {
    const { publicationBytes, channelsPerPoll, commandsPerSecond, commandBurst, holdMs } = this.limits
    return { publicationBytes, channelsPerSession: channelsPerPoll, commandsPerSecond, commandBurst, holdMs }
  }

  #sweep(): void {
    const now = this.now()
    this.hub.sweep()
    this.#rate.sweep(now)
    this.pollNotes?.sweep(now)
    const elapsed = this.#clock.elapsed()
    for (const carrier of this.carriers) carrier.sweep(now, elapsed)
    if (now - this.#renewedMs >= this.limits.presenceLeaseMs / RENEWALS_PER_LEASE) {
      this.#renewedMs = now
      for (const carrier of this.carriers) carrier.renew?.()
    }
    this.#broker.sweep().catch(this.#onError)
  }
}
