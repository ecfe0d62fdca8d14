/**
 * A session over Server-Sent Events: one answer that never ends, one `data:` line per event. It is read by
 * `fetch`, since a browser's EventSource cannot POST. Commands travel in requests of their own.
 */
import type { ServerResponse } from 'node:http'
import type { PageLimit } from '../channel/index.ts'
import {
  type Bye,
  encodeEvent,
  ERRORS,
  type ErrorCode,
  type Reply,
  type ServerEvent,
} from '../protocol/index.ts'
import { NO_STORE } from './answer.ts'
import type { Framing } from '../hub/index.ts'
import { Attachment, type Outlet } from './attachment.ts'
import { SSE_FRAMING } from './framing.ts'
import type { Carrier, Gateway } from './gateway.ts'
import type { Poll } from './polls.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': `${NO_STORE}, no-transform`,
  // nginx buffers answers unless it is told not to.
  'x-accel-buffering': 'no',
}

export class SseCarrier implements Carrier, Outlet<Buffer> {
  readonly framing: Framing<Buffer> = SSE_FRAMING
  readonly attachment: Attachment<Buffer>
  readonly #gateway: Gateway
  readonly #poll: Poll
  readonly #response: ServerResponse
  readonly #page: PageLimit
  #pingDueMs: number
  /** Since when the answer has been above its high-water mark without a byte leaving. */
  #stalledSinceMs: number | undefined
  #stalledAt = 0
  #gone = false

  constructor(poll: Poll) {
    const { gateway, identity, response } = poll
    const { limits } = gateway
    this.#gateway = gateway
    this.#poll = poll
    this.#response = response
    this.#page = { count: limits.pagePublications, bytes: limits.pageBytes }
    this.#pingDueMs = gateway.now() + limits.ssePingIntervalMs
    this.attachment = new Attachment<Buffer>(gateway, identity, this, limits.channelsPerPoll)
    gateway.carriers.add(this)
    response.once('close', () => this.#closed())
    response.on('drain', () => this.attachment.resume())
  }

  /** The answer begins at once, so that a client knows that nothing holds it back. */
  start(replies: readonly Reply[]): void {
    if (this.#gone) return
    this.#response.socket?.setNoDelay(true)
    this.#response.writeHead(200, HEADERS)
    this.#response.write(': open\n\n')
    for (const reply of replies) this.event(reply)
    for (const [channel, spec] of this.#poll.request.subscribe) this.attachment.subscribe(channel, spec)
  }

  room(): PageLimit | undefined {
    return this.#gone ||
      this.#response.writableLength >= this.#gateway.limits.highWaterBytes ||
      this.#response.writableNeedDrain
      ? undefined
      : this.#page
  }

  event(event: ServerEvent): void {
    this.#write(Buffer.from(`data: ${encodeEvent(event)}\n\n`))
  }

  batch(encoded: Buffer): void {
    this.#write(encoded)
  }

  settled(): void {
    // Each event has been written already.
  }

  renew(): void {
    this.attachment.renew()
  }

  sweep(nowMs: number): void {
    if (this.#stalled(nowMs)) {
      this.#response.destroy()
      return
    }
    const expires = this.attachment.identity.expiresAtMs
    if (expires !== undefined && nowMs >= expires) {
      const { retry } = ERRORS.auth_expired
      this.dismiss({ type: 'bye', code: 'auth_expired', message: 'the token has run out', retry })
    } else if (nowMs >= this.#pingDueMs && this.#response.headersSent && this.room() !== undefined) {
      this.#write(PING)
    }
  }

  dismiss(bye: Bye & { readonly code: ErrorCode | string }): void {
    if (this.#gone || !this.#response.headersSent) return
    this.event(bye)
    this.#response.end()
  }

  #write(bytes: Buffer): void {
    if (this.#gone) return
    this.#response.write(bytes)
    this.#pingDueMs = this.#gateway.now() + this.#gateway.limits.ssePingIntervalMs
  }

  #stalled(nowMs: number): boolean {
    const written = this.#response.socket?.bytesWritten ?? 0
    const unsent = this.#response.socket?.writableLength ?? 0
    if (!this.#response.writableNeedDrain || written - unsent !== this.#stalledAt) {
      this.#stalledAt = written - unsent
      this.#stalledSinceMs = undefined
      return false
    }
    this.#stalledSinceMs ??= nowMs
    return nowMs - this.#stalledSinceMs >= this.#gateway.limits.stallMs
  }

  #closed(): void {
    this.#gone = true
    this.attachment.detach()
    this.#gateway.carriers.delete(this)
  }
}

const PING = Buffer.from(': ping\n\n')
