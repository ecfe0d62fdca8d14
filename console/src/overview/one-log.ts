/**
 * One channel, read by four clients at once, each over another transport, while this page publishes to it. It is for
 * looking at: four connections that end when nobody looks.
 */
import { type Client, connect, type TransportName } from 'holdfast'
import { client } from '../connection/client.ts'
import { TRANSPORTS } from '../connection/transports.ts'

const CHANNEL = 'overview'
const PERIOD_MS = 500
/** Slow enough for a person to see that polling asks, and between two questions knows nothing. */
const POLL_INTERVAL_MS = 2_500

/** The latest entries that are shown. */
export const SHOWN = 40

export interface Lane {
  readonly transport: TransportName
  readonly connected: boolean
  /** The offset of its cursor; 0 before it has one. */
  readonly cursor: number
  /** Which of the latest entries it has delivered. */
  readonly delivered: ReadonlySet<number>
  /** Median from the log to this page; null until it is known. */
  readonly delayMs: number | null
}

export interface OneLogState {
  /** The offset of the last entry that is known of. */
  readonly top: number
  readonly lanes: readonly Lane[]
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
  /** Why this page may not publish here. */
  readonly refused: string | undefined
}

interface Reader {
  readonly client: Client
  readonly transport: TransportName
  cursor: number
  delivered: Set<number>
}

export class OneLog {
  #readers: readonly Reader[] = []
  #top = 0
  #refused: string | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #state: OneLogState | undefined
  #telling = false
  readonly #listeners = new Set<() => void>()

  get state(): OneLogState {
    return (this.#state ??= this.#snapshot())
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  open(): void {
    if (this.#readers.length > 0) return
    this.#top = 0
    this.#readers = TRANSPORTS.map((transport) => this.#reader(transport))
    this.#changed()
  }

  close(): void {
    this.publishing(false)
    for (const reader of this.#readers) reader.client.close()
    this.#readers = []
  }

  /** Publishes steadily, or no more. */
  publishing(on: boolean): void {
    clearInterval(this.#timer)
    if (on) this.#timer = setInterval(() => this.publish(1), PERIOD_MS)
  }

  publish(count: number): void {
    const channel = client.channel(CHANNEL)
    for (let each = 0; each < count; each++) {
      channel.publish({ sent: Date.now() }).catch((error: unknown) => {
        this.publishing(false)
        this.#refused = (error as Error).message
        this.#changed()
      })
    }
  }

  #reader(transport: TransportName): Reader {
    const own = connect(location.origin, { transport, pollIntervalMs: POLL_INTERVAL_MS })
    const reader: Reader = { client: own, transport, cursor: 0, delivered: new Set() }
    own.on('state', () => this.#changed())
    own.channel(CHANNEL).subscribe({ from: { last: SHOWN } }, ({ offset }) => {
      reader.delivered.add(offset)
      reader.delivered.delete(offset - 2 * SHOWN)
      reader.cursor = offset
      this.#top = Math.max(this.#top, offset)
      this.#changed()
    })
    return reader
  }

  #changed(): void {
    if (this.#telling) return
    this.#telling = true
    requestAnimationFrame(() => {
      this.#telling = false
      this.#state = undefined
      for (const listener of this.#listeners) listener()
    })
  }

  #snapshot(): OneLogState {
    const counts = this.#readers.map((reader) => reader.client.state.counts)
    const sum = (of: 'delivered' | 'lost' | 'duplicated'): number =>
      counts.reduce((total, each) => total + each[of], 0)
    return {
      top: this.#top,
      lanes: this.#readers.map(({ client: own, transport, cursor, delivered }) => ({
        transport,
        connected: own.state.status === 'connected',
        cursor,
        delivered: new Set(delivered),
        delayMs: own.state.latency.p50,
      })),
      delivered: sum('delivered'),
      lost: sum('lost'),
      duplicated: sum('duplicated'),
      refused: this.#refused,
    }
  }
}
