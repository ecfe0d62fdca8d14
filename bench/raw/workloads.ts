/**
 * What `npm run bench -- raw` measures: one entry per row group, with what is opened, what is sent and which figures
 * come out. It measures nothing by itself.
 */

export interface Metric {
  readonly label: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  /** The ratio to `ws` that must hold; none where the figure only explains another. */
  readonly bar?: number
}

/** A message as the load generator sends it. */
export interface Message {
  readonly type: 'text' | 'binary'
  /** Text looks like JSON of an application; binary is random. */
  readonly bytes: number
}

interface Named {
  readonly name: string
  readonly metrics: readonly Metric[]
  /** permessage-deflate without context takeover, threshold 0 and level 3, on both servers. */
  readonly deflate?: boolean
  /** Measured on bare `node:http` and `node:net` too, see server-floor.ts. */
  readonly floor?: boolean
  /** Part of `--quick`. */
  readonly quick?: boolean
}

export interface EchoWorkload extends Named {
  readonly kind: 'echo'
  readonly connections: number
  readonly inFlight: number
  /** Echoes per connection. */
  readonly messages: number
  readonly message: Message
}

export interface BroadcastWorkload extends Named {
  readonly kind: 'broadcast'
  readonly connections: number
  readonly publications: number
  /** Publications in one turn of the server's event loop. */
  readonly burst: number
  readonly intervalMs: number
  readonly message: Message
}

export interface HandshakeWorkload extends Named {
  readonly kind: 'handshake'
  readonly connections: number
  /** How many are under way at any time. */
  readonly atOnce: number
}

export interface IdleWorkload extends Named {
  readonly kind: 'idle'
  readonly connections: number
}

export type Workload = EchoWorkload | BroadcastWorkload | HandshakeWorkload | IdleWorkload

const perMessage = (bar?: number): readonly Metric[] => [
  { label: 'CPU s per 1M messages', unit: 's', better: 'lower', bar: bar ?? 1 },
  { label: '  of it outside the kernel', unit: 's', better: 'lower' },
]

const SHORT: Message = { type: 'text', bytes: 128 }

export const WORKLOADS: readonly Workload[] = [
  {
    kind: 'echo',
    name: 'echo, 128 B text, one in flight',
    floor: true,
    metrics: perMessage(0.8),
    connections: 100,
    inFlight: 1,
    messages: 1_500,
    message: SHORT,
    quick: true,
  },
  {
    kind: 'echo',
    name: 'echo, 128 B text, 32 in flight',
    metrics: perMessage(0.12),
    connections: 100,
    inFlight: 32,
    messages: 6_400,
    message: SHORT,
    quick: true,
  },
  {
    kind: 'echo',
    name: 'echo, 64 KiB binary, one in flight',
    metrics: perMessage(),
    connections: 100,
    inFlight: 1,
    messages: 100,
    message: { type: 'binary', bytes: 65_536 },
  },
  {
    kind: 'echo',
    name: 'echo, 64 KiB text, one in flight',
    metrics: perMessage(),
    connections: 100,
    inFlight: 1,
    messages: 100,
    message: { type: 'text', bytes: 65_536 },
  },
  {
    kind: 'echo',
    name: 'echo compressed, 200 B JSON, one in flight',
    metrics: perMessage(),
    connections: 100,
    inFlight: 1,
    messages: 300,
    message: { type: 'text', bytes: 200 },
    deflate: true,
  },
  {
    kind: 'echo',
    name: 'echo compressed, 16 KiB JSON, one in flight',
    metrics: perMessage(),
    connections: 100,
    inFlight: 1,
    messages: 100,
    message: { type: 'text', bytes: 16_384 },
    deflate: true,
  },
  {
    kind: 'broadcast',
    name: 'broadcast compressed to 1,000, 200 B JSON, single',
    metrics: perMessage(),
    connections: 1_000,
    publications: 60,
    burst: 1,
    intervalMs: 100,
    message: { type: 'text', bytes: 200 },
    deflate: true,
  },
  {
    kind: 'broadcast',
    name: 'broadcast to 1,000, single',
    floor: true,
    metrics: perMessage(),
    connections: 1_000,
    publications: 120,
    burst: 1,
    intervalMs: 30,
    message: SHORT,
    quick: true,
  },
  {
    kind: 'broadcast',
    name: 'broadcast to 1,000, ten per turn',
    metrics: perMessage(),
    connections: 1_000,
    publications: 300,
    burst: 10,
    intervalMs: 150,
    message: SHORT,
  },
  {
    kind: 'handshake',
    name: 'handshakes',
    floor: true,
    metrics: [
      { label: 'CPU µs per handshake', unit: 'µs', better: 'lower', bar: 1 },
      { label: '  of it outside the kernel', unit: 'µs', better: 'lower' },
      { label: 'handshakes per second', unit: '/s', better: 'higher', bar: 1.3 },
    ],
    connections: 5_000,
    atOnce: 64,
    quick: true,
  },
  {
    kind: 'idle',
    name: 'idle connections, 10,000',
    floor: true,
    metrics: [
      { label: 'resident bytes per connection', unit: 'B', better: 'lower', bar: 1 },
      { label: 'heap and external bytes per connection', unit: 'B', better: 'lower', bar: 1 },
    ],
    connections: 10_000,
    quick: true,
  },
]

/** The same work, less of it: for a look, not for a figure to quote. */
export function shortened(workload: Workload): Workload {
  switch (workload.kind) {
    case 'echo':
      return {
        ...workload,
        messages: Math.ceil(workload.messages / 3 / workload.inFlight) * workload.inFlight,
      }
    case 'broadcast':
      return { ...workload, publications: workload.publications / 3 }
    case 'handshake':
      return { ...workload, connections: 2_000 }
    case 'idle':
      return { ...workload, name: 'idle connections, 4,000', connections: 4_000 }
  }
}
