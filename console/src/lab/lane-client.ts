/**
 * One transport's client in this page: it follows the measured node, and counts what it is handed by the numbers in the
 * content. How it fares is told, never smoothed over.
 */
import { type Client, type ClientState, connect, type TransportName } from 'holdfast'
import { CHANNEL, DeliveryCheck, Histogram, readContent } from 'holdfast/lab'

export interface LaneOptions {
  readonly url: string
  readonly transport: TransportName
  readonly pollIntervalMs: number
  /** Microseconds by the machine's clock. */
  readonly now: () => number
}

export class LaneClient {
  readonly transport: TransportName
  readonly check = new DeliveryCheck()
  /** Since the last mark. */
  latency = new Histogram()
  readonly #options: LaneOptions
  readonly #following = Promise.withResolvers<void>()
  #client: Client
  #cursor: string | undefined
  #pollIntervalMs: number
  /** What has come since the plot was last drawn, milliseconds. */
  #recent: number[] = []

  constructor(options: LaneOptions) {
    this.#options = options
    this.transport = options.transport
    this.#pollIntervalMs = options.pollIntervalMs
    this.#client = this.#open(options.transport)
  }

  /** Fulfilled when the first publication of the log has come: from here on nothing is missed. */
  get following(): Promise<void> {
    return this.#following.promise
  }

  get state(): ClientState {
    return this.#client.state
  }

  /** The transport is kept whatever happens, until the client is left to choose. */
  chooseItself(): void {
    this.#client.use('auto').catch(() => undefined)
  }

  /** What is to be asked at another interval goes on where it was. */
  setPollInterval(ms: number): void {
    if (this.transport !== 'polling' || ms === this.#pollIntervalMs) return
    this.#pollIntervalMs = ms
    this.#client.close()
    this.#client = this.#open('polling')
  }

  /** Latency is counted anew from here on. */
  mark(): void {
    this.latency = new Histogram()
  }

  /** The median of what has come since it was asked last; null for nothing. */
  takeRecent(): number | null {
    const sorted = this.#recent.sort((a, b) => a - b)
    this.#recent = []
    return sorted[Math.floor(sorted.length / 2)] ?? null
  }

  close(): void {
    this.#client.close()
  }

  #open(transport: TransportName): Client {
    const client = connect(this.#options.url, {
      transport,
      pollIntervalMs: this.#pollIntervalMs,
      // What the knobs break is to be seen, not waited for.
      backoff: { minMs: 200, maxMs: 1_000 },
      onError: () => undefined,
    })
    client.channel(CHANNEL).subscribe({ from: this.#cursor ?? 'start' }, ({ data, cursor }) => {
      this.#cursor = cursor
      const content = readContent(data)
      if (content === undefined) return this.#following.resolve()
      if (!this.check.take(content.n)) return
      const micros = Math.max(1, this.#options.now() - content.at)
      this.latency.add(micros)
      this.#recent.push(micros / 1_000)
    })
    return client
  }
}
