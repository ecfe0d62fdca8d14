/**
 * The contract of the four transports: each carries commands to the server and events back, and follows the
 * channels that its host wants followed. It delivers; it decides nothing: not what to follow, not when to try
 * again, not what passes. When it cannot go on it says `down` once and is silent from then on.
 */
import type { Settings, TransportName } from '../options.ts'
import type { TransportError } from '../errors.ts'
import type { SubscribeFields } from '../feed.ts'
import type { AuthDue, Drain, Reply, StreamEvent, Welcome } from '../../protocol/index.ts'
import type { Timers } from '../timers.ts'

/** A command as JSON text, and its payload where that is bytes: each transport carries those as it can. */
export interface Outgoing {
  readonly json: string
  readonly bytes?: Uint8Array | undefined
}

/** Who a request speaks for; both change while a client lives. */
export interface Credentials {
  readonly token?: string | undefined
  readonly session?: string | undefined
}

export interface TransportHost {
  readonly timers: Timers
  readonly settings: Settings
  readonly credentials: Credentials
  /** What to follow now, each channel with the number of its latest change. */
  channels(): ReadonlyMap<string, number>
  /** How to ask for a channel at this moment. */
  ask(channel: string): SubscribeFields | undefined
  /** `hello` was answered; `askedMs` is when it was sent. */
  welcome(welcome: Welcome, askedMs: number): void
  /** True when something is missing: ask for the channel anew. */
  event(event: StreamEvent, bytes?: Uint8Array): boolean
  notice(event: AuthDue | Drain): void
  reply(reply: Reply): void
  /** Asks whether the server is there. Nothing at all from it for a while, and the link is down. */
  check(): void
  /** A channel has been answered: `complete` may have changed. */
  progress(): void
  down(error: TransportError): void
}

export interface Transport {
  readonly name: TransportName
  /** Bytes of commands that may wait for their answer at once. */
  readonly windowBytes: number
  /** Its answer has begun, whether or not anything came in it. */
  readonly began?: boolean
  /** Everything that the host wants followed is being delivered. */
  readonly complete: boolean
  open(): void
  /** What is to be followed has changed. */
  refollow(): void
  send(commands: readonly Outgoing[]): void
  /** Follows nothing more, but carries the answers that are still to come. */
  retire(): void
  /** Ends it. It says nothing afterwards. */
  close(): void
}

export type OpenTransport = (host: TransportHost) => Transport

/** Channels, each with the number of the change that was known when it was asked for. */
export type Asked = ReadonlyMap<string, number>

/** Whether something else is wanted than what was asked for. */
export const differs = (host: TransportHost, asked: Asked | undefined): boolean => {
  const wanted = host.channels()
  return (
    wanted.size !== asked?.size || [...wanted].some(([channel, revision]) => asked.get(channel) !== revision)
  )
}

/** How to ask for each of them now. */
export const askFor = (host: TransportHost, asked: Asked): Map<string, SubscribeFields | undefined> =>
  new Map([...asked.keys()].map((channel) => [channel, host.ask(channel)]))
