/** The wire of the two kinds of polling: one request after the other, each with the cursors of the last answer. */
import type { NodeUnderTest, PollBody, WireEvent } from '../server/node-under-test.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Follower, type FollowerOptions, postCommands, type Spec } from './follower.ts'

export class PollFollower extends Follower {
  readonly #live: false | 'long-poll'
  /** The nodes that answer in turn; all of them over one broker. */
  readonly #nodes: readonly NodeUnderTest[]
  #abort: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  readonly answers: PollBody[] = []

  constructor(
    nodes: NodeUnderTest | readonly NodeUnderTest[],
    live: false | 'long-poll',
    options: FollowerOptions = {},
  ) {
    const all = Array.isArray(nodes) ? (nodes as readonly NodeUnderTest[]) : [nodes as NodeUnderTest]
    super(all.at(0)!, options)
    this.#nodes = all
    this.#live = live
  }

  async follow(channels: Readonly<Record<string, Spec>>): Promise<void> {
    this.#abort?.abort()
    await this.#loop
    this.choose(channels)
    const abort = new AbortController()
    this.#abort = abort
    this.#loop = this.#poll(abort.signal).catch(() => undefined)
  }

  send(...commands: readonly Command[]): Promise<WireEvent[]> {
    return postCommands(this.node, this.credentials, commands)
  }

  async close(): Promise<void> {
    this.#abort?.abort()
    await this.#loop
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { limit } = this.options
    while (!signal.aborted && this.channels.size > 0) {
      const node = this.#nodes.at(this.answers.length % this.#nodes.length)!
      const request = {
        ...this.credentials,
        subscribe: Object.fromEntries(this.channels),
        live: this.#live,
        ...(limit === undefined ? {} : { limit }),
      }
      const { status, body } = await node.post(request, { signal })
      if (status !== 200) {
        this.bye = body.error as unknown as WireEvent
        return this.changed()
      }
      this.answers.push(body)
      for (const event of body.events) this.heard(event)
      for (const [channel, from] of Object.entries(body.cursors)) {
        const spec = this.channels.get(channel)
        if (spec !== undefined) this.channels.set(channel, { ...spec, from: from! })
      }
      if (body.next !== undefined && body.next > 0) await delay(body.next, undefined, { signal })
    }
  }
}
