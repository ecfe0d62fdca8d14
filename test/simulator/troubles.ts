/**
 * What goes wrong in a world, and how it is put right again: each fault takes hold of one part, for a while that
 * chance decides, and `heal` ends all of them.
 */
import type { TransportName } from '../../src/client/options.ts'
import { TRANSPORT_ORDER } from '../../src/client/options.ts'
import type { NodeHost } from './node-host.ts'
import type { Fault } from './plan.ts'
import type { SimulatedClient } from './simulated-client.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
const SWITCHES: readonly (TransportName | 'auto')[] = ['auto', ...TRANSPORT_ORDER]

export class Troubles {
  readonly #world: World
  /** What is out of order now, by what puts it right. */
  readonly #repairs = new Set<() => void>()
  #over = false

  constructor(world: World) {
    this.#world = world
    const { faults } = world.plan
    if (faults.has('lost answers')) world.lostAnswers = world.chance.between(0.02, 0.3)
    if (faults.has('duplicated requests')) world.duplicates = world.chance.between(0.02, 0.3)
  }

  /** Faults at moments of the next `ms`. */
  schedule(ms: number): void {
    const { chance, clock, plan, script } = this.#world
    const kinds = [...plan.faults].filter((fault) => fault in this.#acts)
    if (kinds.length === 0) return
    for (let count = plan.calm ? 2 : plan.faultCount; count > 0; count--) {
      const fault = chance.pick(kinds)
      clock.after(script, chance.between(0, ms), () => {
        if (!this.#over) this.#acts[fault]?.()
      })
    }
  }

  /** Everything works from here on. */
  heal(): void {
    this.#over = true
    this.#world.note('world', 'heals')
    this.#world.lostAnswers = this.#world.duplicates = this.#world.brokerSkewMs = 0
    for (const stepped of [...this.#world.clients, ...this.#world.hosts]) stepped.skewMs = 0
    for (const repair of [...this.#repairs]) repair()
  }

  readonly #acts: Partial<Record<Fault, () => void>> = {
    reset: () => this.#client('reset').path.cut(),
    'half-open': () => this.#client('silence').path.silence(),
    offline: () => this.#offline(),
    pause: () => this.#pause(),
    'a day asleep': () => this.#sleep(),
    'node crash': () => this.#atOnceOrAtWorst(() => this.#crashNode()),
    'node drained': () => this.#drain(),
    'broker crash': () => this.#atOnceOrAtWorst(() => this.#crashBroker(0)),
    'broker cut off': () => this.#cutOffBroker(),
    rollback: () => this.#crashBroker(this.#world.chance.whole(1, 6)),
    'clock step': () => this.#stepClock(),
    trim: () => this.#trim(),
    switch: () => this.#client('a switch').use(this.#world.chance.pick(SWITCHES)),
  }

  #client(what: string): SimulatedClient {
    const client = this.#world.chance.pick(this.#world.clients)
    this.#world.note('trouble', `${client.name}: ${what}`)
    return client
  }

  /** Lasts until its time is up, or until everything heals. */
  #last(ms: number, repair: () => void): void {
    const { clock, script } = this.#world
    const once = (): void => {
      if (this.#repairs.delete(once)) repair()
    }
    this.#repairs.add(once)
    clock.after(script, ms, once)
  }

  /** Now, or when something has just been appended and its acknowledgement is on its way. */
  #atOnceOrAtWorst(act: () => void): void {
    const { afterAppend, chance } = this.#world
    if (chance.happens(0.5)) return act()
    afterAppend.push(() => {
      if (!this.#over) act()
    })
  }

  #whileMs(): number {
    return this.#world.chance.magnitude(50, 60_000)
  }

  #offline(): void {
    const { chance } = this.#world
    const { path } = this.#client('offline')
    path.state = chance.happens(0.5) ? 'refused' : 'swallowed'
    if (path.state === 'refused') path.cut()
    else path.silence()
    this.#last(this.#whileMs(), () => (path.state = 'up'))
  }

  #pause(): void {
    const { path } = this.#client('reads nothing')
    path.pause()
    this.#last(this.#whileMs(), () => path.resume())
  }

  /** Lids are closed, and opened the next day. */
  #sleep(): void {
    const { clients, clock, network } = this.#world
    if (this.#world.night) return
    this.#world.note('trouble', 'everyone sleeps')
    this.#world.night = true
    for (const { owner, path } of clients) {
      clock.sleep(owner)
      path.silence()
      path.state = 'swallowed'
    }
    // By a timer that no healing shortens: the script sleeps too.
    clock.sleep(this.#world.script)
    clock.after(network, DAY_MS, () => {
      this.#world.night = false
      clock.wake(this.#world.script)
      for (const { owner, path } of clients) {
        path.cut()
        path.state = 'up'
        clock.wake(owner)
      }
    })
  }

  #crashNode(): void {
    const { chance, hosts, server } = this.#world
    const host = chance.pick(hosts)
    if (!host.up) return
    this.#world.note('trouble', `${host.name} crashes`)
    host.crash(chance.happens(0.3))
    const over = this.#world.brokerTrouble()
    if (this.#world.plan.broker === 'memory') void this.#world.store.lose()
    if (this.#world.plan.broker === 'disk') void server?.crash()
    this.#last(this.#whileMs() / 4, () => {
      over()
      this.#startNode(host)
    })
  }

  #startNode(host: NodeHost): void {
    if (host.up) return
    this.#world.note('trouble', `${host.name} starts`)
    if (this.#world.plan.broker === 'disk') this.#world.server?.start()
    host.start()
  }

  /** Goes in good order, and comes back. */
  #drain(): void {
    const { chance, clock, hosts, plan, script } = this.#world
    const host = chance.pick(hosts)
    // A log in memory would go with it, which is the matter of a crash.
    if (!host.up || plan.broker === 'memory' || host.node?.draining === true) return
    this.#world.note('trouble', `${host.name} is drained`)
    host.drain()
    const { life } = host
    const restart = (): void => {
      if (host.life !== life || !host.up) return
      host.crash(false)
      if (plan.broker === 'disk') void this.#world.server?.crash()
      this.#startNode(host)
    }
    clock.after(script, 1_000, restart)
  }

  /** @param lost changes that a restored backup does not have; 0: it starts from its disk as it is. */
  #crashBroker(lost: number): void {
    const { connections, hosts, plan, server } = this.#world
    if (server === undefined || !server.up) return
    if (plan.broker === 'disk' && lost === 0) return this.#crashNode()
    this.#world.note('trouble', lost > 0 ? `a backup is restored, ${lost} changes old` : 'the broker crashes')
    const over = this.#world.brokerTrouble()
    // Whoever restores a backup restarts what stood on it.
    if (lost > 0) for (const host of hosts) host.crash(false)
    for (const connection of connections.values()) connection.cutOff()
    void server.crash().then(() => (lost > 0 ? server.rollBack(lost) : undefined))
    this.#last(this.#whileMs() / 4, () => {
      server.start()
      over()
      for (const connection of connections.values()) connection.restored()
      if (lost > 0) for (const host of hosts) if (!host.up) this.#startNode(host)
    })
  }

  #cutOffBroker(): void {
    const { chance, connections } = this.#world
    if (connections.size === 0) return
    const connection = chance.pick([...connections.values()])
    this.#world.note('trouble', 'a node is cut off from its broker')
    const over = this.#world.brokerTrouble()
    connection.cutOff()
    this.#last(this.#whileMs() / 4, () => {
      over()
      connection.restored()
    })
  }

  #stepClock(): void {
    const { chance, clients, hosts } = this.#world
    const stepMs = chance.pick([-1, 1]) * chance.magnitude(100, 3_600_000)
    const stepped = chance.pick([...clients, ...hosts, undefined])
    this.#world.note(
      'trouble',
      `the clock of ${stepped?.name ?? 'the broker'} steps by ${Math.round(stepMs)} ms`,
    )
    if (stepped === undefined) this.#world.brokerSkewMs += stepMs
    else stepped.skewMs += stepMs
  }

  #trim(): void {
    const { chance, hosts, plan, reference } = this.#world
    const channel = this.#world.channel(chance.whole(0, plan.channels.length - 1))
    const before = reference.top(channel) + 1 - chance.whole(0, 5)
    const host = chance.pick(hosts)
    if (before < 2 || host.broker === undefined) return
    this.#world.note('trouble', `${channel} is trimmed before ${before}`)
    host.broker.trim(channel, before).catch(() => undefined)
  }
}
