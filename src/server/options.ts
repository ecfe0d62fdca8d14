/** What a node can be told. Everything has a default: `createServer()` alone is a working node on loopback. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminOptions } from './admin-access.ts'
import type { Broker, ChannelRule } from '../channel/index.ts'
import type { DeflateOptions } from '../wire/index.ts'
import type { Action, Awaitable, Identity, Limits } from '../transport/index.ts'

/** What `authenticate` is given. */
export interface Credentials {
  /** From `hello`, `auth` or a poll's body; undefined when the client sent none. */
  readonly token: string | undefined
  readonly address: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Who a client is. Anything beyond `user` and `expiresAt` is handed on to `authorize` and to calls. */
export interface Authenticated {
  readonly user: string
  /** When the token runs out, milliseconds since 1970; undefined: never. */
  readonly expiresAt?: number
  readonly [claim: string]: unknown
}

export interface AuthorizeRequest {
  readonly action: Action
  /** The channel, or for `call` undefined. */
  readonly channel: string | undefined
  /** The method of a `call`. */
  readonly method: string | undefined
  readonly identity: Identity
}

export interface ServerOptions {
  /** Where logs live; a `MemoryBroker` by default. The server disposes only of one that it made. */
  readonly broker?: Broker
  /**
   * Compresses WebSocket messages with clients that ask for it (permessage-deflate, without context takeover); off by
   * default. A publication is compressed once for all of them. True for the defaults: messages from 1 KiB on, level 3.
   */
  readonly deflate?: boolean | Pick<DeflateOptions, 'level' | 'thresholdBytes'>
  /** In front of every route, for example `/realtime`. Empty by default. */
  readonly path?: string
  /**
   * Says who a client is, or null when the token is no good. Without it everyone is anonymous. It runs for
   * every WebSocket and every poll; what it returns with an `expiresAt` is kept until then.
   */
  readonly authenticate?: (credentials: Credentials) => Awaitable<Authenticated | null>
  /** Whether a client may do what it asks, before anything is done. Without it everything is allowed. */
  readonly authorize?: (request: AuthorizeRequest) => Awaitable<boolean>
  readonly rules?: readonly ChannelRule[]
  readonly limits?: Partial<Limits>
  /** Signs session ids; nodes behind one address share it. Random by default. */
  readonly secret?: string
  /** Origins of pages that may connect, beside the node's own: `https://app.example`. */
  readonly origins?: readonly string[]
  /** Host names that requests may carry; undefined takes any. Keeps DNS rebinding out of a loopback node. */
  readonly hosts?: readonly string[]
  /** Whatever is no route of the node, when it listens by itself. 404 by default. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse) => void
  /**
   * Lets a person look into the node and act on it under `<path>/api/admin`: whoever shows this secret, of 16 characters
   * at least, as a Bearer token; or, with `open`, whoever comes from this machine, to `localhost` or its address. Off
   * without it.
   */
  readonly admin?: AdminOptions
  /** Told of faults that are the node's own, never of what a peer did wrong. */
  readonly onError?: (error: unknown) => void
}

/** What `holdfast.config.ts` may say beside: where `holdfast serve` listens. Flags win over it. */
export interface HoldfastConfig extends ServerOptions {
  readonly port?: number
  readonly host?: string
}

/** Types a config file; returns what it is given. */
export const defineConfig = (config: HoldfastConfig): HoldfastConfig => config
