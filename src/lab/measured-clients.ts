/**
 * A process of its own: clients that all follow one measured node over one transport, and count what they are handed.
 * What they count comes from the content of publications, not from the client under measurement.
 */
import { type Client, connect, type TransportName } from '../client/node.ts'
import { browserFetch } from './browser-request.ts'
import { CHANNEL, contentOf, readContent, SENT_CHANNEL } from './content.ts'
import { nowMicros } from './machine-clock.ts'
import { DeliveryCheck } from './delivery-check.ts'
import { Histogram } from './histogram.ts'

export interface ClientsSettings {
  readonly url: string
  readonly transport: TransportName
  readonly clients: number
  readonly pollIntervalMs?: number
  readonly holdMs?: number
}

export type ClientsOrder =
  /** Latency is counted anew from here on. */
  | { readonly kind: 'begin' }
  /** Each client publishes so many, spread over this time. */
  | { readonly kind: 'send'; readonly count: number; readonly overMs: number; readonly payloadBytes: number }
  | { readonly kind: 'read'; readonly id: number }

export interface ClientsReading {
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
  /** From publishing to the handler: counts of a Histogram. */
  readonly latency: readonly number[]
  /** What clients have sent, and the server has acknowledged. */
  readonly acknowledged: number
  /** The same as latency, without the wait for the request that brought it to be sent. */
  readonly travel: readonly number[]
}

let latency = new Histogram()
let travel = new Histogram()

class MeasuredClient {
  readonly check = new DeliveryCheck()
  acknowledged = 0
  readonly #client: Client
  #askedMicros = 0

  constructor({ url, transport, pollIntervalMs, holdMs }: ClientsSettings, following: () => void) {
    const fetch = browserFetch(url, () => (this.#askedMicros = nowMicros()))
    this.#client = connect(url, {
      transport,
      fetch,
      // A second client may not take part in choosing: what is not reached at first is tried again soon.
      backoff: { minMs: 50, maxMs: 500 },
      ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
      ...(holdMs === undefined ? {} : { holdMs }),
    })
    this.#client.channel(CHANNEL).subscribe({ from: 'start' }, ({ data }) => {
      const content = readContent(data)
      if (content === undefined) return following()
      if (!this.check.take(content.n)) return
      const now = nowMicros()
      latency.add(now - content.at)
      travel.add(now - (pushes(transport) ? content.at : Math.max(content.at, this.#askedMicros)))
    })
  }

  send(payloadBytes: number): void {
    const data = contentOf(1, nowMicros(), payloadBytes)
    this.#client
      .channel(SENT_CHANNEL)
      .publish(data)
      .then(
        () => this.acknowledged++,
        (error: unknown) => console.error('a measured client cannot publish:', error),
      )
  }
}

/** An answer that is open brings it without being asked for. */
const pushes = (transport: TransportName): boolean => transport === 'websocket' || transport === 'sse'

/** One client after the other, at even distances. */
const send = (
  clients: readonly MeasuredClient[],
  { count, overMs, payloadBytes }: Extract<ClientsOrder, { kind: 'send' }>,
): void => {
  const total = count * clients.length
  for (let at = 0; at < total; at++)
    setTimeout(() => clients[at % clients.length]?.send(payloadBytes), (at * overMs) / total)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const start = async (settings: ClientsSettings): Promise<void> => {
  const clients: MeasuredClient[] = []
  const followed: Promise<void>[] = []
  // Pollers that start together would go on asking together.
  const apartMs = Math.min(50, (settings.pollIntervalMs ?? 0) / settings.clients)
  for (let at = 0; at < settings.clients; at++) {
    followed.push(new Promise((resolve) => clients.push(new MeasuredClient(settings, resolve))))
    if (apartMs > 0) await new Promise((resolve) => setTimeout(resolve, apartMs))
  }
  process.on('message', (order: ClientsOrder) => {
    if (order.kind === 'begin') {
      latency = new Histogram()
      travel = new Histogram()
      return
    }
    if (order.kind === 'send') return send(clients, order)
    const checks = clients.map(({ check }) => check)
    const reading: ClientsReading = {
      delivered: sum(checks.map(({ delivered }) => delivered)),
      lost: sum(checks.map(({ lost }) => lost)),
      duplicated: sum(checks.map(({ duplicated }) => duplicated)),
      latency: latency.toJSON(),
      travel: travel.toJSON(),
      acknowledged: sum(clients.map(({ acknowledged }) => acknowledged)),
    }
    process.send?.({ kind: 'reading', id: order.id, reading })
  })
  await Promise.all(followed)
  process.send?.({ kind: 'ready' })
}

process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
await start(JSON.parse(process.argv[2] ?? '{}') as ClientsSettings)
