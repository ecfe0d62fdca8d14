/**
 * Hub and session together over a broker in both forms, one whose log is borrowed and one that lives elsewhere, late
 * and out of order: whatever happens to the channel, what each follower is given equals the log from its cursor on,
 * exactly once and in order, or an explicit gap that is justified; and nobody sleeps on what is available.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryBroker } from '../../broker/index.ts'
import type { Broker, ChannelOptions } from '../../channel/index.ts'
import { Hub } from '../hub.ts'
import { Elsewhere } from './elsewhere.test.ts'
import { Follower } from './follower.test.ts'
import { Reference } from './reference.test.ts'
import { Schedule } from './schedule.test.ts'

const PLAIN: ChannelOptions = {
  contentType: 'json',
  retention: { count: 9, ageMs: 1_000_000, bytes: 100_000 },
  ephemeral: false,
  conflated: false,
  maxKeys: 100,
}
const EPHEMERAL: ChannelOptions = { ...PLAIN, ephemeral: true, retention: { ...PLAIN.retention, count: 4 } }
const KEYED: ChannelOptions = { ...PLAIN, conflated: true }

const act = <const K extends string>(kind: K) =>
  fc.record({ kind: fc.constant(kind), who: fc.nat(2), much: fc.nat(9) })
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
const script = fc.array(
  fc.oneof(
    weighted(8, act('append')),
    weighted(8, act('steps')),
    weighted(2, act('trim')),
    weighted(1, act('delete')),
    weighted(1, act('close')),
    weighted(2, act('stall')),
    weighted(2, act('resume')),
    weighted(3, act('subscribe')),
    weighted(2, act('reconnect')),
    weighted(1, act('leave')),
    weighted(1, act('sweep')),
    weighted(1, act('rest')),
  ),
  { maxLength: 60, size: 'max' },
)
type Act = typeof script extends fc.Arbitrary<(infer A)[]> ? A : never

const NOW = 1_700_000_000_000

interface Setting {
  readonly options: ChannelOptions
  readonly conflate: boolean
  readonly elsewhere: boolean
  readonly failing: number
}

class World {
  readonly #schedule: Schedule
  readonly #broker = new MemoryBroker({ now: () => NOW, random: () => 0.5 })
  readonly #elsewhere: Elsewhere
  readonly #hub: Hub
  readonly #reference = new Reference()
  readonly #followers: Follower[]
  readonly #setting: Setting
  readonly #faults: unknown[] = []
  #serial = 0

  constructor(seed: number, setting: Setting) {
    this.#setting = setting
    this.#schedule = new Schedule(seed)
    this.#elsewhere = new Elsewhere(this.#broker, this.#schedule)
    this.#elsewhere.failing = setting.failing
    this.#hub = new Hub({
      broker: setting.elsewhere ? (this.#elsewhere as unknown as Broker) : this.#broker,
      defer: (task) => this.#schedule.later(task),
      tailBytes: 350,
      lingerSweeps: 1,
    })
    const { options, conflate } = setting
    const following = {
      hub: this.#hub,
      channel: 'c',
      reference: this.#reference,
      options,
      conflate,
      fault: (fault: unknown) => this.#faults.push(fault),
    }
    this.#followers = [1, 2, 3].map(() => new Follower(following))
  }

  async run(acts: readonly Act[]): Promise<{ delivered: number; gaps: number }> {
    await this.#broker.watch('c', (move) => this.#reference.moved(move))
    for (const each of acts) await this.#perform(each)
    await this.#rest()
    for (const follower of this.#followers) follower.leave()
    assert.equal(this.#hub.waiters, 0)
    for (let i = 0; i < 3; i++) this.#hub.sweep()
    await this.#schedule.drain()
    assert.deepEqual([this.#hub.size, this.#elsewhere.watches], [0, 0])
    const sum = (of: (follower: Follower) => number): number =>
      this.#followers.reduce((total, each) => total + of(each), 0)
    return { delivered: sum(({ delivered }) => delivered), gaps: sum(({ gaps }) => gaps) }
  }

  async #perform({ kind, who, much }: Act): Promise<void> {
    const follower = this.#followers[who] as Follower
    switch (kind) {
      case 'append':
        return this.#append(1 + much)
      case 'steps':
        for (let i = 0; i <= much * 2; i++) await this.#schedule.step()
        return
      case 'trim': {
        const top = this.#reference.current?.all.length ?? 0
        await this.#broker.trim('c', top + 2 - much)
        return
      }
      case 'delete':
        await this.#broker.delete('c')
        return
      case 'close':
        // A closed log takes nothing more: seldom, and deleted soon.
        if (much === 0) await this.#append(2, true)
        return
      case 'stall':
        follower.writable = false
        return
      case 'resume':
        return follower.resume()
      case 'subscribe':
        return follower.subscribe((['start', 'now', { last: 2 }] as const)[much % 3] ?? 'start')
      case 'reconnect':
        return follower.reconnect()
      case 'leave':
        return follower.leave()
      case 'sweep':
        return this.#hub.sweep()
      case 'rest':
        return this.#rest()
    }
  }

  async #append(count: number, close = false): Promise<void> {
    const { options } = this.#setting
    if (this.#reference.current?.status === 'closed') await this.#broker.delete('c')
    const entries = Array.from({ length: count }, () => {
      const data = String(++this.#serial)
      const key = 'abcde'[Math.floor(this.#schedule.random() * 5)] as string
      if (!options.conflated) return { data }
      return this.#schedule.chance(0.3) ? { data: 'null', key, remove: true } : { data, key }
    })
    this.#reference.appending = entries.map((entry) => ({
      time: NOW,
      data: entry.data,
      key: 'key' in entry ? entry.key : undefined,
      removed: 'remove' in entry,
      producer: undefined,
      stamp: undefined,
    }))
    const result = await this.#broker.append({ channel: 'c', entries, create: options, close })
    assert.equal(result.kind, 'appended')
  }

  /** The faults heal, nobody is slow, and everything comes to rest: everyone has everything. */
  async #rest(): Promise<void> {
    this.#elsewhere.failing = 0
    for (const follower of this.#followers) follower.resume()
    await this.#schedule.drain()
    if (this.#setting.failing > 0) {
      // What could not be read is tried again by the sweep.
      this.#hub.sweep()
      await this.#schedule.drain()
    }
    for (const fault of this.#faults) throw fault
    for (const follower of this.#followers) follower.checkAtRest()
    this.#elsewhere.failing = this.#setting.failing
  }
}

const KINDS: [string, Pick<Setting, 'options' | 'conflate'>][] = [
  ['plain', { options: PLAIN, conflate: false }],
  ['plain, conflation asked for', { options: PLAIN, conflate: true }],
  ['ephemeral', { options: EPHEMERAL, conflate: false }],
  ['keyed, every entry', { options: KEYED, conflate: false }],
  ['keyed, conflating', { options: KEYED, conflate: true }],
]
const PLACES: [string, Pick<Setting, 'elsewhere' | 'failing'>][] = [
  ['borrowed', { elsewhere: false, failing: 0 }],
  ['elsewhere', { elsewhere: true, failing: 0 }],
  ['elsewhere, and away at times', { elsewhere: true, failing: 0.2 }],
]

for (const [kind, log] of KINDS) {
  for (const [place, broker] of PLACES) {
    test(`G2: ${kind}; ${place}: the log from the cursor on, exactly once, or a justified gap`, async () => {
      const total = { delivered: 0, gaps: 0 }
      await fc.assert(
        fc.asyncProperty(fc.nat(), script, async (seed, acts) => {
          const { delivered, gaps } = await new World(seed, { ...log, ...broker }).run(acts)
          total.delivered += delivered
          total.gaps += gaps
        }),
        { numRuns: 250 },
      )
      assert.ok(
        total.delivered > 1_000 && total.gaps > 0,
        `hardly anything happened: ${JSON.stringify(total)}`,
      )
    })
  }
}
