/**
 * Regular polling and long polling: a request, its answer, and the next request from where that ended. They
 * differ in when the next one goes, and in whether the node holds it. What has not been answered yet is never
 * held: the first one, which says `hello`, and one that asks for something new, so that whoever waits for this
 * transport to deliver does not wait for a hold to end.
 */
import type { SessionAnswer, Welcome } from '../../protocol/index.ts'
import { refused, type TransportError } from '../errors.ts'
import type { SubscribeFields } from '../feed.ts'
import { ANSWER_TIMEOUT_MS, HttpCarrier } from './http-carrier.ts'
import { deliverAnswer } from './poll-answer.ts'
import { type HttpAccess, post, type SessionPost } from './session-post.ts'
import {
  askFor,
  type Asked,
  differs,
  type OpenTransport,
  type Transport,
  type TransportHost,
} from './transport.ts'

/** A hold that lasted this long and then failed was cut by something that does not like long requests. */
const CUT_AFTER_MS = 500
const MIN_HOLD_MS = 1_000
const CUTS_IN_A_ROW = 3
const DEFAULT_INTERVAL_MS = 1_000

/** @param name `long-polling` has its requests held. */
export const pollTransport =
  (access: HttpAccess, name: PollTransport['name']): OpenTransport =>
  (host) =>
    new PollTransport(host, access, name)

/** One request under way. */
interface Round {
  readonly controller: AbortController
  readonly asked: Asked
  readonly subscribe: ReadonlyMap<string, SubscribeFields | undefined>
  readonly held: boolean
  readonly startedMs: number
}

class PollTransport extends HttpCarrier implements Transport {
  readonly name: 'polling' | 'long-polling'
  #holdMs: number
  #cuts = 0
  #round: Round | undefined
  /** What the last answer was about. */
  #answered: Asked | undefined
  #cancelNext: (() => void) | undefined

  constructor(host: TransportHost, access: HttpAccess, name: PollTransport['name']) {
    super(host, access)
    this.name = name
    this.#holdMs = host.settings.holdMs
  }

  get complete(): boolean {
    return !differs(this.host, this.#answered)
  }

  open(): void {
    const asked = new Map(this.host.channels())
    this.#cancelNext?.()
    if (this.welcomed && asked.size === 0) {
      this.#answered = asked // nothing to ask for until something is followed
      return
    }
    const round: Round = {
      controller: new AbortController(),
      asked,
      subscribe: askFor(this.host, asked),
      held: this.name === 'long-polling' && this.welcomed && this.complete,
      startedMs: this.host.timers.now(),
    }
    this.#round = round
    this.#run(round).catch((cause: unknown) => {
      if (this.#round === round) this.#failed(round, cause)
    })
  }

  refollow(): void {
    const round = this.#round
    if (!this.welcomed || this.over || !differs(this.host, round?.asked ?? this.#answered)) return
    // Only a hold is cut short; and not one that asks where a fresh subscription starts, which must be heard.
    if (round && (!round.held || [...round.subscribe.values()].some((fields) => !fields?.from.includes('_'))))
      return
    this.open()
    round?.controller.abort()
  }

  protected stop(): void {
    this.#cancelNext?.()
    this.#round?.controller.abort()
    this.#round = undefined
  }

  async #run(round: Round): Promise<void> {
    const { held, subscribe, controller } = round
    const holdMs = held ? Math.round(this.#holdMs) : undefined
    const timeoutMs = ANSWER_TIMEOUT_MS + 1.1 * (holdMs ?? 0)
    const cancel = this.host.timers.after(timeoutMs, () => controller.abort())
    try {
      const live: SessionPost['live'] = held ? 'long-poll' : false
      const request = { live, hello: !this.welcomed, subscribe, holdMs }
      const response = await post(this.access, this.host, request, controller.signal)
      const answer = (await response.json()) as SessionAnswer
      if (this.#round === round) this.#deliver(round, answer)
    } finally {
      cancel()
    }
  }

  #deliver(round: Round, answer: SessionAnswer): void {
    this.#round = undefined
    this.#cuts = 0
    if (!this.welcomed) {
      const hello = answer.replies?.[0]
      if (!hello?.ok) return this.down(hello?.error && refused(hello.error))
      this.welcomed = true
      this.host.welcome(hello.ok as Welcome, round.startedMs)
    }
    const missing = deliverAnswer(this.host, round.subscribe, answer)
    this.#answered = round.asked
    if (!this.over) this.host.progress()
    if (this.over || this.#round) return
    if (missing || answer.next === 0 || this.name === 'long-polling' || !this.complete) this.open()
    else {
      const ms = this.host.settings.pollIntervalMs ?? answer.next ?? DEFAULT_INTERVAL_MS
      this.#cancelNext = this.host.timers.after(ms, () => this.open())
    }
  }

  /**
   * A long request that was cut is asked again for less. One that was cut early is asked again once: it may have been
   * sent on a connection that was old. Anything else ends the transport.
   */
  #failed(round: Round, cause: unknown): void {
    const heldMs = this.host.timers.now() - round.startedMs
    const early = heldMs < CUT_AFTER_MS
    const { refusal } = cause as Partial<TransportError>
    if (refusal || !round.held || this.#cuts++ >= (early ? 1 : CUTS_IN_A_ROW)) return this.down(cause)
    if (!early) this.#holdMs = Math.max(MIN_HOLD_MS, Math.min(this.#holdMs, heldMs) * 0.7)
    this.open()
  }
}
