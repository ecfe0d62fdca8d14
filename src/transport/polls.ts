/**
 * Long polling and regular polling: one request, one answer, no state on the node in between. They differ in one
 * thing: when there is nothing to say, a long poll is held until there is, or until its time is up.
 */
import type { ServerResponse } from 'node:http'
import type { PageLimit } from '../channel/index.ts'
import { isCursor } from '../channel/index.ts'
import type { Bye, Reply, ServerEvent, SessionRequest, SubscribeSpec } from '../protocol/index.ts'
import { answerJson, watch, type Watcher } from './answer.ts'
import type { Framing } from '../hub/index.ts'
import { Attachment, type Outlet } from './attachment.ts'
import { POLL_FRAMING } from './framing.ts'
import type { Carrier, CarrierView, Gateway, Identity } from './gateway.ts'
import type { Held } from './held-requests.ts'
import { Hold } from './hold.ts'
import { nextPollMs } from './poll-timing.ts'
import { encodeReply } from './reply.ts'
import { StallWatch } from './stall.ts'

export interface Poll {
  readonly gateway: Gateway
  readonly identity: Identity
  readonly request: SessionRequest
  readonly response: ServerResponse
}

type State = 'collecting' | 'held' | 'answered'

export class PollCarrier implements Carrier, Outlet<string>, Held, Watcher {
  readonly framing: Framing<string> = POLL_FRAMING
  readonly attachment: Attachment<string>
  readonly #poll: Poll
  #state: State = 'collecting'
  /** Commands of this request whose replies are not here yet. */
  #unanswered = 0
  #replies: readonly string[] = []
  #events: string[] = []
  #publications = 0
  #bytes = 0
  #hold: Hold | undefined
  readonly #stall: StallWatch
  readonly #sinceMs: number
  /** A sentinel is resolved at once: were it held and the answer lost, the next one would skip. */
  readonly #mayHold: boolean

  constructor(poll: Poll) {
    this.#poll = poll
    const { gateway, identity, request } = poll
    this.attachment = new Attachment<string>(gateway, identity, this, gateway.limits.channelsPerPoll)
    this.#mayHold =
      request.live === 'long-poll' &&
      request.subscribe.size > 0 &&
      [...request.subscribe.values()].every((spec) => isCursor(spec.from))
    this.#stall = new StallWatch(gateway.limits.stallMs)
    this.#sinceMs = gateway.now()
    gateway.carriers.add(this)
    watch(poll.response, this)
  }

  /** Attaches every channel, and answers or holds as soon as nothing is under way. */
  start(replies: Promise<readonly Reply[]> | undefined): void {
    if (replies !== undefined) void this.#expect(replies)
    // Until all of them are attached nothing is settled.
    this.#unanswered++
    for (const [channel, spec] of inTurn([...this.#poll.request.subscribe])) {
      this.attachment.subscribe(channel, spec)
    }
    this.#unanswered--
    if (!this.attachment.underWay) this.settled()
  }

  room(): PageLimit | undefined {
    const { pagePublications, pageBytes } = this.#poll.gateway.limits
    const most = Math.min(this.#poll.request.limit ?? pagePublications, pagePublications)
    const count = most - this.#publications
    const bytes = pageBytes - this.#bytes
    const full = count <= 0 || bytes <= 0 || this.attachment.reading
    return full || this.#state === 'answered' ? undefined : { count, bytes }
  }

  event(event: ServerEvent): void {
    // A poll that carries a cursor knows where it stands.
    const spec = event.type === 'subscribed' ? this.#poll.request.subscribe.get(event.channel) : undefined
    if (spec !== undefined && isCursor(spec.from)) return
    this.#events.push(JSON.stringify(event))
  }

  batch(encoded: string, count: number): void {
    this.#events.push(encoded)
    this.#publications += count
    this.#bytes += encoded.length
  }

  settled(): void {
    if (this.#state === 'answered' || this.#unanswered > 0) return
    if (!this.#mayHold || this.#events.length > 0 || this.#replies.length > 0) this.#answer()
    else if (this.#state === 'collecting') this.#wait()
  }

  /** The hold is over: by time, by displacement, or because the node is going away. A normal answer. */
  release(): void {
    if (this.#state === 'held') this.#answer()
  }

  sweep(_nowMs: number, elapsedMs: number): void {
    if (this.#state === 'answered' && this.#stall.stalled(elapsedMs)) this.#poll.response.destroy()
  }

  view(): CarrierView {
    const { subscriptions } = this.attachment.session
    const { identity } = this.#poll
    return { transport: this.#transport, identity, sinceMs: this.#sinceMs, subscriptions, unsentBytes: 0 }
  }

  dismiss(_bye: Bye): void {
    this.release()
  }

  over(): void {
    this.#unhold()
    this.#state = 'answered'
    this.attachment.detach({ keepLeases: true })
    this.#poll.gateway.carriers.delete(this)
  }

  async #expect(replies: Promise<readonly Reply[]>): Promise<void> {
    this.#unanswered++
    this.#replies = (await replies).map(encodeReply)
    this.#unanswered--
    if (!this.attachment.underWay) this.settled()
  }

  #wait(): void {
    const { gateway, identity, request } = this.#poll
    this.#state = 'held'
    this.#hold = new Hold(gateway, identity, this, request.holdMs)
    this.#hold.begin()
  }

  #answer(): void {
    if (this.#events.length > 0) this.attachment.pullAll()
    this.#unhold()
    this.#state = 'answered'
    const body = this.#body()
    this.attachment.detach({ keepLeases: true })
    this.#poll.response.once('close', this.#stall.writes())
    answerJson(this.#poll.response, 200, body)
  }

  get #transport(): 'long-polling' | 'polling' {
    return this.#poll.request.live === 'long-poll' ? 'long-polling' : 'polling'
  }

  #body(): string {
    const { request, gateway } = this.#poll
    let body = `{"events":[${this.#events.join(',')}]`
    if (this.#replies.length > 0) body += `,"replies":[${this.#replies.join(',')}]`
    const cursors = this.attachment.session.cursors()
    body += `,"cursors":${JSON.stringify(cursors)}`
    if (request.subscribe.size > 0) {
      const { identity } = this.#poll
      gateway.pollNotes?.note({ identity, transport: this.#transport, cursors, atMs: gateway.now() })
    }
    if (request.live === false && request.subscribe.size > 0) {
      const { more, underWay } = this.attachment
      body += `,"next":${more || underWay ? 0 : nextPollMs(gateway.limits, this.#publications)}`
    }
    return `${body}}`
  }

  #unhold(): void {
    this.#hold?.end()
    this.#hold = undefined
  }
}

/**
 * The channels, beginning with another one as their cursors move: what the first of them has to say may fill the
 * answer, and a node keeps nothing by which it could remember whose turn it is. The same request has the same
 * answer.
 */
const inTurn = (channels: readonly [string, SubscribeSpec][]): readonly [string, SubscribeSpec][] => {
  let hash = FNV_OFFSET
  for (const [, { from }] of channels) {
    if (isCursor(from)) hash = Math.imul(hash ^ from.offset, FNV_PRIME)
  }
  const first = ((hash ^ (hash >>> 15)) >>> 0) % channels.length
  return [...channels.slice(first), ...channels.slice(0, first)]
}

/** Of the hash FNV-1a, whose low bits are mixed well enough once its high ones are added. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
