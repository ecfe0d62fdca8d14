/**
 * What costs could grow with, each as the same work at several sizes. What is measured is the cost of one delivery or
 * one connection: where that stays the same, all of them together are linear.
 */
import type { Round } from './server-process.ts'
import { HOLDFAST } from './subjects.ts'
import type { Published, Workload } from './workload.ts'

export interface Growing {
  readonly name: string
  /** What the sizes are of. */
  readonly across: string
  readonly sizes: readonly number[]
  /** The exponent up to which everything together is linear or better; noise included. */
  readonly atMost: number
  readonly workload: (size: number) => Workload
}

/** How far from flat a curve may be that is flat, on a machine that is never quite quiet. */
const FLAT = 0.1

const round = (round: Partial<Round>): Round => ({
  publications: 80,
  burst: 1,
  intervalMs: 25,
  bytes: 128,
  content: 'filler',
  channels: 1,
  ...round,
})

const published = (rest: Partial<Published>): Published => ({
  kind: 'published',
  name: 'growth',
  subjects: [HOLDFAST],
  per: 'deliveries',
  connections: 500,
  round: round({}),
  ...rest,
})

export const GROWING: readonly Growing[] = [
  {
    name: 'a delivery, by followers',
    across: 'followers of one channel',
    sizes: [100, 300, 1_000, 3_000, 10_000],
    atMost: FLAT,
    workload: (connections) =>
      published({
        connections,
        round: round({
          publications: Math.max(6, Math.ceil(40_000 / connections)),
          intervalMs: Math.max(10, connections / 30),
        }),
      }),
  },
  {
    // A thousand connections, of which each follows more and more channels; every channel has ten followers.
    name: 'a delivery, by channels',
    across: 'channels with ten followers each',
    sizes: [100, 300, 1_000, 3_000, 10_000],
    atMost: FLAT,
    workload: (channels) =>
      published({
        connections: 1_000,
        follows: channels / 100,
        round: round({ channels, publications: 4_000, burst: 100 }),
      }),
  },
  {
    name: 'a delivery, by history',
    across: 'publications that the channel keeps',
    sizes: [10, 100, 1_000, 10_000, 100_000],
    atMost: FLAT,
    workload: (history) => published({ settings: { history, keeps: 200_000 } }),
  },
  {
    name: 'a delivery, by size',
    across: 'bytes of a message',
    sizes: [128, 512, 2_048, 8_192, 32_768],
    atMost: 1,
    workload: (bytes) => published({ round: round({ publications: 40, bytes, intervalMs: 50 }) }),
  },
  {
    name: 'a connection that subscribes, by connections',
    across: 'connections',
    sizes: [750, 1_500, 3_000, 6_000, 12_000],
    atMost: FLAT,
    workload: (connections) => ({
      kind: 'opened',
      name: 'growth',
      figure: 'handshake',
      subjects: [HOLDFAST],
      connections,
    }),
  },
]
