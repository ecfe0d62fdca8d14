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
  /** A faster one could not be opened, or did not answer `hello`. */
  | 'fell_back'
  /** A faster one died twice before it was proven. */
  | 'demoted'
  /** It was tried again, and it works now. */
  | 'probed'

export interface Why {
  readonly code: WhyCode
  /** For people, such as "WebSocket did not answer hello within 3 s, so SSE". */
  readonly text: string
}

/** What to do next: try `transport` after a while, or stop. */
export type Next = { readonly afterMs: number } | { readonly stop: TransportError }

export const TRANSPORT_TITLES: Readonly<Record<TransportName, string>> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-polling': 'long polling',
  polling: 'regular polling',
}

const DEATHS_BEFORE_DEMOTION = 2

export interface ChoiceOptions {
  readonly backoff: Backoff
  readonly helloTimeoutMs: number
  readonly provenAfterMs: number
}

export class Choice {
  readonly #options: ChoiceOptions
  #forced: TransportName | undefined
  /** The best one that nothing speaks against, and the one that is being tried. */
  #level = 0
  #trial = 0
  #deaths = 0
  #phrases: string[] = []
  #trialPhrases: string[] = []
  #code: WhyCode = 'first_choice'

  constructor(options: ChoiceOptions, wanted: TransportName | 'auto') {
    this.#options = options
    this.#forced = wanted === 'auto' ? undefined : wanted
  }

  /** What to open now. */
  get transport(): TransportName {
    return this.#forced ?? (TRANSPORT_ORDER[this.#trial] as TransportName)
  }

  get automatic(): boolean {
    return this.#forced === undefined
  }

  get wanted(): TransportName | 'auto' {
    return this.#forced ?? 'auto'
  }

  /** There is nothing below the one that is being tried. */
  get last(): boolean {
    return this.#forced !== undefined || this.#trial === TRANSPORT_ORDER.length - 1
  }

  /** Something faster than what is in use may be tried in the background. */
  get mayImprove(): boolean {
    return this.#forced === undefined && this.#level > 0
  }

  get why(): Why {
    const title = TRANSPORT_TITLES[this.transport]
    if (this.#forced !== undefined) return { code: 'asked_for', text: `${title} was asked for` }
    const code = this.#trialPhrases.length > 0 ? 'fell_back' : this.#code
    if (code === 'first_choice') return { code, text: `${title} is the fastest, so it comes first` }
    if (code === 'probed') return { code, text: `${title} was tried again and works now` }
    return { code, text: `${[...this.#phrases, ...this.#trialPhrases].join('; ')}, so ${title}` }
  }

  /** The fastest was to be used, and could not: what is in use stays. */
  stay(transport: TransportName, error: TransportError): void {
    const phrase = this.#phraseOf(error)
    this.#restart(TRANSPORT_ORDER.indexOf(transport), 'fell_back')
    this.#phrases = [phrase]
  }

  /** The fastest was tried in the background and has proved itself. */
  promoted(): void {
    this.#restart(0, 'probed')
  }

  /** `hello` was answered on the one that was being tried: what failed above it is thereby known to be at fault. */
  greeted(): void {
    if (this.#trial === this.#level) return
    this.#level = this.#trial
    this.#deaths = 0
    this.#phrases.push(...this.#trialPhrases.splice(0))
    this.#code = 'fell_back'
  }

  /** It has lived long enough to be trusted. */
  proven(): void {
    this.#deaths = 0
    this.#options.backoff.reset()
  }

  /** It could not be opened, or did not answer `hello`. */
  failed(error: TransportError): Next {
    if (error.refusal !== undefined) return this.#refused(error)
    const atFault = this.transport === 'websocket' || error.code !== 'unreachable'
    if (this.#forced === undefined && atFault && error.code !== 'token' && !this.last) {
      this.#trialPhrases.push(this.#phraseOf(error))
      this.#trial++
      return { afterMs: error.retryAfterMs ?? 0 }
    }
    // Nothing answers at all: that says nothing about any transport.
    this.#trial = this.#level
    this.#trialPhrases = []
    return this.#again(error)
  }

  /** It ended after `hello` had been answered. */
  died(error: TransportError, livedMs: number): Next {
    const { provenAfterMs } = this.#options
    if (error.refusal !== undefined) return this.#refused(error)
    if (livedMs < provenAfterMs && this.#forced === undefined && ++this.#deaths >= DEATHS_BEFORE_DEMOTION) {
      if (!this.last) {
        this.#phrases.push(
          `${TRANSPORT_TITLES[this.transport]} died twice within ${provenAfterMs / 1_000} s of opening`,
        )
        this.#level = ++this.#trial
        this.#code = 'demoted'
      }
      this.#deaths = 0
    }
    return this.#again(error)
  }

  /** The server has spoken: it works, and the answer was no, or not now. */
  #refused(error: TransportError): Next {
    return error.refusal?.retry === 'never' ? { stop: error } : this.#again(error)
  }

  #again(error: TransportError): Next {
    return { afterMs: Math.max(this.#options.backoff.next(), error.retryAfterMs ?? 0) }
  }

  #restart(level: number, code: WhyCode): void {
    this.#level = this.#trial = level
    this.#code = code
    this.#deaths = 0
    this.#phrases = []
    this.#trialPhrases = []
  }

  #phraseOf(error: TransportError): string {
    const title = TRANSPORT_TITLES[this.transport]
    switch (error.code) {
      case 'no_hello':
        return `${title} did not answer hello within ${this.#options.helloTimeoutMs / 1_000} s`
      case 'buffered':
        return `${title} began and nothing came: something on the way holds it back`
      case 'upgrade_refused':
        return `${title} could not be opened`
      default:
        return `${title} failed (${error.message})`
    }
  }
}
