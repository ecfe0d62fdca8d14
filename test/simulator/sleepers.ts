/**
 * Nobody sleeps on what is there: a held poll is answered soon after something it could be answered with can be
 * read, and a subscriber that nothing troubles is given it soon. Both are asked a moment later, for each publication
 * and for each poll; without this, whatever a timeout heals would never be noticed.
 */
import { parseCursor } from '../../src/channel/index.ts'
import type { Follower } from './follower.ts'
import type { NodeHost } from './node-host.ts'
import type { Entry, Reference } from './reference.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'

export interface SleepersSurroundings {
  readonly clock: VirtualClock
  readonly owner: TimerOwner
  readonly reference: Reference
  /** What a node needs to hear of a publication and answer, milliseconds. */
  readonly momentMs: number
  /** When something last went wrong with a broker, or a node's way to it. */
  readonly brokerTroubleMs: () => number
  violate(rule: string, what: string): void
}

interface HeldPoll {
  readonly host: NodeHost
  readonly life: number
  readonly channels: readonly [channel: string, cursor: string][]
  readonly response: { readonly destroyed: boolean; readonly headersSent?: boolean }
  readonly arrivedMs: number
}

export class Sleepers {
  readonly #surroundings: SleepersSurroundings
  #polls: HeldPoll[] = []

  constructor(surroundings: SleepersSurroundings) {
    this.#surroundings = surroundings
  }

  /** A request to be held has reached a node. */
  polled(host: NodeHost, body: string, response: { readonly destroyed: boolean }): void {
    const { subscribe } = JSON.parse(body) as { subscribe: Record<string, { from: string }> }
    const channels = Object.entries(subscribe).map(([channel, { from }]): [string, string] => [channel, from])
    const arrivedMs = this.#surroundings.clock.nowMs
    const poll: HeldPoll = { host, life: host.life, channels, response, arrivedMs }
    this.#polls = this.#polls.filter((each) => this.#waits(each))
    this.#polls.push(poll)
    const there = channels.filter(([channel, from]) => this.#lagsBehind(channel, from, arrivedMs))
    if (there.length === 0) return
    this.#later(() => {
      for (const [channel] of there) this.#ask(poll, channel, 'when it came')
    })
  }

  /** A publication can be read. */
  appended({ channel, epoch, offset }: Entry): void {
    const { clock } = this.#surroundings
    const appendedMs = clock.nowMs
    this.#later(() => {
      this.#polls = this.#polls.filter((each) => this.#waits(each))
      for (const poll of this.#polls) {
        if (poll.arrivedMs > appendedMs) continue
        for (const [followed, from] of poll.channels) {
          const place = parseCursor(from)
          if (followed === channel && place?.epoch === epoch && place.offset < offset)
            this.#ask(poll, channel, `since ${offset} was appended`)
        }
      }
    })
  }

  /**
   * A subscriber whom nothing troubles is to be given a publication within `ms`; one that is only now finding its
   * place, within `ms` of having found it.
   */
  expect(follower: Follower, entry: Entry, options: { ms: number; cursor: () => string | undefined }): void {
    const { clock, owner, reference } = this.#surroundings
    clock.after(owner, options.ms, () => {
      const place = parseCursor(options.cursor() ?? '')
      if (place?.epoch !== entry.epoch || place.offset >= entry.offset) return
      if (reference.ended.has(entry.epoch)) return
      if ((follower.begunMs ?? Infinity) > clock.nowMs - options.ms)
        return this.expect(follower, entry, options)
      this.#surroundings.violate(
        'promptness',
        `${follower.name} stands at ${place.offset} of ${entry.channel}, ${Math.round(options.ms)} ms after ${entry.offset} was appended`,
      )
    })
  }

  #later(run: () => void): void {
    const { clock, owner, momentMs } = this.#surroundings
    clock.after(owner, momentMs, run)
  }

  #lagsBehind(channel: string, from: string, nowMs: number): boolean {
    const place = parseCursor(from)
    const life = this.#surroundings.reference.lives.get(channel)
    if (place === undefined || life?.epoch !== place.epoch) return false
    const last = life.chain.at(-1)
    return last !== undefined && last.offset > place.offset && last.atMs <= nowMs
  }

  #waits({ host, life, response }: HeldPoll): boolean {
    return host.up && host.life === life && !response.destroyed && response.headersSent !== true
  }

  #ask(poll: HeldPoll, channel: string, since: string): void {
    const { clock, momentMs, brokerTroubleMs } = this.#surroundings
    if (!this.#waits(poll) || brokerTroubleMs() > clock.nowMs - 2 * momentMs - 2_000) return
    this.#surroundings.violate(
      'promptness',
      `a poll held by ${poll.host.name} sleeps, though ${channel} has something for it ${since}`,
    )
  }
}
