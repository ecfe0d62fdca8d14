// Node allocates 64 KiB for each read of a server's socket, gives back what was not filled, makes an ArrayBuffer of the
// rest and passes it through a stream: a third of what a small message costs. A client's socket may say where it reads
// into (`onread`, documented); for a server's sockets Node has the same machinery, and no way to ask for it. Here it is
// asked for all the same, with one buffer for all sockets.
//
// These are internals of Node. Where one of them is not what is expected, sockets read as Node lets them.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** As much as libuv asks for. */
const READ_BYTES = 65_536
/** Views of up to so many bytes are made once. */
const MOST_KEPT_VIEWS = 4_096

/** Takes what one read brought, with its socket as `this`. */
export type Reader = (this: Socket, bytes: number) => boolean

interface Internals {
  readonly buffer: symbol
  readonly reader: symbol
}
type Internal = Socket & {
  readonly _handle?: { readonly useUserBuffer?: (buffer: Uint8Array) => void } | null
} & Record<symbol, unknown>

/** Undefined where this Node, or what stands in for it, keeps them elsewhere. */
const find = (): Internals | undefined => {
  const onread = { buffer: Buffer.alloc(1), callback: () => true }
  const probe = new Socket({ onread }) as Internal
  const symbols = Object.getOwnPropertySymbols(probe)
  const buffer = symbols.find((symbol) => probe[symbol] === onread.buffer)
  const reader = symbols.find((symbol) => probe[symbol] === onread.callback)
  return buffer && reader && { buffer, reader }
}

const internals = find()
export const shared: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
const views: Buffer[] = []

const viewOf = (bytes: number): Buffer => {
  if (bytes > MOST_KEPT_VIEWS) return shared.subarray(0, bytes)
  return (views[bytes] ??= shared.subarray(0, bytes))
}

/** Whether these bytes are only there until somebody reads again. */
export const isShared = (bytes: Uint8Array): boolean => bytes.buffer === shared.buffer

/** The bytes themselves, or a copy of those that are shared. */
export const kept = (bytes: Buffer): Buffer => (isShared(bytes) ? Buffer.from(bytes) : bytes)

/** To whoever reads the stream nothing is different. */
const pushing: Reader = function (bytes) {
  return this.push(Buffer.from(viewOf(bytes)))
}

/** What a Socket is made with that reads into it from the start. */
export const onreadShared: { readonly buffer: Buffer; readonly callback: Reader } = {
  buffer: shared,
  callback: pushing,
}

/** A connection of this house, which reads into it in any case. */
export interface SharedReading {
  reader: Reader | undefined
}

/**
 * A reader that gives bytes to whoever keeps no view of them: the next read of any socket overwrites them. While the
 * stream is paused they wait in it: TLS hands on what it has deciphered, whether its reader wants more or not.
 */
export const passing = (take: (this: Socket, chunk: Buffer) => void): Reader =>
  function (bytes) {
    if (this.readableFlowing !== true || this.readableLength > 0) return pushing.call(this, bytes)
    take.call(this, viewOf(bytes))
    return true
  }

/**
 * From now on the socket reads into the buffer that all of them share. May be called again, for another reader; without
 * one what is read comes as from any stream, in memory of its own.
 * @returns whether it does
 */
export const shareReads = (socket: Duplex, reader: Reader = pushing): boolean => {
  if ('reader' in socket) {
    ;(socket as SharedReading).reader = reader
    return true
  }
  if (internals === undefined || !(socket instanceof Socket)) return false
  const internal = socket as Internal
  if (internal[internals.buffer] === shared) {
    internal[internals.reader] = reader
    return true
  }
  const handle = internal._handle
  if (internal[internals.buffer] !== null || typeof handle?.useUserBuffer !== 'function') return false
  internal[internals.buffer] = shared
  internal[internals.reader] = reader
  handle.useUserBuffer(shared)
  return true
}
