import type { PageLimit } from '../channel/index.ts'
import type { Rate } from './token-bucket.ts'

/** Every bound of a node, with its default. What lies beyond each is in PROTOCOL.md's refusal table. */
export interface Limits {
  /** One publication's payload, decoded, on every transport; bytes. */
  readonly publicationBytes: number
  /** A WebSocket message or an HTTP body: an envelope and base64 must fit around a publication; bytes. */
  readonly messageBytes: number
  readonly messageFragments: number
  /** Unsent bytes of a connection above which it is not written to until it drains. */
  readonly highWaterBytes: number
  /** A connection above its high-water mark that makes no progress for this long is let go. */
  readonly stallMs: number
  readonly pingIntervalMs: number
  readonly pongTimeoutMs: number
  /** Comment pings of an SSE answer. */
  readonly ssePingIntervalMs: number
  /** How long an SSE answer of a stream goes on, give or take a tenth, before its client comes back for the rest. */
  readonly sseLifetimeMs: number
  /** How long a WebSocket may take until its `hello` is answered, `authenticate` included. */
  readonly helloTimeoutMs: number
  /** How long a long poll is held, give or take a tenth. */
  readonly holdMs: number
  readonly heldPerSession: number
  readonly channelsPerPoll: number
  readonly channelsPerSocket: number
  /** A page of a resume, and a poll's answer. */
  readonly pagePublications: number
  readonly pageBytes: number
  /** Commands per second and user (or address), and how many may come at once. */
  readonly commandsPerSecond: number
  readonly commandBurst: number
  /** Subscribes and unsubscribes per second of one WebSocket, and how many may come at once. */
  readonly subscribesPerSecond: number
  readonly subscribeBurst: number
  /** Commands of one WebSocket that wait for their reply; beyond it nothing more is read from it. */
  readonly commandsUnderWay: number
  readonly connectionsPerAddress: number
  /** Requests of one connection that wait for their answer, pipelined behind each other. */
  readonly requestsPerConnection: number
  /** New connections per second. */
  readonly acceptsPerSecond: number
  readonly headerBytes: number
  readonly headerCount: number
  readonly headerTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** How long a presence lease holds, and how long a member counts as there after its connection closed. */
  readonly presenceLeaseMs: number
  readonly presenceGraceMs: number
  /** What a regular poll is told to wait: from busy to quiet. */
  readonly pollMinMs: number
  readonly pollMaxMs: number
}

export const DEFAULT_LIMITS: Limits = {
  publicationBytes: 64 * 1024,
  messageBytes: 2 * 64 * 1024 + 16 * 1024,
  messageFragments: 1_000,
  highWaterBytes: 64 * 1024,
  stallMs: 30_000,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  ssePingIntervalMs: 15_000,
  sseLifetimeMs: 60_000,
  helloTimeoutMs: 10_000,
  holdMs: 25_000,
  heldPerSession: 4,
  channelsPerPoll: 100,
  channelsPerSocket: 1_000,
  pagePublications: 300,
  pageBytes: 64 * 1024,
  commandsPerSecond: 50,
  commandBurst: 100,
  subscribesPerSecond: 100,
  subscribeBurst: 3_000,
  commandsUnderWay: 100,
  connectionsPerAddress: 200,
  requestsPerConnection: 16,
  acceptsPerSecond: 500,
  headerBytes: 16 * 1024,
  headerCount: 100,
  headerTimeoutMs: 10_000,
  keepAliveTimeoutMs: 75_000,
  presenceLeaseMs: 90_000,
  presenceGraceMs: 10_000,
  pollMinMs: 500,
  pollMaxMs: 5_000,
}

/** What is the same for every connection of a node is one object for all of them. */
const once = <T>(make: (limits: Limits) => T): ((limits: Limits) => T) => {
  const made = new WeakMap<Limits, { readonly value: T }>()
  return (limits) => {
    let one = made.get(limits)
    if (one === undefined) made.set(limits, (one = { value: make(limits) }))
    return one.value
  }
}

export const pageLimit: (limits: Limits) => PageLimit = once(
  ({ pagePublications: count, pageBytes: bytes }) => ({ count, bytes }),
)

export const subscribeRate: (limits: Limits) => Rate = once(
  ({ subscribesPerSecond: perSecond, subscribeBurst: burst }) => ({ perSecond, burst }),
)

/** How long a request may take to come as a whole. */
export const requestTimeoutMs = ({ headerTimeoutMs }: Limits): number => 3 * headerTimeoutMs
