/**
 * Which transport, and why. A transport is judged by what was seen: whether `hello` was answered on it, and how
 * long it lived. It opens nothing and waits for nothing: it is told what happened, and says what to try next
 * and after how long.
 */
import type { Backoff } from './backoff.ts'
import type { TransportError } from './errors.ts'
import { TRANSPORT_ORDER, type TransportName } from './options.ts'

export type WhyCode =
  /** The fastest; nothing speaks against it. */
  | 'first_choice'
  /** The application asked for it. */
  | 'asked_for'
  /** Each faster one could not be opened, did not answer `hello`, or died twice before it was proven. */
  | 'fell_back'
  /** It was tried again, and it works now. */
  | 'probed'

export interface Why {
  readonly code: WhyCode
  /** For people, such as "WebSocket did not answer hello within 3 s, so SSE". */
  readonly text: string
}

/** Milliseconds until the next attempt; undefined: there should be none. */
export type Next = number | undefined

const TITLES: Readonly<Record<TransportName, string>> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-polling': 'long polling',
  polling: 'regular polling',
}

const DEATHS_BEFORE_DEMOTION = 2

export interface ChoiceOptions {
  readonly helloTimeoutMs: number
  readonly provenAfterMs: number
}

export class Choice {
  readonly wanted: TransportName | 'auto'
  readonly #options: ChoiceOptions
  readonly #backoff: Backoff
  /** The best one that nothing speaks against, and the one that is being tried. */
  #level = 0
  #trial = 0
  #deaths = 0
  /** What spoke against those above; what lies beyond `#known` is suspected, until the one below answers. */
  #phrases: string[] = []
  #known = 0
  #probed = false

  constructor(wanted: TransportName | 'auto', options: ChoiceOptions, backoff: Backoff) {
    this.wanted = wanted
    this.#options = options
    this.#backoff = backoff
  }

  /** What to open now. */
  get transport(): TransportName {
    return this.wanted === 'auto' ? (TRANSPORT_ORDER[this.#trial] as TransportName) : this.wanted
  }

  /** There is nothing to fall back to from the one that is being tried. */
  get last(): boolean {
    return this.wanted !== 'auto' || this.#trial === TRANSPORT_ORDER.length - 1
  }

  /** Something faster than what is in use may be tried in the background. */
  get mayImprove(): boolean {
    return this.#level > 0
  }

  get why(): Why {
    const title = TITLES[this.transport]
    if (this.wanted !== 'auto') return { code: 'asked_for', text: `${title} was asked for` }
    if (this.#phrases.length > 0)
      return { code: 'fell_back', text: `${this.#phrases.join('; ')}, so ${title}` }
    return this.#probed
      ? { code: 'probed', text: `${title} works now` }
      : { code: 'first_choice', text: `${title} is the fastest` }
  }

  /** The fastest was to be used, and could not: what is in use stays. */
  stay(transport: TransportName, error: TransportError): void {
    this.#suspect(error)
    this.#trial = TRANSPORT_ORDER.indexOf(transport)
    this.greeted()
  }

  /** The fastest was tried in the background and has proved itself. */
  promoted(): void {
    this.#level = this.#trial = this.#known = this.#deaths = 0
    this.#phrases = []
    this.#probed = true
  }

  /** `hello` was answered on the one that was being tried: what failed above it is thereby known to be at fault. */
  greeted(): void {
    if (this.#trial !== this.#level) this.#deaths = 0
    this.#level = this.#trial
    this.#known = this.#phrases.length
  }

  /** It has lived long enough to be trusted. */
  proven(): void {
    this.#deaths = 0
    this.#backoff.reset()
  }

  /** It could not be opened, or did not answer `hello`. */
  failed(error: TransportError): Next {
    const { code, refusal } = error
    // The server's own word says nothing against a transport; nor does a network on which nothing answers at all.
    const atFault = code !== 'token' && (code !== 'unreachable' || this.transport === 'websocket')
    if (atFault && !refusal && !this.last) {
      this.#suspect(error)
      this.#trial++
      return error.retryAfterMs ?? 0
    }
    if (!refusal) {
      this.#trial = this.#level
      this.#phrases.length = this.#known
    }
    return this.#again(error)
  }

  /** It ended after `hello` had been answered. */
  died(error: TransportError, livedMs: number): Next {
    const { provenAfterMs } = this.#options
    if (!error.refusal && livedMs < provenAfterMs && ++this.#deaths >= DEATHS_BEFORE_DEMOTION && !this.last) {
      this.#phrases.push(`${TITLES[this.transport]} died twice within ${provenAfterMs / 1_000} s of opening`)
      this.#trial++
      this.greeted()
    }
    return this.#again(error)
  }

  #again({ refusal, retryAfterMs = 0 }: TransportError): Next {
    return refusal?.retry === 'never' ? undefined : Math.max(this.#backoff.next(), retryAfterMs)
  }

  #suspect({ code, message }: TransportError): void {
    const what =
      code === 'no_hello'
        ? `did not answer hello within ${this.#options.helloTimeoutMs / 1_000} s`
        : code === 'buffered'
          ? 'is held back on its way'
          : `could not be opened (${message})`
    this.#phrases.push(`${TITLES[this.transport]} ${what}`)
  }
}
