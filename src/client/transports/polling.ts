/**
 * Regular polling and long polling: a request, its answer, and the next request from where that ended. They
 * differ in when the next one goes, and in whether the node holds it. The first one is never held: it says
 * `hello` and where each channel stands.
 */
import type { SessionAnswer, Welcome } from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import type { SubscribeFields } from '../feed.ts'
import { BATCH_BYTES, CommandPost } from './command-post.ts'
import { deliverAnswer } from './poll-answer.ts'
import { type HttpAccess, post } from './session-post.ts'
import type { OpenTransport, Outgoing, Transport, TransportHost } from './transport.ts'

/** What an answer may take beyond the time that it is held. */
const ANSWER_TIMEOUT_MS = 10_000
/** A hold that lasted this long and then failed was cut by something that does not like long requests. */
const CUT_AFTER_MS = 500
const MIN_HOLD_MS = 1_000
const CUTS_IN_A_ROW = 3
const DEFAULT_INTERVAL_MS = 1_000

export const pollingTransport =
  (access: HttpAccess): OpenTransport =>
  (host) =>
    new PollingTransport(host, access, false)

export const longPollingTransport =
  (access: HttpAccess): OpenTransport =>
  (host) =>
    new PollingTransport(host, access, true)

/** One request under way. */
interface Round {
  readonly controller: AbortController
  readonly asked: ReadonlyMap<string, number>
  readonly subscribe: Record<string, SubscribeFields>
  readonly held: boolean
  /** It asks where a fresh subscription starts: its answer must be awaited. */
  readonly resolving: boolean
  readonly startedMs: number
}

class PollingTransport implements Transport {
  readonly name: 'polling' | 'long-polling'
  readonly windowBytes: number = BATCH_BYTES
  readonly #host: TransportHost
  readonly #access: HttpAccess
  readonly #commands: CommandPost
  readonly #holds: boolean
  #holdMs: number
  #cuts = 0
  #round: Round | undefined
  #answered: ReadonlyMap<string, number> = new Map()
  #welcomed = false
  #retired = false
  #closed = false
  #cancelNext: () => void = () => {}

  constructor(host: TransportHost, access: HttpAccess, holds: boolean) {
    this.#host = host
    this.#access = access
    this.#holds = holds
    this.name = holds ? 'long-polling' : 'polling'
    this.#holdMs = host.settings.holdMs
    this.#commands = new CommandPost(access, host, (error) => this.#down(error))
  }

  get complete(): boolean {
    return this.#welcomed && !this.#differs(this.#answered)
  }

  open(): void {
    this.#start()
  }

  refollow(): void {
    if (!this.#welcomed || this.#retired) return
    const round = this.#round
    if (round === undefined) {
      if (this.#differs(this.#answered)) this.#start()
      return
    }
    if (!round.held || round.resolving || !this.#differs(round.asked)) return
    this.#start()
    round.controller.abort()
  }

  send(commands: readonly Outgoing[]): void {
    this.#commands.send(commands)
  }

  retire(): void {
    this.#retired = true
    this.#stop()
  }

  close(): void {
    this.#closed = true
    this.#commands.close()
    this.#stop()
  }

  #stop(): void {
    this.#cancelNext()
    const round = this.#round
    this.#round = undefined
    round?.controller.abort()
  }

  #differs(asked: ReadonlyMap<string, number>): boolean {
    const wanted = this.#host.channels()
    if (wanted.size !== asked.size) return true
    for (const [channel, revision] of wanted) if (asked.get(channel) !== revision) return true
    return false
  }

  #start(): void {
    this.#cancelNext()
    const asked = new Map(this.#host.channels())
    if (this.#welcomed && asked.size === 0) {
      this.#answered = asked
      return // nothing to ask for until something is followed
    }
    const subscribe: Record<string, SubscribeFields> = Object.create(null) as Record<string, SubscribeFields>
    let resolving = false
    for (const channel of asked.keys()) {
      const fields = this.#host.ask(channel)
      if (fields === undefined) continue
      subscribe[channel] = fields
      resolving ||= !fields.from.includes('_')
    }
    const round: Round = {
      controller: new AbortController(),
      asked,
      subscribe,
      held: this.#holds && this.#welcomed,
      resolving,
      startedMs: this.#host.timers.now(),
    }
    this.#round = round
    void this.#run(round)
  }

  async #run(round: Round): Promise<void> {
    const { timers } = this.#host
    const timeoutMs = ANSWER_TIMEOUT_MS + (round.held ? this.#holdMs * 1.1 : 0)
    const cancel = timers.after(timeoutMs, () => round.controller.abort())
    try {
      const answer = await this.#ask(round)
      if (this.#round === round) this.#deliver(round, answer)
    } catch (error) {
      if (this.#round === round) this.#failed(round, error)
    } finally {
      cancel()
    }
  }

  async #ask({ held, subscribe, controller }: Round): Promise<SessionAnswer> {
    const live = held ? 'long-poll' : false
    const holdMs = held ? { holdMs: Math.round(this.#holdMs) } : {}
    const request = { live, hello: !this.#welcomed, subscribe, ...holdMs } as const
    const response = await post(this.#access, this.#host, request, controller.signal)
    return (await response.json()) as SessionAnswer
  }

  #deliver(round: Round, answer: SessionAnswer): void {
    this.#round = undefined
    this.#cuts = 0
    if (!this.#welcomed) {
      const hello = answer.replies?.find(({ id }) => id === 0)
      if (hello?.error !== undefined) return this.#down(refused(hello.error))
      if (hello === undefined) return this.#down(new TransportError('cut', 'hello was not answered'))
      this.#welcomed = true
      this.#host.welcome(hello.ok as Welcome, round.startedMs)
    }
    const missing = deliverAnswer(this.#host, round.subscribe, answer)
    if (this.#closed || this.#retired) return
    this.#answered = round.asked
    this.#host.progress()
    if (this.#round !== undefined || this.#closed || this.#retired) return
    const { pollIntervalMs } = this.#host.settings
    if (this.#holds || missing || answer.next === 0 || this.#differs(round.asked)) this.#start()
    else this.#startIn(pollIntervalMs ?? answer.next ?? DEFAULT_INTERVAL_MS)
  }

  #startIn(ms: number): void {
    this.#cancelNext()
    this.#cancelNext = this.#host.timers.after(ms, () => this.#start())
  }

  /** A long request that was cut is asked again for less; anything else ends the transport. */
  #failed(round: Round, cause: unknown): void {
    const error =
      cause instanceof TransportError ? cause : new TransportError('cut', 'an answer was cut off', { cause })
    const heldMs = this.#host.timers.now() - round.startedMs
    if (round.held && error.refusal === undefined && heldMs > CUT_AFTER_MS && this.#cuts < CUTS_IN_A_ROW) {
      this.#cuts++
      this.#holdMs = Math.max(MIN_HOLD_MS, Math.min(this.#holdMs, heldMs) * 0.7)
      this.#start()
    } else this.#down(error)
  }

  #down(error: TransportError): void {
    if (this.#closed) return
    this.close()
    this.#host.down(error)
  }
}
