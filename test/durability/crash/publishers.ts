/**
 * Real clients that publish without a pause while their node dies and comes back. Each numbers its publications per
 * channel, and notes of each what it was told: where it is, or that this is in doubt.
 */
import { type Client, connect, type TransportName } from 'holdfast'

export const CHANNELS: readonly string[] = ['crash/a', 'crash/b', 'crash/c']
/** Publications that each client has under way at once, in all channels. */
const WINDOW = 12
const TRANSPORTS: readonly TransportName[] = ['websocket', 'long-polling']

export interface Sent {
  readonly channel: string
  readonly publisher: number
  readonly n: number
  outcome: { readonly cursor: string | undefined } | 'in doubt' | 'unanswered' | { readonly refused: string }
}

export class Publishers {
  readonly sent: Sent[] = []
  /**
   * Fulfilled when each client has been acknowledged in each channel, so that the ledger of every channel knows every
   * client: one that it does not know yet is, by PU7, told that what it sends again is in doubt.
   */
  readonly known: Promise<void>
  readonly #clients: Client[] = []
  readonly #unknown = new Set<string>()
  readonly #allKnown: () => void
  #running: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(url: string, count: number) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.known = promise
    this.#allKnown = resolve
    for (let publisher = 0; publisher < count; publisher++) {
      const transport = TRANSPORTS[publisher % TRANSPORTS.length] as TransportName
      const backoff = { minMs: 10, maxMs: 200 }
      this.#clients.push(connect(url, { transport, backoff, onError: () => undefined }))
      for (const channel of CHANNELS) this.#unknown.add(`${publisher} ${channel}`)
    }
  }

  get acknowledged(): number {
    return this.sent.reduce((count, { outcome }) => count + (isAcknowledged(outcome) ? 1 : 0), 0)
  }

  start(): void {
    this.#running = Promise.all(
      this.#clients.flatMap((client, publisher) => {
        // What is under way at once in a channel is numbered in the order in which it is published.
        const next = new Map(CHANNELS.map((channel) => [channel, 0]))
        return Array.from({ length: WINDOW }, (_, lane) => this.#publish({ client, publisher, lane, next }))
      }),
    )
  }

  /** Publishes nothing more, and waits for every answer. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    for (const client of this.#clients) client.close()
  }

  async #publish(by: {
    client: Client
    publisher: number
    lane: number
    next: Map<string, number>
  }): Promise<void> {
    const { client, publisher, next } = by
    for (let turn = by.lane; !this.#stopped; turn++) {
      const channel = CHANNELS[turn % CHANNELS.length] as string
      const n = next.get(channel) ?? 0
      next.set(channel, n + 1)
      const sent: Sent = { channel, publisher, n, outcome: 'unanswered' }
      this.sent.push(sent)
      try {
        const { cursor } = await client.channel(channel).publish({ publisher, n })
        sent.outcome = { cursor }
        if (this.#unknown.delete(`${publisher} ${channel}`) && this.#unknown.size === 0) this.#allKnown()
      } catch (error) {
        const { code } = error as { code?: string }
        sent.outcome = code === 'in_doubt' ? 'in doubt' : { refused: String(error) }
      }
    }
  }
}

export const isAcknowledged = (
  outcome: Sent['outcome'],
): outcome is { readonly cursor: string | undefined } => typeof outcome === 'object' && 'cursor' in outcome
