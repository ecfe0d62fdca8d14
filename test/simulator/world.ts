/**
 * A world made from a plan: brokers, nodes, a network, clients, and the checkers around them. It starts everything,
 * says what happened, and stops everything; what goes wrong in it is decided elsewhere.
 */
import type { Broker, ChannelRule } from '../../src/channel/index.ts'
import type { ServerOptions } from '../../src/server/index.ts'
import { BrokerConnection } from './broker-connection.ts'
import { BrokerServer, nearBroker } from './brokers.ts'
import type { Chance } from './chance.ts'
import type { Network } from './client-path.ts'
import { LogStore } from './log-store.ts'
import { NodeHost } from './node-host.ts'
import type { Plan } from './plan.ts'
import { Publishers } from './publisher.ts'
import { type Entry, Reference } from './reference.ts'
import { Sleepers } from './sleepers.ts'
import { SimulatedClient } from './simulated-client.ts'
import { Trace } from './trace.ts'
import { TimerOwner, VirtualClock } from './virtual-clock.ts'

export interface Violation {
  readonly rule: string
  readonly what: string
  readonly atMs: number
}

const SECRET = 'that all nodes know'
const TOKEN_MS = 20_000
const LONG_TOKEN_MS = 7 * 86_400_000
const NIGHT_SWEEP_MS = 600_000

export class World implements Network {
  readonly plan: Plan
  readonly chance: Chance
  readonly clock: VirtualClock = new VirtualClock()
  readonly trace: Trace
  readonly reference: Reference
  readonly publishers: Publishers
  readonly sleepers: Sleepers
  /** Timers of the network, of the broker's machine, and of what happens to them all. */
  readonly network: TimerOwner = new TimerOwner('network')
  readonly brokerOwner: TimerOwner = new TimerOwner('broker')
  readonly script: TimerOwner = new TimerOwner('script')
  readonly hosts: NodeHost[]
  readonly clients: SimulatedClient[]
  readonly store: LogStore
  readonly server: BrokerServer | undefined
  readonly connections = new Map<TimerOwner, BrokerConnection>()
  readonly violations: Violation[] = []
  lostAnswers = 0
  duplicates = 0
  /** Everyone is asleep. */
  night = false
  /** Brokers that are down, or cut off from a node. */
  brokerTroubles = 0
  #brokerTroubleMs = -Infinity
  /** What is to happen right after something has been appended, while nobody has been told of it. */
  readonly afterAppend: (() => void)[] = []
  /** From here on every publication is to reach everyone soon. */
  promptFromMs: number
  brokerSkewMs = 0

  constructor(plan: Plan, chance: Chance, traced: boolean) {
    this.plan = plan
    this.chance = chance
    this.trace = new Trace(traced, () => this.clock.nowMs)
    this.promptFromMs = plan.calm ? 0 : Infinity
    this.reference = new Reference(
      () => this.clock.nowMs,
      (entry) => this.#appended(entry),
    )
    const copies = plan.faults.has('duplicated requests') || plan.broker !== 'memory'
    const violate = (rule: string, what: string): void => this.violate(rule, what)
    const note = (who: string, what: string): void => this.trace.note(who, what)
    this.publishers = new Publishers({
      reference: this.reference,
      copies,
      producers: plan.clients,
      violate,
      note,
    })
    this.sleepers = new Sleepers({
      clock: this.clock,
      owner: this.script,
      reference: this.reference,
      momentMs: this.momentMs,
      brokerTroubleMs: () => (this.brokerTroubles > 0 ? this.clock.nowMs : this.#brokerTroubleMs),
      violate,
    })
    this.store = new LogStore({
      reference: this.reference,
      stamped: plan.broker !== 'memory' && (plan.faults.has('rollback') || chance.happens(0.5)),
      now: () => this.clock.wallMs(this.brokerSkewMs),
      random: () => chance.next(),
    })
    this.server = this.#openServer()
    this.hosts = Array.from({ length: plan.nodes }, (_, at) => this.#openHost(`node${at}`))
    this.clients = Array.from({ length: plan.clients }, (_, at) => new SimulatedClient(this, at))
  }

  get linkMs(): Plan['linkMs'] {
    return this.plan.linkMs
  }

  get splits(): number {
    return this.plan.splits
  }

  /** What a node needs to hear of a publication, and to answer a poll that waits for it. */
  get momentMs(): number {
    return 50 + 8 * this.plan.brokerMs
  }

  channel(at: number): string {
    return `${this.plan.channels[at]}/${at}`
  }

  balance(): NodeHost {
    const up = this.hosts.filter((host) => host.up && host.node?.draining === false)
    return this.chance.pick(up.length > 0 && this.chance.happens(0.9) ? up : this.hosts)
  }

  /** From the machine of a node, past every client: without a producer, as a server publishes. */
  publishDirectly(channel: string): void {
    const host = this.hosts.find(({ up }) => up)
    const create = host?.node?.creation(channel)
    if (host?.broker === undefined || create === undefined) return
    const id = this.publishers.number(this.plan.clients, channel)
    const entry = { data: JSON.stringify({ n: id }), ...(create.conflated && { key: this.key() }) }
    host.broker.append({ channel, entries: [entry], create }).then(
      (result) => {
        if (result.kind === 'appended') this.publishers.acknowledged(id, {})
        else this.publishers.settled(id, 'turned away', result.kind)
      },
      (error: unknown) => this.publishers.settled(id, 'in_doubt', String(error)),
    )
  }

  /** By some node that is not simulated, straight into the broker. */
  #publishElsewhere(channel: string): void {
    const { server } = this
    const create = this.hosts[0]?.node?.creation(channel)
    if (server?.up !== true || create === undefined) return
    const id = this.publishers.number(this.plan.clients, channel)
    const entry = { data: JSON.stringify({ n: id }), ...(create.conflated && { key: this.key() }) }
    void server.write(() => server.store.append({ channel, entries: [entry], create }))
  }

  key(): string {
    return `k${this.chance.whole(0, 3)}`
  }

  token(client: number): string {
    const holdsMs = this.plan.faults.has('token expiry') ? TOKEN_MS : LONG_TOKEN_MS
    return `u${client}:${this.clock.wallMs() + holdsMs}`
  }

  note(who: string, what: string): void {
    this.trace.note(who, what)
  }

  violate(rule: string, what: string): void {
    this.violations.push({ rule, what, atMs: this.clock.nowMs })
    this.note('VIOLATION', `${rule}: ${what}`)
  }

  /** A broker is out of reach of some node, from now until the result is called. */
  brokerTrouble(): () => void {
    this.brokerTroubles++
    return () => {
      this.brokerTroubles--
      this.#brokerTroubleMs = this.clock.nowMs
    }
  }

  #appended(entry: Entry): void {
    this.note('broker', `${entry.channel} ${entry.offset} is ${entry.id} of ${entry.epoch}`)
    this.publishers.appended(entry)
    for (const act of this.afterAppend.splice(0))
      this.clock.after(this.script, this.chance.between(0, this.plan.linkMs.most), act)
    this.sleepers.appended(entry)
    if (this.clock.nowMs < this.promptFromMs) return
    for (const client of this.clients) client.expect(entry)
  }

  #openServer(): BrokerServer | undefined {
    const { broker, brokerMs } = this.plan
    if (broker === 'memory') return undefined
    return new BrokerServer({
      clock: this.clock,
      chance: this.chance,
      store: this.store,
      acknowledges: broker === 'disk' ? 'synced' : 'accepted',
      syncMs: brokerMs,
      owner: this.brokerOwner,
    })
  }

  #openHost(name: string): NodeHost {
    return new NodeHost(name, {
      clock: this.clock,
      random: () => this.chance.next(),
      options: this.#nodeOptions(),
      connect: (owner) => this.#connect(owner),
      sweepMs: (ms) => (this.night ? NIGHT_SWEEP_MS : ms),
      fault: (error) => this.#fault(error),
      exceeded: (what, bytes) => this.violate('buffers are bounded', `${bytes} bytes wait in ${what}`),
      polled: (host, body, response) => this.sleepers.polled(host, body, response),
    })
  }

  #connect(owner: TimerOwner): { broker: Broker; leave: () => void } {
    const { server } = this
    if (server === undefined) return { broker: nearBroker(this.store), leave: () => undefined }
    const { clock, chance } = this
    const distanceMs = this.plan.broker === 'disk' ? 0.1 : this.plan.brokerMs
    const watching = (channel: string): void => {
      if (!this.plan.crowded) return
      clock.after(this.script, chance.between(0, 1.5 * distanceMs), () => this.#publishElsewhere(channel))
    }
    const broker = new BrokerConnection(server, { clock, chance, owner, distanceMs, watching })
    this.connections.set(owner, broker)
    return {
      broker,
      leave: () => {
        this.connections.delete(owner)
        void broker.dispose()
      },
    }
  }

  #nodeOptions(): ServerOptions {
    const { plan } = this
    const rules: ChannelRule[] = [
      { pattern: 'ephemeral/*', ephemeral: true },
      { pattern: 'conflated/*', conflated: true, retention: plan.retention },
      { pattern: '*', retention: plan.retention },
    ]
    return {
      rules,
      secret: SECRET,
      limits: plan.limits,
      ...(plan.authenticated && {
        authenticate: async ({ token }) => {
          await this.pause(this.chance.between(0, 20))
          const [user, expires] = (token ?? '').split(':')
          return user === undefined || expires === undefined ? null : { user, expiresAt: Number(expires) }
        },
      }),
    }
  }

  /** Some time later; not while its owner is dead. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.network, ms, resolve))
  }

  #fault(error: unknown): void {
    const { name, message } = error as Error
    const { code } = error as { code?: string }
    if (code === 'broker_unavailable') this.note('node', message)
    else this.violate('no fault of its own', `a node reported ${name}: ${message}`)
  }
}
