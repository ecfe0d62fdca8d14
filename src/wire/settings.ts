// What a connection may be told, and its defaults. Options are resolved once per options object, so that a server's
// thousands of connections share one settings object. It refuses limits that are not whole numbers from 0 up.

import { randomFillSync } from 'node:crypto'
import { isAscii, isUtf8 } from 'node:buffer'
import type { ConnectionSettings, Role } from '../websocket/index.ts'
import { resolveDeflate, type DeflateOptions, type DeflateSettings } from './per-message-deflate.ts'

export interface ConnectionOptions {
  /** The largest message the peer may send, in bytes; 1 MiB. Beyond it: 1009. */
  readonly maxPayloadBytes?: number
  /** The most frames one message may come in; 1,000. Beyond it: 1008. */
  readonly maxFragments?: number
  /** The most pongs that may wait for a peer that does not read; 60. Beyond it the connection is dropped. */
  readonly maxPendingPongs?: number
  /** Where `writable` turns false, in unsent bytes; 65,536. */
  readonly highWaterMarkBytes?: number
  /** A silent peer is pinged after this long; 25,000; 0 for never. */
  readonly pingIntervalMs?: number
  /** A pinged peer that stays silent this long is gone; 10,000. Any frame proves life. */
  readonly pongTimeoutMs?: number
  /** How long a closing handshake may take, and then the end of the connection below; 5,000. */
  readonly closeTimeoutMs?: number
  /** How long a peer may read nothing while more than the high-water mark waits for it; 30,000. Beyond it: 4008. */
  readonly stallTimeoutMs?: number
  /** Offers or accepts permessage-deflate (RFC 7692); false. True for its defaults. */
  readonly deflate?: boolean | DeflateOptions | undefined
}

type Limits = Required<Omit<ConnectionOptions, 'deflate'>>

export type WireSettings = ConnectionSettings & Limits & { readonly deflate: DeflateSettings | undefined }

const DEFAULTS: Limits = {
  maxPayloadBytes: 1_048_576,
  maxFragments: 1000,
  maxPendingPongs: 60,
  highWaterMarkBytes: 65_536,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  stallTimeoutMs: 30_000,
}

const resolved: Record<Role, WeakMap<ConnectionOptions, WireSettings>> = {
  client: new WeakMap(),
  server: new WeakMap(),
}

/** The settings for these options; the same object for the same options object, which must not change afterwards. */
export function resolveSettings(options: ConnectionOptions, role: Role): WireSettings {
  let settings = resolved[role].get(options)
  if (settings === undefined) {
    settings = buildSettings(options, role)
    resolved[role].set(options, settings)
  }
  return settings
}

function buildSettings(options: ConnectionOptions, role: Role): WireSettings {
  const limits: Record<string, number> = { ...DEFAULTS }
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = options[name] ?? DEFAULTS[name]
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${name} must be a whole number, not ${value}`)
    limits[name] = value
  }
  return {
    ...(limits as unknown as Limits),
    deflate: options.deflate ? resolveDeflate(options.deflate === true ? {} : options.deflate) : undefined,
    role,
    decodeText,
    encodeText,
    allocate,
    ...(role === 'client' && { maskKey }),
  }
}

/** The part of Buffer's slices that takes offsets, for any Uint8Array. */
const { latin1Slice, utf8Slice } = Buffer.prototype

/** Below this many bytes, native validation costs more than it saves. */
const SHORT_TEXT = 32

function decodeText(bytes: Uint8Array, start: number, end: number, ascii: boolean): string | undefined {
  if (start === end) return ''
  if (ascii || (end - start <= SHORT_TEXT && isShortAscii(bytes, start, end))) {
    return latin1Slice.call(bytes, start, end)
  }
  const text = bytes.subarray(start, end)
  if (isAscii(text)) return latin1Slice.call(bytes, start, end)
  return isUtf8(text) ? utf8Slice.call(bytes, start, end) : undefined
}

function isShortAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0
  for (let at = start; at < end; at++) seen |= bytes[at]!
  return seen < 0x80
}

const encodeText = (text: string): Uint8Array => Buffer.from(text)
const allocate = (size: number): Uint8Array => Buffer.allocUnsafe(size)

const keys = new Int32Array(1024)
let nextKey: number = keys.length

/** RFC 6455 §10.3: keys come from a strong source of entropy; a pool spares a call per frame. */
function maskKey(): number {
  if (nextKey === keys.length) {
    randomFillSync(keys)
    nextKey = 0
  }
  return keys[nextKey++]!
}
