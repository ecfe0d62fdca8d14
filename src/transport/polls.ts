/**
 * Long polling and regular polling: one request, one answer, no state on the node in between. They differ in one
 * thing: when there is nothing to say, a long poll is held until there is, or until its time is up.
 */
import type { ServerResponse } from 'node:http'
import type { PageLimit } from '../channel/index.ts'
import { isCursor } from '../channel/index.ts'
import { type Bye, type Reply, type ServerEvent, type SessionRequest } from '../protocol/index.ts'
import { answerJson, answerRefusal } from './answer.ts'
import type { Framing } from '../hub/index.ts'
import { Attachment, type Outlet } from './attachment.ts'
import { POLL_FRAMING } from './framing.ts'
import type { Carrier, Gateway, Identity } from './gateway.ts'
import type { Held } from './held-requests.ts'
import { holdTimeMs, nextPollMs } from './poll-timing.ts'

export interface Poll {
  readonly gateway: Gateway
  readonly identity: Identity
  readonly request: SessionRequest
  readonly response: ServerResponse
}

type State = 'collecting' | 'held' | 'answered'

export class PollCarrier implements Carrier, Outlet<string>, Held {
  readonly framing: Framing<string> = POLL_FRAMING
  readonly attachment: Attachment<string>
  readonly #poll: Poll
  #state: State = 'collecting'
  /** Commands of this request whose replies are not here yet. */
  #unanswered = 0
  #replies: Reply[] = []
  #events: string[] = []
  #publications = 0
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
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
    gateway.carriers.add(this)
    poll.response.once('close', () => this.#gone())
  }

  /** Attaches every channel, and answers or holds as soon as nothing is under way. */
  start(replies: Promise<readonly Reply[]> | undefined): void {
    if (replies !== undefined) this.#expect(replies)
    // Until all of them are attached nothing is settled.
    this.#unanswered++
    for (const [channel, spec] of this.#poll.request.subscribe) this.attachment.subscribe(channel, spec)
    this.#unanswered--
    if (!this.attachment.underWay) this.settled()
  }

  room(): PageLimit | undefined {
    const { pagePublications, pageBytes } = this.#poll.gateway.limits
    const { promised } = this.attachment
    const most = Math.min(this.#poll.request.limit ?? pagePublications, pagePublications)
    const count = most - this.#publications - (promised?.count ?? 0)
    const bytes = pageBytes - this.#bytes - (promised?.bytes ?? 0)
    return count > 0 && bytes > 0 && this.#state !== 'answered' ? { count, bytes } : undefined
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
    else if (this.#state === 'collecting') this.#hold()
  }

  /** The hold is over: by time, by displacement, or because the node is going away. A normal answer. */
  release(): void {
    if (this.#state === 'held') this.#answer()
  }

  sweep(): void {
    // A held poll has its own timer, and its token was good when it came.
  }

  dismiss(_bye: Bye): void {
    this.release()
  }

  #expect(replies: Promise<readonly Reply[]>): void {
    this.#unanswered++
    replies
      .then((all) => {
        this.#unanswered--
        this.#replies = [...all]
        if (!this.attachment.underWay) this.settled()
      })
      .catch((error: unknown) => {
        this.#state = 'answered'
        answerRefusal(this.#poll.response, error)
      })
  }

  #hold(): void {
    const { gateway, identity, request } = this.#poll
    this.#state = 'held'
    gateway.held.add(identity.session, this)
    this.#timer = setTimeout(
      () => this.release(),
      holdTimeMs(gateway.limits.holdMs, request.holdMs, Math.random()),
    )
  }

  #answer(): void {
    if (this.#events.length > 0) this.attachment.pullAll()
    this.#unhold()
    this.#state = 'answered'
    const body = this.#body()
    this.attachment.detach({ keepLeases: true })
    answerJson(this.#poll.response, 200, body)
  }

  #body(): string {
    const { request, gateway } = this.#poll
    let body = `{"events":[${this.#events.join(',')}]`
    if (this.#replies.length > 0) body += `,"replies":${JSON.stringify(this.#replies)}`
    body += `,"cursors":${JSON.stringify(this.attachment.session.cursors())}`
    if (request.live === false && request.subscribe.size > 0) {
      const { more, underWay } = this.attachment
      body += `,"next":${more || underWay ? 0 : nextPollMs(gateway.limits, this.#publications)}`
    }
    return `${body}}`
  }

  #unhold(): void {
    if (this.#state === 'held') this.#poll.gateway.held.remove(this.#poll.identity.session, this)
    clearTimeout(this.#timer)
  }

  #gone(): void {
    this.#unhold()
    this.#state = 'answered'
    this.attachment.detach({ keepLeases: true })
    this.#poll.gateway.carriers.delete(this)
  }
}
