// What the two ways to dial have in common: what they are told, what they come back with, and what becomes of an answer
// that is no valid one. It opens nothing.

import type { ClientHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { HandshakeChoice, HandshakeWishes } from '../websocket/index.ts'
import type { Attempt, AttemptOptions } from './attempt.ts'
import { cutOff } from './carrier.ts'
import { DialError } from './errors.ts'
import type { SocketHandler } from './handler.ts'
import { nameOf, type ReachOptions } from './reach.ts'
import type { ConnectionOptions } from './settings.ts'

export interface DialOptions extends ConnectionOptions, ReachOptions, AttemptOptions {
  readonly handler?: SocketHandler | undefined
  /** Subprotocols to ask for, in order of preference. */
  readonly protocols?: readonly string[]
  /** Further headers for the request. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /**
   * Over HTTP/2: true for a session of its own, which ends with the connection, over TLS by ALPN and without it with
   * prior knowledge; or a session to share, which stays, and whose `proxy` and `tls` are its owner's affair.
   */
  readonly http2?: boolean | ClientHttp2Session
}

/** What a way to dial needs to know; `wishes` are what `headers` say. */
export interface Dialling {
  readonly target: URL
  readonly wishes: HandshakeWishes
  readonly options: DialOptions
  readonly attempt: Attempt
  /** How long the end of what lies below a connection may take, in milliseconds. */
  readonly closeTimeoutMs: number
}

/** What a way to dial comes back with. */
export interface Dialled {
  readonly carrier: Duplex
  readonly choice: HandshakeChoice
  /** What came behind the answer. */
  readonly head: Uint8Array
}

/** What `judge` makes of a server's answer; if that is an error, its connection or stream is not kept. */
export function judged<T>(carrier: Duplex, target: URL, judge: () => T): T {
  try {
    return judge()
  } catch (cause) {
    cutOff(carrier.on('error', () => {}))
    throw new DialError('bad-handshake', `${nameOf(target)} answered with a wrong handshake`, { cause })
  }
}
