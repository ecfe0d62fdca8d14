// What waits to be written to one socket. Everything sent in a turn of the event loop is collected and written once at
// its end, because the system call is the cost; small frames share one slab of memory, large and shared ones are
// written where they lie. It never has more than one batch under way, so that progress can be seen, and it does not
// decide what is sent or when a peer is too slow.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  applyMask,
  FIN,
  frameHeaderLength,
  MAX_HEADER_LENGTH,
  Opcode,
  writeFrameHeader,
} from '../websocket/index.ts'
import { encodeMessage } from './message.ts'
import { TcpSocket } from './tcp-socket.ts'

/** The memory that the small frames of all sockets share, and the most that is collected before an early flush. */
const SLAB_BYTES = 65_536
/** Payloads from here on are not copied into the slab. */
const LARGE_BYTES = 16_384
/** Parts that are on average no larger are joined, which costs less than handing the kernel a list of them. */
const SMALL_PART_BYTES = 2_048
/** The most handed to the socket at once while the peer lags: the grain in which progress is seen. */
const BATCH_BYTES = 262_144

let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
let slabUsed = 0
/** Whether the kernel has not taken all that was written from this slab: then its memory is never used again. */
let slabRetained = false
/** Whose region ends where the slab's free space begins. */
let slabOwner: Outbound | undefined

/** The parts that were last joined and what came of it: whoever is sent the same in this turn shares it. */
let joinedParts: readonly Uint8Array[] = []
let joinedBytes: Buffer | undefined

/** Shared by all who have no list; never added to. */
const NO_PARTS: Uint8Array[] = []

const dirty: Outbound[] = []
let flushScheduled = false

export interface OutboundOwner {
  readonly highWaterMarkBytes: number
  /** A client's key for each frame; a server has none. */
  readonly maskKey?: (() => number) | undefined
  /** The mark was reached. */
  filled(): void
  /** The kernel took a batch. */
  progressed(): void
  /** Less than the mark waits, after it was reached. */
  emptied(): void
}

export class Outbound {
  /** Whether the mark was reached and `emptied` is due. */
  over = false
  private readonly socket: Duplex
  private readonly owner: OutboundOwner
  /** Whether bytes that count as written are copied; other streams may hand on the very memory they were given. */
  private readonly copies: boolean
  /** What waits, if it is one part: most often it is, and then a list for it would be garbage. */
  private only: Uint8Array | undefined
  /** What waits, if it is more. */
  private parts: Uint8Array[] = NO_PARTS
  /** Bytes collected here that the socket does not have yet. */
  private pendingBytes = 0
  private regionStart = 0
  private regionEnd = 0
  private isDirty = false
  private batchUnderWay = false
  private ending = false

  constructor(socket: Duplex, owner: OutboundOwner) {
    this.socket = socket
    this.owner = owner
    this.copies = socket instanceof Socket || socket instanceof TcpSocket
  }

  get bufferedBytes(): number {
    return this.pendingBytes + this.socket.writableLength
  }

  /** One text message in one frame. */
  text(text: string): void {
    if (text.length * 3 > LARGE_BYTES) return this.largeText(text)
    const key = this.owner.maskKey?.()
    const masked = key !== undefined
    const start = this.reserve(MAX_HEADER_LENGTH + text.length * 3)
    const guess = start + frameHeaderLength(text.length, masked)
    const length = slab.write(text, guess)
    const payload = start + frameHeaderLength(length, masked)
    if (payload !== guess) slab.copyWithin(payload, guess, guess + length)
    writeFrameHeader(slab, start, FIN | Opcode.text, length, key)
    if (masked) applyMask(slab, payload, payload + length, key)
    this.commit(payload + length - start)
  }

  private largeText(text: string): void {
    if (this.owner.maskKey === undefined) this.large(encodeMessage(text))
    else this.frame(FIN | Opcode.text, Buffer.from(text))
  }

  /**
   * One frame; `first` is its whole first byte. A server's large payload is not copied: it must not change until it is
   * written.
   */
  frame(first: number, payload: Uint8Array): void {
    const { length } = payload
    const key = this.owner.maskKey?.()
    const large = length > LARGE_BYTES
    const start = this.reserve(MAX_HEADER_LENGTH + (large ? 0 : length))
    const at = writeFrameHeader(slab, start, first, length, key)
    if (large) {
      this.commit(at - start)
      this.large(key === undefined ? payload : maskedCopy(payload, key))
      return
    }
    slab.set(payload, at)
    if (key !== undefined) applyMask(slab, at, at + length, key)
    this.commit(at + length - start)
  }

  /** Bytes that are on the wire as they are, shared with other sockets, never changed. */
  shared(frames: Uint8Array): void {
    this.part(frames)
  }

  /** Ends the socket's writing side once everything is written. */
  end(): void {
    this.ending = true
    this.schedule()
  }

  /** Writes now what waits, unless a batch is under way. */
  flush(): void {
    this.isDirty = false
    this.closeRegion()
    if (this.batchUnderWay) {
      slabRetained = true
      return
    }
    if (this.pendingBytes > 0) this.write()
    if (this.ending && this.pendingBytes === 0) this.socket.end()
  }

  private write(): void {
    const { socket, only, parts } = this
    if (!this.over && socket.writableLength === 0) {
      this.only = undefined
      this.parts = NO_PARTS
      this.pendingBytes = 0
      if (only === undefined) writeParts(socket, parts)
      else writePart(socket, only)
    } else {
      this.batchUnderWay = true
      writeParts(socket, this.takeBatch(), (error) => this.batchWritten(error))
    }
    if (!this.copies || socket.writableLength > 0 || this.pendingBytes > 0) slabRetained = true
  }

  private batchWritten(error: Error | null | undefined): void {
    this.batchUnderWay = false
    if (error) return
    this.owner.progressed()
    if (this.pendingBytes > 0 || this.ending) this.flush()
    if (this.over && this.bufferedBytes < this.owner.highWaterMarkBytes) {
      this.over = false
      this.owner.emptied()
    }
  }

  private takeBatch(): Uint8Array[] {
    if (this.only !== undefined) this.parts = [this.only]
    this.only = undefined
    const batch: Uint8Array[] = []
    let room = BATCH_BYTES
    let taken = 0
    for (; taken < this.parts.length && room > 0; taken++) {
      const part = this.parts[taken]!
      if (part.length > room) {
        batch.push(part.subarray(0, room))
        this.parts[taken] = part.subarray(room)
        room = 0
        break
      }
      batch.push(part)
      room -= part.length
    }
    this.parts.splice(0, taken)
    this.pendingBytes -= BATCH_BYTES - room
    return batch
  }

  /**
   * Written at once, and what waits before it: its cost is the copying, which at the end of a turn in which many are
   * sent would find none of it in the processor's caches.
   */
  private large(bytes: Uint8Array): void {
    this.part(bytes)
    this.flush()
  }

  private part(bytes: Uint8Array): void {
    this.closeRegion()
    this.append(bytes)
    this.added(bytes.length)
  }

  private append(bytes: Uint8Array): void {
    if (this.parts.length > 0) this.parts.push(bytes)
    else if (this.only === undefined) this.only = bytes
    else {
      this.parts = [this.only, bytes]
      this.only = undefined
    }
  }

  /** Room in the slab behind this socket's open region, which is made its last if it is not. */
  private reserve(size: number): number {
    if (slab.length - slabUsed < size) {
      flushAll()
      if (slab.length - slabUsed < size) renewSlab()
    }
    if (slabOwner !== this) {
      claimSlab(this)
      this.regionStart = this.regionEnd = slabUsed
    }
    return slabUsed
  }

  private commit(size: number): void {
    slabUsed += size
    this.regionEnd = slabUsed
    this.added(size)
  }

  /** Turns the open region into a part. */
  closeRegion(): void {
    if (slabOwner !== this) return
    slabOwner = undefined
    if (this.regionEnd > this.regionStart) this.append(slab.subarray(this.regionStart, this.regionEnd))
  }

  private added(size: number): void {
    this.pendingBytes += size
    if (!this.isDirty) this.schedule()
    if (!this.over && this.bufferedBytes >= this.owner.highWaterMarkBytes) {
      this.over = true
      this.owner.filled()
    }
  }

  private schedule(): void {
    if (this.isDirty) return
    this.isDirty = true
    dirty.push(this)
    if (flushScheduled) return
    flushScheduled = true
    setImmediate(flushAtEndOfTurn)
  }
}

function claimSlab(outbound: Outbound): void {
  slabOwner?.closeRegion()
  slabOwner = outbound
}

function flushAtEndOfTurn(): void {
  flushScheduled = false
  flushAll()
}

/** Writes at once what all sockets have collected: for who knows that the turn's work is done. */
export function flushAll(): void {
  for (let at = 0; at < dirty.length; at++) dirty[at]!.flush()
  dirty.length = 0
  joinedParts = []
  joinedBytes = undefined
  if (!slabRetained) slabUsed = 0
}

function renewSlab(): void {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  slabUsed = 0
  slabRetained = false
}

function writeParts(socket: Duplex, parts: Uint8Array[], done?: (error?: Error | null) => void): void {
  if (parts.length === 1) return writePart(socket, parts[0]!, done)
  let size = 0
  for (let at = 0; at < parts.length; at++) size += parts[at]!.length
  if (size <= parts.length * SMALL_PART_BYTES) return writePart(socket, join(parts, size), done)
  const last = parts.length - 1
  socket.cork()
  for (let at = 0; at < last; at++) socket.write(parts[at]!)
  writePart(socket, parts[last]!, done)
  socket.uncork()
}

function writePart(socket: Duplex, part: Uint8Array, done?: (error?: Error | null) => void): void {
  if (done === undefined) socket.write(part)
  else socket.write(part, done)
}

/** The parts in one piece. A publication for many makes the same list of shared frames for each of them. */
function join(parts: readonly Uint8Array[], size: number): Buffer {
  if (joinedBytes === undefined || !isSameList(parts, joinedParts)) {
    joinedBytes = Buffer.concat(parts, size)
    joinedParts = parts
  }
  return joinedBytes
}

function isSameList(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  if (some.length !== others.length) return false
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false
  return true
}

function maskedCopy(payload: Uint8Array, key: number): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(payload.length)
  copy.set(payload)
  applyMask(copy, 0, copy.length, key)
  return copy
}
