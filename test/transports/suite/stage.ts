/**
 * Where the suite plays: a node with its broker, over TCP, over TLS, over HTTP/2, over a
 * broker that lives elsewhere, and over a store on disk.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Broker,
  type ChannelRule,
  MemoryBroker,
  type ServerOptions,
  SqliteBroker,
} from 'holdfast/server'
import { startNode, type NodeUnderTest, type Scheme, type WireEvent } from '../../server/node-under-test.ts'
import { distant } from '../distant-broker.ts'
import { type Follower, type FollowerOptions } from '../follower.ts'

export interface TransportUnderTest {
  readonly name: string
  readonly open: (node: NodeUnderTest, options?: FollowerOptions) => Follower
  /** What the node is told for it. */
  readonly options?: ServerOptions
}

/** A node with its broker, and whoever follows on it; all of it is gone when the test is over. */
export interface Stage {
  readonly node: NodeUnderTest
  /** The broker itself, for what no client may do. */
  readonly broker: Broker
  readonly open: (options?: FollowerOptions) => Follower
}

export interface Surroundings {
  readonly label: string
  readonly scheme: Scheme
  readonly wrap: (broker: Broker) => Broker
  /** Where logs live; in memory by default. Whoever made it closes it. */
  readonly make?: () => Promise<{ readonly broker: Broker; readonly close: () => Promise<void> }>
}

/** A store on disk, in a thread of its own. */
const onDisk: NonNullable<Surroundings['make']> = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-transports-'))
  const broker = new SqliteBroker({ directory })
  return { broker, close: () => broker.dispose().then(() => rm(directory, { recursive: true })) }
}

const inMemory: NonNullable<Surroundings['make']> = () => {
  const broker = new MemoryBroker()
  return Promise.resolve({ broker, close: () => broker.dispose() })
}

export const SURROUNDINGS: readonly Surroundings[] = [
  { label: 'tcp', scheme: 'tcp', wrap: (broker) => broker },
  { label: 'tls', scheme: 'tls', wrap: (broker) => broker },
  { label: 'tls, HTTP/2', scheme: 'h2', wrap: (broker) => broker },
  { label: 'tcp, HTTP/2', scheme: 'h2c', wrap: (broker) => broker },
  { label: 'tcp, distant broker', scheme: 'tcp', wrap: distant },
  { label: 'tcp, SQLite', scheme: 'tcp', wrap: (broker) => broker, make: onDisk },
]

/** Polls quickly, so that a test is quick; everything else is the default. */
export const QUICK = { pollMinMs: 1, pollMaxMs: 10, connectionsPerAddress: 2_000, acceptsPerSecond: 10_000 }

const RULES: readonly ChannelRule[] = [
  { pattern: 'bytes/*', contentType: 'bytes' },
  { pattern: 'keyed/*', conflated: true, retention: { count: 4 } },
  { pattern: 'short/*', retention: { count: 3 } },
  { pattern: 'ephemeral/*', ephemeral: true, retention: { count: 3 } },
  { pattern: 'closed-shop/*', create: false },
]

export const onStage = async (
  surroundings: Surroundings,
  transport: TransportUnderTest,
  act: (stage: Stage) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> => {
  const { broker, close } = await (surroundings.make ?? inMemory)()
  const limits = { ...QUICK, ...options.limits }
  const given = options.broker ?? surroundings.wrap(broker)
  const node = await startNode(
    { rules: RULES, ...transport.options, ...options, broker: given, limits },
    surroundings.scheme,
  )
  const followers: Follower[] = []
  const open = (followerOptions?: FollowerOptions): Follower => {
    const follower = transport.open(node, followerOptions)
    followers.push(follower)
    return follower
  }
  try {
    await act({ node, broker, open })
    for (const follower of followers) await follower.close()
    await node.unharmed()
  } finally {
    for (const follower of followers) await follower.close()
    await node.stop()
    await close()
  }
}

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

export const publishAll = async (
  node: NodeUnderTest,
  channel: string,
  values: readonly unknown[],
): Promise<string> => {
  let cursor = ''
  for (const value of values) cursor = await node.server.publish(channel, value)
  return cursor
}

export const kinds = (events: readonly WireEvent[]): string[] => events.map((event) => event.type)

export type Scene = (name: string, act: (stage: Stage) => Promise<void>, options?: ServerOptions) => void
