/**
 * What `connect` can be told, and the defaults for what it is not told. It holds no behaviour: who reads a
 * setting says what it does there.
 */

/** The four ways to move along a log, the fastest first. */
export type TransportName = 'websocket' | 'sse' | 'long-polling' | 'polling'

/** What `auto` tries, in this order; `holdfast/advice` begins with it too. */
export const TRANSPORT_ORDER: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

/** A token, or where to get one: it is asked again before each connection and when the server wants a fresh one. */
export type TokenSource = string | (() => string | Promise<string>)

export interface ConnectOptions {
  /** `auto` (the default) finds the fastest that works. Any other is kept whatever happens. */
  readonly transport?: TransportName | 'auto'
  readonly token?: TokenSource
  /** Used for every HTTP request; the global `fetch` by default. */
  readonly fetch?: typeof fetch
  /** A constructor like the browser's; the platform's own by default. */
  readonly WebSocket?: typeof WebSocket
  /** Regular polling asks this often, milliseconds; by default as often as the server suggests. */
  readonly pollIntervalMs?: number
  /** How long a long poll asks to be held at most, milliseconds. Default 25,000. */
  readonly holdMs?: number
  /** How long a transport has to answer `hello` while there is another to try, milliseconds. Default 3,000. */
  readonly helloTimeoutMs?: number
  /** A transport that has lived this long is trusted, milliseconds. Default 10,000. */
  readonly provenAfterMs?: number
  /** On a lower transport, WebSocket is tried again this often, milliseconds. Default 60,000. */
  readonly probeIntervalMs?: number
  /** Waiting between attempts: random up to a bound that doubles from `minMs` (500) to `maxMs` (20,000). */
  readonly backoff?: { readonly minMs?: number; readonly maxMs?: number }
  /** Publications that may wait in an iterator. Default 1,000. */
  readonly iteratorLimit?: number
  /** Publications that may wait to be sent: default 10,000, and 16 MiB. */
  readonly outbox?: { readonly count?: number; readonly bytes?: number }
  /** What a handler threw, and other faults that no promise reports. Default: `console.error`. */
  readonly onError?: (error: unknown) => void
}

/** Every option with its default filled in. */
export interface Settings {
  readonly pollIntervalMs?: number
  readonly holdMs: number
  readonly helloTimeoutMs: number
  readonly provenAfterMs: number
  readonly probeIntervalMs: number
  readonly backoff: { readonly minMs: number; readonly maxMs: number }
  readonly iteratorLimit: number
  readonly outbox: { readonly count: number; readonly bytes: number }
  readonly onError: (error: unknown) => void
}

export const settingsOf = (options: ConnectOptions): Settings => ({
  holdMs: 25_000,
  helloTimeoutMs: 3_000,
  provenAfterMs: 10_000,
  probeIntervalMs: 60_000,
  iteratorLimit: 1_000,
  onError: (error): void => console.error(error),
  ...options,
  backoff: { minMs: 500, maxMs: 20_000, ...options.backoff },
  outbox: { count: 10_000, bytes: 16 * 1024 * 1024, ...options.outbox },
})
