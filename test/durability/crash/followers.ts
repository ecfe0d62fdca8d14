/** A client that follows every channel from its start while the node dies and comes back, and what it was given. */
import { type Client, connect } from 'holdfast'
import { CHANNELS } from './publishers.ts'

export interface Entry {
  readonly publisher: number
  readonly n: number
}

export class Follower {
  /** What was published, by channel, in the order in which it came. */
  readonly logs: ReadonlyMap<string, Entry[]> = new Map(CHANNELS.map((channel) => [channel, []]))
  gaps = 0
  readonly #client: Client
  #heard: (() => void) | undefined

  constructor(url: string) {
    this.#client = connect(url, { backoff: { minMs: 10, maxMs: 200 }, onError: () => undefined })
    for (const [channel, log] of this.logs) {
      this.#client
        .channel<Entry>(channel)
        .subscribe({ from: 'start', onGap: () => this.gaps++ }, ({ data }) => {
          log.push(data)
          this.#heard?.()
        })
    }
  }

  /** Fulfilled when so many have come in each channel. */
  async caughtUp(tops: ReadonlyMap<string, number>): Promise<void> {
    const there = (): boolean =>
      [...this.logs].every(([channel, log]) => log.length >= (tops.get(channel) ?? 0))
    if (there()) return
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (there()) resolve()
      }
    })
  }

  close(): void {
    this.#client.close()
  }
}
