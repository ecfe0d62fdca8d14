/**
 * What a seed stands for: how large the world is, how fast its parts are, and which faults may happen in it. Each
 * seed draws only some of the faults and one point of each range, so that what needs quiet to show itself, and what
 * needs trouble, both get their runs.
 */
import type { TransportName } from '../../src/client/options.ts'
import type { Chance } from './chance.ts'

/**
 * - `memory`: in the node's process; a crash of the node is the end of its logs.
 * - `disk`: in the node's process, behind a disk that syncs in groups; nothing that was acknowledged is lost.
 * - `remote`: elsewhere, for several nodes; it acknowledges what it has not synced, and a crash may lose that.
 */
export type BrokerKind = 'memory' | 'disk' | 'remote'

export const FAULTS = [
  'reset',
  'half-open',
  'offline',
  'pause',
  'a day asleep',
  'lost answers',
  'duplicated requests',
  'node crash',
  'node drained',
  'broker crash',
  'broker cut off',
  'rollback',
  'clock step',
  'trim',
  'expiry',
  'switch',
  'token expiry',
  'resubscribe',
  'late subscriber',
] as const

export type Fault = (typeof FAULTS)[number]

/** What an application does, or asks for: with these alone nothing ever has to be repaired. */
const PEACEFUL: readonly Fault[] = ['switch', 'resubscribe', 'late subscriber']

export type ChannelKind = 'plain' | 'conflated' | 'ephemeral'

export interface Plan {
  readonly seed: number
  /** Nothing goes wrong; whatever has to be repaired then is a bug. */
  readonly calm: boolean
  readonly faults: ReadonlySet<Fault>
  readonly broker: BrokerKind
  /** One way to the broker, or a sync of its disk, at most, milliseconds. */
  readonly brokerMs: number
  readonly nodes: number
  readonly clients: number
  readonly channels: readonly ChannelKind[]
  readonly transports: readonly (TransportName | 'auto')[]
  /** One way between client and node. */
  readonly linkMs: { readonly least: number; readonly most: number }
  /** The chance that bytes on their way are split. */
  readonly splits: number
  readonly publishGapMs: number
  readonly publications: number
  /** Other nodes publish in a channel just when one of these begins to watch it. */
  readonly crowded: boolean
  /** Of a burst, at most. */
  readonly burst: number
  readonly faultCount: number
  readonly limits: {
    readonly pagePublications: number
    readonly pageBytes: number
    readonly highWaterBytes: number
    readonly holdMs: number
    readonly commandsUnderWay: number
  }
  readonly retention: { readonly count: number; readonly ageMs: number; readonly bytes: number }
  readonly iteratorLimit: number
  readonly authenticated: boolean
}

const TRANSPORTS: readonly (TransportName | 'auto')[] = [
  'auto',
  'websocket',
  'sse',
  'long-polling',
  'polling',
]

export const planOf = (seed: number, chance: Chance): Plan => {
  const calm = chance.happens(0.3)
  const broker = chance.pick<BrokerKind>(['memory', 'disk', 'remote', 'remote'])
  const faults = new Set(
    FAULTS.filter((fault) => (calm ? PEACEFUL.includes(fault) : true) && chance.happens(calm ? 0.4 : 0.25)),
  )
  if (broker === 'memory') faults.delete('rollback')
  // A client asks for what follows the one of its subscriptions that is furthest behind; that another one stands
  // where a rolled back log has not come to yet, nobody is asked about.
  if (faults.has('rollback')) faults.delete('late subscriber')
  const linkLeast = chance.magnitude(0.2, 80)
  const channels = Array.from({ length: chance.whole(1, 2) }, () =>
    chance.pick<ChannelKind>(['plain', 'plain', 'conflated', 'ephemeral']),
  )
  // All bounds are low: what exceeds them shows.
  const tight = chance.happens(0.25)
  const publishGapMs = chance.magnitude(700, 40_000)
  return {
    seed,
    calm,
    faults,
    broker,
    brokerMs: 2 * chance.magnitude(1, 20),
    nodes: broker === 'remote' ? chance.whole(1, 3) : 1,
    clients: chance.whole(1, 3),
    channels,
    transports: chance.happens(0.5) ? [chance.pick(TRANSPORTS)] : TRANSPORTS,
    linkMs: { least: linkLeast, most: linkLeast * chance.between(1, 3) },
    splits: chance.happens(0.5) ? chance.next() / 2 : 0,
    publishGapMs,
    publications: Math.max(3, Math.min(chance.whole(4, 16), Math.ceil(120_000 / publishGapMs))),
    burst: chance.happens(0.15) ? 60 : 8,
    crowded: chance.happens(0.3),
    faultCount: calm ? 0 : chance.whole(1, 8),
    limits: {
      pagePublications: tight ? chance.pick([1, 3]) : chance.pick([1, 3, 300]),
      pageBytes: tight ? 300 : chance.pick([300, 2_000, 65_536]),
      highWaterBytes: tight ? 600 : chance.pick([600, 4_000, 65_536]),
      holdMs: chance.pick([3_000, 25_000]),
      commandsUnderWay: tight ? 4 : chance.pick([4, 100]),
    },
    retention: {
      count: faults.has('expiry') && chance.happens(0.5) ? chance.whole(2, 6) : 1_000,
      ageMs: faults.has('expiry') ? chance.magnitude(5_000, 60_000) : 3_600_000,
      bytes: 16 * 1024 * 1024,
    },
    iteratorLimit: chance.pick([2, 5, 1_000]),
    authenticated: faults.has('token expiry') || chance.happens(0.3),
  }
}
