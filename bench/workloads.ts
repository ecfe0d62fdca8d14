/** What `npm run bench` measures. It measures nothing by itself. */
import type { Round } from './server-process.ts'
import {
  BUN,
  ECHOES,
  FAST,
  FASTEST,
  HOLDFAST,
  HOLDFAST_WEBSOCKET,
  LOGS,
  NCHAN,
  POLLS,
  PUBLISHERS,
  REGULAR,
  SHAKERS,
  SOCKET_IO,
  SOCKETS,
  SSE,
  UWS,
  WS,
} from './subjects.ts'
import type { Limit, Published, Subject, Workload } from './workload.ts'

const bar = (beside: string, atMost: number, of?: string): Limit => ({
  kind: 'bar',
  beside,
  atMost,
  ...(of !== undefined && { of }),
})
const goal = (beside: string, atMost: number, of?: string): Limit => ({
  ...bar(beside, atMost, of),
  kind: 'goal',
})

/** One at a time, so far apart that each is over before the next. */
const round = (round: Partial<Round>): Round => ({
  publications: 30,
  burst: 1,
  intervalMs: 50,
  bytes: 128,
  content: 'filler',
  channels: 1,
  ...round,
})
/** Several in a turn, and more than most can do. */
const TEN_AT_A_TIME = round({ publications: 250, burst: 10, intervalMs: 70 })
const FIVE_A_SECOND = round({ publications: 12, intervalMs: 200 })
const TWENTY_A_SECOND = round({ publications: 40, intervalMs: 50 })

type Rest = Omit<Published, 'kind' | 'name' | 'subjects' | 'per' | 'connections'> & { connections?: number }

/** A figure for each delivery. */
const delivered = (name: string, subjects: readonly Subject[], rest: Rest): Published => ({
  kind: 'published',
  name,
  subjects,
  per: 'deliveries',
  connections: 1_000,
  ...rest,
})

/** A figure for each answer to a poll, which may bring several publications to whoever is slow. */
const answered = (name: string, subjects: readonly Subject[], rest: Rest): Published => ({
  ...delivered(name, subjects, rest),
  per: 'answers',
})

const FAN_OUT: readonly Workload[] = [
  delivered('fan-out to 1,000, one at a time', SOCKETS, {
    round: round({}),
    limits: [bar('ws', 0.95), goal('uWebSockets', 1.1)],
    quick: true,
  }),
  delivered('fan-out to 1,000, three at a time, 60/s', FAST, {
    round: round({ publications: 60, burst: 3 }),
  }),
  delivered('fan-out to 1,000, ten at a time', FAST, {
    round: TEN_AT_A_TIME,
    limits: [bar('ws', 0.15), goal('uWebSockets', 1), goal('Bun', 1)],
    quick: true,
  }),
  delivered('fan-out to 5,000, one at a time', FASTEST, {
    connections: 5_000,
    round: round({ publications: 6, intervalMs: 250 }),
  }),
  delivered('fan-out to 5,000, three at a time, 12/s', FASTEST, {
    connections: 5_000,
    round: round({ publications: 12, burst: 3, intervalMs: 250 }),
  }),
  delivered('fan-out to 5,000, ten at a time', FASTEST, {
    connections: 5_000,
    round: round({ publications: 80, burst: 10, intervalMs: 300 }),
    limits: [bar('ws', 0.25), goal('uWebSockets', 1), goal('Bun', 1)],
  }),
  delivered('10,000 channels with 10 followers each, 3,000/s', FAST, {
    connections: 5_000,
    follows: 20,
    round: round({ publications: 3_000, burst: 15, intervalMs: 5, channels: 10_000 }),
  }),
  delivered('1,000 readers of which 10 do not read, 8 KiB', FAST, {
    deaf: 10,
    settings: { keeps: 100 },
    round: round({ publications: 100, bytes: 8_192, intervalMs: 20 }),
  }),
  delivered('TLS: fan-out to 1,000, one at a time', FASTEST, { tls: true, round: round({}) }),
  delivered('TLS: fan-out to 1,000, ten at a time', FASTEST, { tls: true, round: TEN_AT_A_TIME }),
  delivered('compressed: fan-out to 1,000, 2 KiB JSON', FASTEST, {
    settings: { deflate: true },
    round: round({ publications: 20, intervalMs: 100, bytes: 2_048, content: 'trades' }),
  }),
]

const OF_POLLS: readonly Limit[] = [
  bar('node:http', 0.95),
  bar('Socket.IO', 1),
  goal('nchan', 1),
  goal('Holdfast GET', 1.3, 'Holdfast session POST'),
]

const OVER_HTTP: readonly Workload[] = [
  delivered('SSE to 1,000, 5/s', SSE, { round: FIVE_A_SECOND }),
  delivered('SSE to 1,000, 20/s', SSE, { round: TWENTY_A_SECOND }),
  answered('long polling, 1,000 held, 5/s', POLLS, {
    round: FIVE_A_SECOND,
    limits: OF_POLLS,
  }),
  answered('long polling, 1,000 held, 20/s', POLLS, {
    round: TWENTY_A_SECOND,
    limits: OF_POLLS,
    quick: true,
  }),
  delivered('regular polling, 1,000 clients every 100 ms, 5/s', REGULAR, { round: FIVE_A_SECOND }),
  delivered('regular polling, 1,000 clients every 100 ms, 20/s', REGULAR, { round: TWENTY_A_SECOND }),
]

const EXCHANGES: readonly Workload[] = [
  {
    kind: 'exchanged',
    name: 'raw echo, one in flight',
    subjects: ECHOES,
    connections: 100,
    inFlight: 1,
    messages: 1_000,
    limits: [bar('ws', 0.8), goal('uWebSockets', 1.2)],
  },
  {
    kind: 'exchanged',
    name: 'raw echo, 32 in flight',
    subjects: ECHOES,
    connections: 100,
    inFlight: 32,
    messages: 4_800,
    limits: [bar('ws', 0.12), bar('uWebSockets', 1), goal('Bun', 1)],
    quick: true,
  },
  {
    kind: 'exchanged',
    name: 'publications acknowledged, one in flight',
    subjects: PUBLISHERS,
    connections: 100,
    inFlight: 1,
    messages: 500,
    limits: [bar('Socket.IO', 1)],
  },
  {
    kind: 'exchanged',
    name: 'publications acknowledged, 32 in flight',
    subjects: PUBLISHERS,
    connections: 100,
    inFlight: 32,
    messages: 960,
    limits: [bar('Socket.IO', 1), goal('Socket.IO', 0.5)],
    quick: true,
  },
]

const CONNECTIONS: readonly Workload[] = [
  {
    kind: 'caught up',
    name: 'catching up, 1,000 clients by 1,000 entries each',
    subjects: LOGS,
    connections: 1_000,
    entries: 1_000,
  },
  {
    // What a rate of handshakes costs: at any that lasts, as many connections end as begin.
    kind: 'opened',
    name: 'handshakes, with the end of each connection',
    figure: 'life',
    subjects: SHAKERS,
    connections: 2_000,
    limits: [bar('ws', 0.77), goal('ws', 0.33)],
    quick: true,
  },
  {
    kind: 'opened',
    name: 'handshakes alone',
    figure: 'handshake',
    subjects: SHAKERS,
    connections: 2_000,
  },
  {
    kind: 'opened',
    name: 'memory of 10,000 idle connections that follow a channel',
    figure: 'memory',
    subjects: [WS, HOLDFAST, UWS, BUN, HOLDFAST_WEBSOCKET, NCHAN, SOCKET_IO],
    connections: 10_000,
    limits: [
      { kind: 'bar', atMost: 7_500 },
      { kind: 'goal', atMost: 5_000 },
      bar('ws', 1, 'Holdfast WebSocket'),
      { kind: 'goal', of: 'Holdfast WebSocket', atMost: 4_000 },
    ],
  },
]

export const WORKLOADS: readonly Workload[] = [...FAN_OUT, ...OVER_HTTP, ...EXCHANGES, ...CONNECTIONS]
