/**
 * A process of its own: one node, on logs in memory, that publishes at a pace and says what it has spent. It is told
 * what to do by the process that started it, and ends with it.
 */
import { MemoryBroker } from '../broker/index.ts'
import { createServer } from '../server/index.ts'
import { Accounting, type Spent } from './accounting.ts'
import { CHANNEL, contentOf } from './content.ts'
import { nowMicros } from './machine-clock.ts'
import { type Pace, PaceKeeper } from './pace.ts'

export interface NodeSettings {
  readonly origins: readonly string[]
  /** Clients, each with a few connections from one address. */
  readonly clients: number
}

export type NodeOrder =
  | { readonly kind: 'keep'; readonly pace: Pace }
  | { readonly kind: 'stop' }
  | { readonly kind: 'read'; readonly id: number }

export interface NodeReading extends Spent {
  readonly published: number
  /** When it was taken, microseconds by the machine's clock. */
  readonly atMicros: number
}

export type NodeReport =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'reading'; readonly id: number; readonly reading: NodeReading }

const report = (message: NodeReport): void => void process.send?.(message)

const start = async ({ origins, clients }: NodeSettings): Promise<void> => {
  const accounting = new Accounting()
  const server = createServer({
    broker: new MemoryBroker(),
    origins,
    // Nothing that is published during a measurement may be trimmed, and all clients share an address.
    rules: [{ pattern: CHANNEL, retention: { count: 1_000_000, bytes: 256 * 1024 * 1024 } }],
    limits: {
      connectionsPerAddress: 200 + 8 * clients,
      acceptsPerSecond: 500 + 8 * clients,
    },
    // Whoever is allowed to connect may read; only this process publishes.
    authorize: ({ action, channel }) => action === 'subscribe' && channel === CHANNEL,
  })
  const publish = (n: number, { payloadBytes }: Pace): void => {
    server.publish(CHANNEL, contentOf(n, nowMicros(), payloadBytes)).catch((error: unknown) => {
      console.error('a measured node cannot publish:', error)
      process.exit(1)
    })
  }
  const keeper = new PaceKeeper(publish)
  process.on('message', (order: NodeOrder) => {
    if (order.kind === 'keep') keeper.keep(order.pace)
    else if (order.kind === 'stop') keeper.stop()
    else {
      const reading = { ...accounting.read(), published: keeper.published, atMicros: nowMicros() }
      report({ kind: 'reading', id: order.id, reading })
    }
  })
  // The channel must be there before its first subscriber.
  await server.publish(CHANNEL, null)
  const { port } = await server.listen()
  report({ kind: 'ready', port })
}

// Ctrl-C reaches the whole group; whoever started this one ends it.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
await start(JSON.parse(process.argv[2] ?? '{}') as NodeSettings)
