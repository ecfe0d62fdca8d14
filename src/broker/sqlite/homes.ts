/**
 * Where a channel lives: in the file, or, where it is ephemeral or holds the members of another, in this process's
 * memory. A name has one home at a time; what was made somewhere stays there until it is deleted, whatever its
 * options would be today. It carries out nothing.
 */
import { type ChannelOptions, presenceSubject } from '../../channel/index.ts'
import type { MemoryBroker } from '../memory-broker.ts'
import type { DurableLogs } from './durable-logs.ts'

export type Home = 'memory' | 'file'

/** What is asked of a name, as far as its home depends on it. */
export interface Asking {
  /** How the channel is made if there is none. */
  readonly create?: ChannelOptions | undefined
  /** A cursor makes no channel, and meets the marker of one. */
  readonly byCursor?: boolean
}

export class Homes {
  readonly #memory: MemoryBroker
  readonly #durable: Pick<DurableLogs, 'knows'>
  /** Names of which it is not known yet whether the file has them; whoever asks waits for it. */
  readonly #asked = new Map<string, Promise<boolean>>()

  constructor(memory: MemoryBroker, durable: Pick<DurableLogs, 'knows'>) {
    this.#memory = memory
    this.#durable = durable
  }

  /** A promise only where the file has to be asked first: at the first word of an ephemeral channel. */
  of(channel: string, asking: Asking = {}): Home | Promise<Home> {
    if (presenceSubject(channel) !== undefined) return 'memory'
    const underWay = this.#asked.get(channel)
    if (underWay !== undefined) return underWay.then(() => this.of(channel, asking))
    const known = this.#memory.knows(channel)
    if (known === 'channel') return 'memory'
    const { create, byCursor } = asking
    if (known === 'marker') {
      if (create === undefined || create.ephemeral || byCursor === true) return 'memory'
      this.#memory.forget(channel)
      return 'file'
    }
    return create?.ephemeral === true ? this.#ask(channel) : 'file'
  }

  async #ask(channel: string): Promise<Home> {
    const asked = this.#durable.knows(channel)
    this.#asked.set(channel, asked)
    try {
      return (await asked) ? 'file' : 'memory'
    } finally {
      this.#asked.delete(channel)
    }
  }
}
