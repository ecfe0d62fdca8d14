/**
 * A session over Server-Sent Events: one answer that never ends, one `data:` line per event. It is read by
 * `fetch`, since a browser's EventSource cannot POST. Commands travel in requests of their own.
 */
import type { ServerResponse } from 'node:http'
import type { PageLimit } from '../channel/index.ts'
import { type Bye, encodeEvent, ERRORS, type Reply, type ServerEvent } from '../protocol/index.ts'
import { NO_STORE } from './answer.ts'
import type { Framing } from '../hub/index.ts'
import { Attachment, type Outlet } from './attachment.ts'
import { authDueMs } from './auth-due.ts'
import { SSE_FRAMING } from './framing.ts'
import type { Carrier, CarrierView, Gateway } from './gateway.ts'
import type { Poll } from './polls.ts'
import { encodeReply } from './reply.ts'
import { StallWatch } from './stall.ts'
import type { Replies } from './session-endpoint.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': `${NO_STORE}, no-transform`,
  // nginx buffers answers unless it is told not to.
  'x-accel-buffering': 'no',
}
const OPEN = Buffer.from(': open\n\n')
const PING = Buffer.from(': ping\n\n')

export class SseCarrier implements Carrier, Outlet<Buffer> {
  readonly framing: Framing<Buffer> = SSE_FRAMING
  readonly attachment: Attachment<Buffer>
  readonly #gateway: Gateway
  readonly #poll: Poll
  readonly #response: ServerResponse
  readonly #page: PageLimit
  readonly #stall: StallWatch
  readonly #sinceMs: number
  /** The first sweep since something was written, in elapsed milliseconds. */
  #quietSinceMs: number | undefined
  /** When the client is to be told that its token runs out, milliseconds since 1970; told once. */
  #authDueMs: number
  /** False from the last word on, or when the client has gone: nothing is written any more. */
  #open = true
  /** It was asked for room and had none. */
  #full = false

  constructor(poll: Poll) {
    const { gateway, identity, response } = poll
    const { limits } = gateway
    this.#gateway = gateway
    this.#poll = poll
    this.#response = response
    this.#page = { count: limits.pagePublications, bytes: limits.pageBytes }
    this.#stall = new StallWatch(limits.stallMs)
    this.#sinceMs = gateway.now()
    this.#authDueMs = authDueMs(identity.expiresAtMs, gateway.now())
    this.attachment = new Attachment<Buffer>(gateway, identity, this, limits.channelsPerPoll)
    gateway.carriers.add(this)
    response.once('close', () => this.#closed())
    response.on('drain', () => this.attachment.resume())
    // The answer begins at once, so that a client knows that nothing holds it back.
    response.socket?.setNoDelay(true)
    response.writeHead(200, HEADERS)
    this.#write(OPEN)
  }

  /** Follows every channel, and tells the replies in their order, each as soon as it is there. */
  start(replies: Replies): void {
    const later = replies.findIndex((reply) => reply instanceof Promise)
    const known = later < 0 ? replies : replies.slice(0, later)
    for (const reply of known) this.#reply(reply as Reply)
    if (later >= 0) void this.#tell(replies.slice(later))
    for (const [channel, spec] of this.#poll.request.subscribe) this.attachment.subscribe(channel, spec)
  }

  room(): PageLimit | undefined {
    const { writableLength, writableNeedDrain } = this.#response
    this.#full = writableNeedDrain || writableLength >= this.#gateway.limits.highWaterBytes
    return this.#open && !this.#full ? this.#page : undefined
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

  sweep(nowMs: number, elapsedMs: number): void {
    if (this.#stall.stalled(elapsedMs)) {
      this.#open = false
      this.#response.destroy()
      return
    }
    const expires = this.attachment.identity.expiresAtMs
    if (expires !== undefined && nowMs >= expires) {
      const { retry } = ERRORS.auth_expired
      this.dismiss({ type: 'bye', code: 'auth_expired', message: 'the token has run out', retry })
      return
    }
    this.#quietSinceMs ??= elapsedMs
    if (expires !== undefined && nowMs >= this.#authDueMs) {
      this.#authDueMs = Infinity
      this.event({ type: 'auth', expiresInMs: expires - nowMs })
    } else if (
      elapsedMs - this.#quietSinceMs >= this.#gateway.limits.ssePingIntervalMs &&
      this.room() !== undefined
    ) {
      this.#write(PING)
    }
  }

  drain(afterMs: number): void {
    this.event({ type: 'drain', afterMs })
  }

  view(): CarrierView {
    const { identity, session } = this.attachment
    const { subscriptions } = session
    const unsentBytes = this.#response.writableLength
    return { transport: 'sse', identity, sinceMs: this.#sinceMs, subscriptions, unsentBytes }
  }

  dismiss(bye: Bye): void {
    if (!this.#open) return
    this.event(bye)
    this.#open = false
    this.attachment.detach()
    this.#response.end()
  }

  async #tell(replies: Replies): Promise<void> {
    for (const reply of replies) {
      const told = await reply
      if (told !== undefined) this.#reply(told)
    }
  }

  #reply(reply: Reply): void {
    this.#write(Buffer.from(`data: ${encodeReply(reply)}\n\n`))
  }

  #write(bytes: Buffer): void {
    if (!this.#open) return
    const left = this.#stall.writes()
    this.#response.write(bytes, () => {
      left()
      // `drain` comes only where Node's own mark was reached, which may lie above ours.
      if (this.#full && this.room() !== undefined) this.attachment.resume()
    })
    this.#quietSinceMs = undefined
  }

  #closed(): void {
    this.#open = false
    this.attachment.detach()
    this.#gateway.carriers.delete(this)
  }
}
