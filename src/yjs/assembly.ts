/**
 * Messages that come in parts, put together. Parts of one message come in order, with anything between them. A
 * message whose parts lie further apart than `COMPLETE_WITHIN_MS` by the log's own times is void, for every reader
 * alike: so whoever wants to trim the log knows when it need not wait for the rest any more, and whoever wrote it
 * knows that it has to be written again.
 */
import type { Envelope } from './envelope.ts'

export const COMPLETE_WITHIN_MS = 600_000
/** Who wrote part of a snapshot this long ago will not go on: another may write one. */
const SNAPSHOT_IDLE_MS = 30_000
/** Beyond these, what was begun first is given up. */
const MOST_OPEN = 256
const MOST_OPEN_BYTES = 64 * 1024 * 1024

export interface Arrival {
  /** By the log's clock. */
  readonly time: number
  /** The cursor just before it. */
  readonly before: string
}

interface OpenMessage {
  readonly snapshot: boolean
  readonly begun: Arrival
  readonly count: number
  readonly parts: Uint8Array[]
  bytes: number
  lastTime: number
}

export class Assembly {
  readonly #open = new Map<string, OpenMessage>()
  #bytes = 0

  /** The payload that is complete with this envelope; undefined while more is to come. */
  add(envelope: Envelope, arrival: Arrival): Uint8Array | undefined {
    const { part, nonce, payload } = envelope
    if (part === undefined) return payload
    this.#forgetVoid(arrival.time)
    const message = part.index === 0 ? this.#begin(envelope, arrival) : this.#open.get(nonce)
    // What does not follow was begun before the log's floor, is void, or was never begun.
    if (message === undefined || message.parts.length !== part.index || message.count !== part.count)
      return undefined
    message.parts.push(payload)
    message.bytes += payload.length
    message.lastTime = arrival.time
    this.#bytes += payload.length
    if (message.parts.length < message.count) {
      this.#keepWithinBounds()
      return undefined
    }
    this.#forget(nonce)
    return joined(message)
  }

  /**
   * The cursor behind which everything must stay, since the rest of an update may still come. Of a snapshot nobody
   * waits for the rest: what it holds is in the log until it is complete.
   */
  holdsBack(now: number): string | undefined {
    this.#forgetVoid(now)
    for (const { begun, snapshot } of this.#open.values()) if (!snapshot) return begun.before
    return undefined
  }

  /** Somebody is about to write a snapshot. */
  snapshotUnderWay(now: number): boolean {
    for (const { snapshot, lastTime } of this.#open.values()) {
      if (snapshot && now - lastTime < SNAPSHOT_IDLE_MS) return true
    }
    return false
  }

  clear(): void {
    this.#open.clear()
    this.#bytes = 0
  }

  #begin({ snapshot, nonce, part }: Envelope, begun: Arrival): OpenMessage {
    this.#forget(nonce)
    const count = part?.count ?? 1
    const message: OpenMessage = { snapshot, begun, count, parts: [], bytes: 0, lastTime: begun.time }
    this.#open.set(nonce, message)
    return message
  }

  #forgetVoid(now: number): void {
    for (const [nonce, { begun }] of this.#open) {
      if (now - begun.time > COMPLETE_WITHIN_MS) this.#forget(nonce)
    }
  }

  #keepWithinBounds(): void {
    for (const nonce of this.#open.keys()) {
      if (this.#open.size <= MOST_OPEN && this.#bytes <= MOST_OPEN_BYTES) return
      this.#forget(nonce)
    }
  }

  #forget(nonce: string): void {
    this.#bytes -= this.#open.get(nonce)?.bytes ?? 0
    this.#open.delete(nonce)
  }
}

const joined = ({ parts, bytes }: OpenMessage): Uint8Array => {
  const payload = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    payload.set(part, at)
    at += part.length
  }
  return payload
}
