/**
 * A client made of nothing but the wire: it asks, remembers every event in order, and keeps the cursors that the
 * protocol tells it to keep. One file per transport; the suite knows only this.
 */
import assert from 'node:assert/strict'
import type { NodeUnderTest, WireEvent } from '../server/node-under-test.ts'

export interface Spec {
  readonly from?: string
  readonly conflate?: true
  readonly presence?: unknown
}

export type Command = Readonly<Record<string, unknown>> & { readonly type: string }

export interface FollowerOptions {
  readonly token?: string
  readonly session?: string
  readonly limit?: number
}

export abstract class Follower {
  /** Everything about channels that was heard, in order. */
  readonly events: WireEvent[] = []
  /** The last word of the server, where the transport has one, or the refusal of a whole request. */
  bye: WireEvent | undefined
  readonly node: NodeUnderTest
  protected readonly options: FollowerOptions
  protected readonly channels: Map<string, Spec> = new Map()
  #waiting: (() => void)[] = []

  constructor(node: NodeUnderTest, options: FollowerOptions) {
    this.node = node
    this.options = options
  }

  /** Follows exactly these channels; those that were followed already go on from where they are. */
  abstract follow(channels: Readonly<Record<string, Spec>>): Promise<void>
  /** Sends a batch, and gives its replies in the order in which they came. */
  abstract send(...commands: readonly Command[]): Promise<WireEvent[]>
  abstract close(): Promise<void>

  /** Waits until what was heard satisfies `found`. */
  async until(found: (events: readonly WireEvent[]) => boolean, what: string): Promise<void> {
    const timeout = AbortSignal.timeout(8_000)
    while (!found(this.events)) {
      if (timeout.aborted) assert.fail(`never heard: ${what}; heard ${JSON.stringify(this.events)}`)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        timeout.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  /** The first event of a type, on a channel. */
  async hears(type: string, channel?: string): Promise<WireEvent> {
    const match = (event: WireEvent): boolean => event.type === type && event['channel'] === channel
    await this.until((events) => events.some(match), `${type} on ${channel}`)
    return this.events.find(match) as WireEvent
  }

  async said(): Promise<WireEvent> {
    await this.until(() => this.bye !== undefined, 'a bye')
    return this.bye as WireEvent
  }

  publications(channel: string): WireEvent[] {
    return this.events.filter((event) => event.type === 'publication' && event['channel'] === channel)
  }

  /** The payloads of a channel, as soon as there are `count` of them. */
  async data(channel: string, count: number): Promise<unknown[]> {
    await this.until(() => this.publications(channel).length >= count, `${count} publications on ${channel}`)
    return this.publications(channel).map((event) => event['data'] ?? event['base64'])
  }

  protected changed(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  protected heard(event: WireEvent): void {
    this.events.push(event)
    const channel = event['channel'] as string
    const spec = this.channels.get(channel)
    if (spec !== undefined) {
      if (event.type === 'publication') {
        const { epoch, offset } = event as unknown as { epoch: string; offset: number }
        this.channels.set(channel, { ...spec, from: `${epoch}_${String(offset).padStart(16, '0')}` })
      } else if (typeof event['cursor'] === 'string') {
        this.channels.set(channel, { ...spec, from: event['cursor'] })
      }
      if (['closed', 'deleted', 'unsubscribed'].includes(event.type)) this.channels.delete(channel)
    }
    this.changed()
  }

  /** The channels to follow from now on: known ones keep their cursors. */
  protected choose(channels: Readonly<Record<string, Spec>>): void {
    const before = new Map(this.channels)
    this.channels.clear()
    for (const [channel, spec] of Object.entries(channels)) {
      const known = before.get(channel)?.from
      this.channels.set(
        channel,
        spec.from === undefined && known !== undefined ? { ...spec, from: known } : spec,
      )
    }
  }

  protected get credentials(): { token?: string; session?: string } {
    const { token, session } = this.options
    return { ...(token === undefined ? {} : { token }), ...(session === undefined ? {} : { session }) }
  }
}

/** Commands over HTTP travel in a request of their own. */
export const postCommands = async (
  node: NodeUnderTest,
  credentials: object,
  commands: readonly Command[],
): Promise<WireEvent[]> => {
  const { status, body } = await node.post({ ...credentials, commands })
  assert.equal(status, 200, JSON.stringify(body))
  return [...(body.replies ?? [])]
}
