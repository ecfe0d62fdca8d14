/**
 * `GET` with `live=sse`: an answer that goes on. A `data` event for each run of entries, a `control` event behind it
 * that says where the client stands. It is ended after a minute, so that whoever comes back may be served by a cache
 * or another node; nothing is lost by that.
 */
import type { PageLimit } from '../channel/index.ts'
import type { Framing } from '../hub/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { type Carrier, StallWatch } from '../transport/index.ts'
import { answerEmpty, type Exchange, liveCursorOf, refuseStream } from './exchange.ts'
import { type Audience, Follower } from './follower.ts'
import { eventFraming } from './framing.ts'
import { IdleKeeper } from './idle-keeper.ts'
import { type Mode, modeOf } from './media-type.ts'
import { type FoundPage, formatOffset, type Offset, type Place } from './place.ts'
import { configOf } from './stream-config.ts'

/** Those who came together need not come back together. */
const LIFETIME_JITTER = 0.1

const FIELDS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // nginx buffers answers unless it is told not to.
  'x-accel-buffering': 'no',
}
/** An EventSource comes back after a second, which it does each time that an answer ends. */
const OPEN = Buffer.from('retry:1000\n\n')
const PING = Buffer.from(': ping\n\n')

export class SseAnswer implements Audience, Carrier {
  readonly #exchange: Exchange
  readonly #from: Offset
  /** An EventSource has come back by itself. */
  readonly #resumed: boolean
  readonly #follower: Follower
  readonly #stall: StallWatch
  #keeper: IdleKeeper | undefined
  #cancelLifetime: (() => void) | undefined
  /** The first sweep since something was written, in elapsed milliseconds. */
  #quietSinceMs: number | undefined
  #open = true

  constructor(exchange: Exchange, from: Offset, resumed: boolean) {
    const { host, channel, response } = exchange
    this.#exchange = exchange
    this.#from = from
    this.#resumed = resumed
    this.#follower = new Follower(host.hub, channel, this)
    this.#stall = new StallWatch(host.limits.stallMs)
    host.carriers.add(this)
    response.once('close', () => this.#gone())
  }

  start(): void {
    this.#follower.start(this.#from)
  }

  begin(page: FoundPage): Framing<Buffer> {
    const { host, response } = this.#exchange
    const config = configOf(page.metadata, page.contentType)
    const mode = modeOf(config.contentType)
    if (this.#resumed && page.status === 'closed' && page.top === page.after)
      return this.#nothingFollows(mode)
    this.#keeper = IdleKeeper.for(config, this.#follower, host)
    response.writeHead(200, mode === 'binary' ? { ...FIELDS, 'stream-sse-data-encoding': 'base64' } : FIELDS)
    this.#write(OPEN)
    const lifetimeMs = host.limits.sseLifetimeMs * (1 - LIFETIME_JITTER + 2 * LIFETIME_JITTER * host.random())
    this.#cancelLifetime = host.after(lifetimeMs, () => this.#end())
    return eventFraming(mode)
  }

  room(): PageLimit | undefined {
    const { response, host } = this.#exchange
    const { pagePublications, pageBytes, highWaterBytes } = host.limits
    const full = response.writableNeedDrain || response.writableLength >= highWaterBytes
    return this.#open && !full ? { count: pagePublications, bytes: pageBytes } : undefined
  }

  data(event: Buffer, place: Place): void {
    this.#write(Buffer.concat([event, this.#control(place)]))
    if (place.closed) this.#end()
  }

  waits(place: Place): void {
    this.#write(this.#control(place))
    if (place.closed) this.#end()
  }

  fails(cause: unknown): void {
    const { host, response } = this.#exchange
    if (response.headersSent && !(cause instanceof ProtocolError)) host.fault(cause)
    // What cannot be said in an answer that has begun, the next one says with its status.
    if (response.headersSent) this.#end()
    else refuseStream(host, response, cause)
  }

  sweep(nowMs: number, elapsedMs: number): void {
    const { host, identity, response } = this.#exchange
    this.#quietSinceMs ??= elapsedMs
    const pingDue = elapsedMs - this.#quietSinceMs >= host.limits.ssePingIntervalMs
    if (this.#stall.stalled(elapsedMs)) response.destroy()
    else if (identity.expiresAtMs !== undefined && nowMs >= identity.expiresAtMs) this.#end()
    else if (response.headersSent && pingDue && this.room() !== undefined) this.#write(PING)
  }

  dismiss(): void {
    this.#end()
  }

  /** The answer that tells an EventSource not to come back. */
  #nothingFollows(mode: Mode): Framing<Buffer> {
    this.#open = false
    this.#release()
    answerEmpty(this.#exchange, 204, { 'stream-closed': 'true' })
    return eventFraming(mode)
  }

  #control({ cursor, upToDate, closed }: Place): Buffer {
    const offset = formatOffset(cursor)
    const control = {
      streamNextOffset: offset,
      ...(closed ? {} : { streamCursor: liveCursorOf(this.#exchange) }),
      ...(upToDate ? { upToDate } : {}),
      ...(closed ? { streamClosed: closed } : {}),
    }
    return Buffer.from(`event: control\ndata:${JSON.stringify(control)}\nid:${offset}\n\n`)
  }

  #write(bytes: Buffer): void {
    if (!this.#open) return
    const { response } = this.#exchange
    const left = this.#stall.writes()
    response.write(bytes, () => {
      left()
      this.#follower.resume()
    })
    this.#quietSinceMs = undefined
  }

  /** The last word has been said; an answer that has not begun is left to whoever refuses it. */
  #end(): void {
    if (!this.#open) return
    this.#open = false
    this.#release()
    if (this.#exchange.response.headersSent) this.#exchange.response.end()
  }

  #release(): void {
    this.#cancelLifetime?.()
    this.#keeper?.stop()
    this.#follower.detach()
  }

  #gone(): void {
    this.#open = false
    this.#release()
    this.#exchange.host.carriers.delete(this)
  }
}
