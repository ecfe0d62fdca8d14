/**
 * What `npm run bench` measures: a row of figures for each workload, a column for each server that can do that work.
 * It measures nothing by itself.
 */
import type { ClientName } from './load/clients.ts'
import type { Round, Runtime } from './processes.ts'

/** A server, and how a client follows it. */
export interface Subject {
  readonly name: string
  readonly server: string
  readonly runtime: Runtime
  readonly client: ClientName
}

interface Named {
  readonly name: string
  /** The first is what the ratios are to. */
  readonly subjects: readonly Subject[]
  /** The most that ours may be of the first. */
  readonly bar?: number
  /** Part of `--quick`. */
  readonly quick?: boolean
}

export interface Published extends Named {
  readonly kind: 'published'
  /** What a figure is per million of: publications delivered, or answers to polls. */
  readonly per: 'deliveries' | 'answers'
  readonly connections: number
  readonly round: Round
}

export interface Exchanged extends Named {
  readonly kind: 'exchanged'
  readonly connections: number
  readonly inFlight: number
  readonly messages: number
}

export interface Opened extends Named {
  readonly kind: 'opened'
  /** CPU time of opening, or memory once they are idle. */
  readonly figure: 'handshake' | 'memory'
  readonly connections: number
}

export type Workload = Published | Exchanged | Opened

const node = (name: string, server: string, client: ClientName): Subject => ({
  name,
  server,
  runtime: 'node',
  client,
})

const WS = node('ws', 'ws', 'bare socket')
const HOLDFAST = node('Holdfast', 'holdfast', 'holdfast socket')
const UWS: Subject = { name: 'uWebSockets', server: 'uwebsockets', runtime: 'node20', client: 'bare socket' }
const BUN: Subject = { name: 'Bun', server: 'bun', runtime: 'bun', client: 'bare socket' }
const KERNEL: Subject = { name: 'kernel', server: 'kernel', runtime: 'python', client: 'bare socket' }
const NCHAN = node('nchan', 'nchan', 'nchan socket')
const SOCKET_IO = node('Socket.IO', 'socket-io', 'socket.io')
const ENGINE_IO = node('engine.io', 'engine-io', 'engine.io')
const SOCKJS = node('SockJS', 'sockjs', 'sockjs')
const FAYE = node('Faye', 'faye', 'faye')
const SOCKETS = [WS, HOLDFAST, UWS, BUN, NCHAN, SOCKET_IO, ENGINE_IO, SOCKJS, FAYE, KERNEL]
const FAST = [WS, HOLDFAST, UWS, BUN, NCHAN, SOCKET_IO]

const POLLS = [
  node('node:http', 'node-http', 'bare poll'),
  node('Holdfast GET', 'holdfast', 'stream poll'),
  node('Holdfast session POST', 'holdfast', 'session poll'),
  node('nchan', 'nchan', 'nchan poll'),
]

const round = (round: Partial<Round>): Round => ({
  publications: 60,
  burst: 1,
  intervalMs: 50,
  bytes: 128,
  channels: 1,
  ...round,
})

export const WORKLOADS: readonly Workload[] = [
  {
    kind: 'published',
    name: 'fan-out to 1,000, one at a time',
    subjects: SOCKETS,
    per: 'deliveries',
    connections: 1_000,
    round: round({}),
    bar: 0.95,
    quick: true,
  },
  {
    kind: 'published',
    name: 'fan-out to 1,000, ten at a time',
    subjects: FAST,
    per: 'deliveries',
    connections: 1_000,
    round: round({ publications: 300, burst: 10, intervalMs: 100 }),
    bar: 0.15,
    quick: true,
  },
  {
    kind: 'published',
    name: 'fan-out to 5,000, ten at a time',
    subjects: [WS, HOLDFAST, UWS, BUN],
    per: 'deliveries',
    connections: 5_000,
    round: round({ publications: 100, burst: 10, intervalMs: 400 }),
    bar: 0.25,
  },
  {
    kind: 'published',
    name: 'one of 1,000 channels with 10 followers each',
    subjects: FAST,
    per: 'deliveries',
    connections: 10_000,
    round: round({ publications: 6_000, burst: 300, intervalMs: 100, channels: 1_000 }),
  },
  {
    kind: 'published',
    name: 'SSE to 1,000, one at a time',
    subjects: [WS, node('Holdfast SSE', 'holdfast', 'holdfast sse')],
    per: 'deliveries',
    connections: 1_000,
    round: round({}),
  },
  {
    kind: 'published',
    name: 'long polling, 1,000 held, 5/s',
    subjects: POLLS,
    per: 'answers',
    connections: 1_000,
    round: round({ publications: 30, intervalMs: 200 }),
    bar: 0.95,
    quick: true,
  },
  {
    kind: 'published',
    name: 'regular polling, 1,000 clients every 100 ms, 5/s',
    subjects: [node('Holdfast regular', 'holdfast', 'session regular')],
    per: 'answers',
    connections: 1_000,
    round: round({ publications: 20, intervalMs: 200 }),
  },
  {
    kind: 'exchanged',
    name: 'publications acknowledged, one in flight',
    subjects: [SOCKET_IO, node('Holdfast', 'holdfast', 'holdfast publisher')],
    connections: 100,
    inFlight: 1,
    messages: 300,
    bar: 1,
  },
  {
    kind: 'exchanged',
    name: 'publications acknowledged, 32 in flight',
    subjects: [SOCKET_IO, node('Holdfast', 'holdfast', 'holdfast publisher')],
    connections: 100,
    inFlight: 32,
    messages: 960,
    bar: 1,
    quick: true,
  },
  {
    kind: 'opened',
    name: 'handshakes',
    figure: 'handshake',
    subjects: [WS, node('Holdfast', 'holdfast', 'holdfast handshake'), UWS, BUN, NCHAN, SOCKET_IO],
    connections: 4_000,
    bar: 0.77,
    quick: true,
  },
  {
    kind: 'opened',
    name: 'memory of an idle connection that follows a channel',
    figure: 'memory',
    subjects: [WS, HOLDFAST, UWS, BUN, NCHAN, SOCKET_IO],
    connections: 10_000,
  },
]
