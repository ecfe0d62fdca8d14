/**
 * A process of its own: clients that all follow one measured node over one transport, and count what they are handed.
 * What they count comes from the content of publications, not from the client under measurement.
 */
import { connect, type TransportName } from '../client/node.ts'
import { browserFetch } from './browser-request.ts'
import { CHANNEL, readContent } from './content.ts'
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
  { readonly kind: 'begin' } | { readonly kind: 'read'; readonly id: number }

export interface ClientsReading {
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
  /** From publishing to the handler: counts of a Histogram. */
  readonly latency: readonly number[]
  /** The same as latency, without the wait for the request that brought it to be sent. */
  readonly travel: readonly number[]
}

let latency = new Histogram()
let travel = new Histogram()

class MeasuredClient {
  readonly check = new DeliveryCheck()
  #askedMicros = 0

  constructor({ url, transport, pollIntervalMs, holdMs }: ClientsSettings, following: () => void) {
    const fetch = browserFetch(url, () => (this.#askedMicros = nowMicros()))
    const client = connect(url, {
      transport,
      fetch,
      // A second client may not take part in choosing: what is not reached at first is tried again soon.
      backoff: { minMs: 50, maxMs: 500 },
      ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
      ...(holdMs === undefined ? {} : { holdMs }),
    })
    client.channel(CHANNEL).subscribe({ from: 'start' }, ({ data }) => {
      const content = readContent(data)
      if (content === undefined) return following()
      if (!this.check.take(content.n)) return
      const now = nowMicros()
      latency.add(now - content.at)
      travel.add(now - (pushes(transport) ? content.at : Math.max(content.at, this.#askedMicros)))
    })
  }
}

/** An answer that is open brings it without being asked for. */
const pushes = (transport: TransportName): boolean => transport === 'websocket' || transport === 'sse'

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
    const checks = clients.map(({ check }) => check)
    const reading: ClientsReading = {
      delivered: sum(checks.map(({ delivered }) => delivered)),
      lost: sum(checks.map(({ lost }) => lost)),
      duplicated: sum(checks.map(({ duplicated }) => duplicated)),
      latency: latency.toJSON(),
      travel: travel.toJSON(),
    }
    process.send?.({ kind: 'reading', id: order.id, reading })
  })
  await Promise.all(followed)
  process.send?.({ kind: 'ready' })
}

process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
await start(JSON.parse(process.argv[2] ?? '{}') as ClientsSettings)
