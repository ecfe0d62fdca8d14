/**
 * Which links there are: the one in use, one that is being opened (to connect, to switch, or to probe), and one
 * that is retiring until its last answers are in. A change is make-before-break. What travels on a link is not
 * its business.
 */
import type { Welcome } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { Choice, type Next, type Why } from './choose.ts'
import { ClientClosedError, TransportError } from './errors.ts'
import { Link, type LinkOwner, type LinkPort } from './link.ts'
import type { TransportName } from './options.ts'
import type { OpenTransport } from './transports/transport.ts'

/** How long a retiring link may take to bring the answers that are still to come. */
const RETIRE_MS = 2_000
/** What a transport may take to answer when there is no other to try. */
const PATIENT_HELLO_MS = 10_000
const SWITCH_ATTEMPTS = 3

export type Status = 'connecting' | 'connected' | 'waiting' | 'closed'

export interface ConnectionPort extends LinkPort {
  readonly platform: { readonly openers: Readonly<Record<TransportName, OpenTransport>> }
  readonly observed: { tell(): void }
  /** Whether asking again may bring another token. */
  readonly renewsToken: boolean
  /** Gets a token ready for the next link. Rejects when it cannot be had. */
  authenticate(): Promise<void>
  greeted(welcome: Welcome, askedMs: number): void
  /** Another link is in use than before. */
  attached(): void
  /** It will not come back by itself. */
  stopped(error: TransportError): void
}

/** What a link is opened for. */
type Purpose = 'connect' | 'switch' | 'probe'

interface Use {
  readonly previous: Choice
  readonly done: PromiseWithResolvers<void>
  attempts: number
}

export class Connection implements LinkOwner {
  status: Status = 'connecting'
  lastError: Error | undefined
  switches = 0
  readonly #port: ConnectionPort
  readonly #backoff: Backoff
  readonly #timers: Record<string, (() => void) | undefined> = {}
  #choice: Choice
  #current: Link | undefined
  #next: Link | undefined
  #purpose: Purpose = 'connect'
  #retiring: Link | undefined
  #use: Use | undefined
  /** Counts attempts, so that a token that comes late does not revive an old one. */
  #turn = 0

  constructor(port: ConnectionPort, wanted: TransportName | 'auto') {
    this.#port = port
    this.#backoff = new Backoff(port.settings.backoff, port.timers)
    this.#choice = this.#choose(wanted)
  }

  get wanted(): TransportName | 'auto' {
    return this.#choice.wanted
  }

  /** In use, or being tried. */
  get transport(): TransportName {
    return this.#current?.name ?? this.#choice.transport
  }

  /** Why this transport, or during a change, why the one that will be in use. */
  get why(): Why {
    return this.#choice.why
  }

  /** Where commands may be sent now: answers of one link at a time are awaited. */
  get sender(): Link | undefined {
    return this.#retiring ? undefined : this.#current
  }

  start(): void {
    void this.#attempt('connect')
  }

  /** What is to be followed has changed. */
  refollow(): void {
    this.#current?.refollow()
    this.#next?.refollow()
  }

  /** Fulfilled when the wanted transport is in use. @throws TransportError */
  use(wanted: TransportName | 'auto'): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new ClientClosedError('use'))
    this.#use?.done.reject(new TransportError('superseded', 'another was asked for'))
    const done = Promise.withResolvers<void>()
    this.#use = { previous: this.#choice, done, attempts: 0 }
    this.#choice = this.#choose(wanted)
    this.#dropNext()
    if (!this.#current) void this.#attempt('connect')
    else if (this.#current.name !== this.#choice.transport) void this.#attempt('switch')
    else this.#inUse()
    return done.promise
  }

  /** A new link of the same kind, before the present one ends. */
  renew(): void {
    if (this.#current && !this.#next) void this.#attempt('switch')
  }

  /** The network has changed, or somebody is looking: do not wait any longer, nor for a connection that is dead. */
  wake(): void {
    this.#current?.check()
    if (this.status === 'waiting') void this.#attempt('connect')
  }

  /** Answers have come in: a retiring link may be done. */
  answered(): void {
    if (this.#retiring && !this.#port.outbox.expectsAnswers) this.#retired(this.#retiring)
  }

  close(): void {
    this.#dropNext()
    this.#current?.close()
    this.#retiring?.close()
    this.#current = this.#retiring = undefined
    this.#use?.done.reject(new ClientClosedError('use'))
    this.#setStatus('closed')
  }

  welcome(link: Link, welcome: Welcome, askedMs: number): void {
    this.#port.greeted(welcome, askedMs)
    if (link !== this.#next) return
    if (this.#purpose === 'connect') this.#adopt(link)
    else if (this.#purpose === 'probe') {
      // It takes over when it has lived long enough; what it delivers until then, the gate has already.
      this.#arm('probe', this.#port.settings.provenAfterMs, () => {
        this.#purpose = 'switch'
        this.progress(link)
      })
    }
  }

  /** A channel has been answered on a link. */
  progress(link: Link): void {
    if (link === this.#next && this.#purpose === 'switch' && link.complete) this.#adopt(link)
  }

  down(link: Link, error: TransportError): void {
    const { feeds, outbox, timers } = this.#port
    if (link === this.#retiring) return this.#retired(link)
    this.lastError = error
    feeds.release(link)
    if (link === this.#next) {
      this.#next = undefined
      return this.#failed(error)
    }
    this.#current = undefined
    this.#arm('proven')
    if (!this.#retiring) outbox.lost()
    const next = this.#choice.died(error, timers.now() - (link.greetedMs as number))
    if (this.#next && this.#purpose === 'switch') {
      this.#purpose = 'connect'
      if (this.#next.greetedMs) this.#adopt(this.#next)
      else this.#setStatus('connecting')
    } else this.#schedule(next, error)
  }

  #choose(wanted: TransportName | 'auto'): Choice {
    return new Choice(wanted, this.#port.settings, this.#backoff)
  }

  /** One timer of each name: a new one replaces it, and none is left without `run`. */
  #arm(name: 'attempt' | 'probe' | 'proven' | 'retire', ms = 0, run?: () => void): void {
    this.#timers[name]?.()
    this.#timers[name] = run && this.#port.timers.after(ms, run)
  }

  async #attempt(purpose: Purpose): Promise<void> {
    const { platform, settings } = this.#port
    this.#dropNext()
    const turn = this.#turn
    this.#purpose = purpose
    if (purpose === 'connect') this.#setStatus('connecting')
    try {
      await this.#port.authenticate()
    } catch (cause) {
      if (turn === this.#turn) this.#failed(new TransportError('token', 'no token came', cause))
      return
    }
    if (turn !== this.#turn) return
    const name = purpose === 'probe' ? 'websocket' : this.#choice.transport
    this.#next = new Link(this.#port, this, platform.openers[name])
    this.#next.open(Math.max(settings.helloTimeoutMs, this.#choice.last ? PATIENT_HELLO_MS : 0))
  }

  /** What was being opened could not be. */
  #failed(error: TransportError): void {
    this.lastError = error
    if (!this.#current) this.#schedule(this.#choice.failed(error), error)
    else if (this.#purpose === 'probe') this.#scheduleProbe()
    else this.#stay(this.#current, error)
  }

  /** A switch has failed: once more, or what is in use stays. */
  #stay(current: Link, error: TransportError): void {
    const use = this.#use
    const transient = error.code === 'cut' || error.code === 'unreachable'
    if (transient && (!use || ++use.attempts < SWITCH_ATTEMPTS))
      return this.#arm('attempt', this.#backoff.next(), () => void this.#attempt('switch'))
    this.#use = undefined
    if (this.#choice.wanted === 'auto') {
      this.#choice.stay(current.name, error)
      use?.done.resolve()
    } else if (use) {
      this.#choice = use.previous
      use.done.reject(error)
    }
    this.#scheduleProbe()
    this.#port.observed.tell()
  }

  /** From here on this is the link in use. */
  #adopt(link: Link): void {
    const { settings, outbox } = this.#port
    const old = this.#current
    this.#next = undefined
    this.#current = link
    if (this.#choice.mayImprove && link.name === 'websocket') this.#choice.promoted()
    else this.#choice.greeted()
    if (old) this.#retire(old)
    this.#arm('proven', settings.provenAfterMs, () => this.#choice.proven())
    this.#inUse()
    this.#port.attached()
    outbox.pump()
  }

  #inUse(): void {
    if (this.transport === this.#choice.transport) {
      this.#use?.done.resolve()
      this.#use = undefined
    }
    this.#setStatus('connected')
    this.#scheduleProbe()
  }

  #retire(old: Link): void {
    const { feeds, outbox } = this.#port
    this.switches++
    if (this.#retiring) this.#retired(this.#retiring)
    feeds.release(old)
    if (!outbox.expectsAnswers) return old.close()
    this.#retiring = old
    old.retire()
    this.#arm('retire', RETIRE_MS, () => this.#retired(old))
  }

  #retired(link: Link): void {
    const { outbox } = this.#port
    this.#retiring = undefined
    this.#arm('retire')
    link.close()
    outbox.lost()
    outbox.pump()
  }

  #schedule(next: Next, error: TransportError): void {
    const { renewsToken } = this.#port
    if (next === undefined || (error.refusal?.retry === 'auth' && !renewsToken))
      return this.#port.stopped(error)
    this.#dropNext()
    this.#setStatus('waiting')
    this.#arm('attempt', next, () => void this.#attempt('connect'))
  }

  #scheduleProbe(): void {
    if (!this.#choice.mayImprove) return this.#arm('probe')
    this.#arm('probe', this.#port.settings.probeIntervalMs, () => {
      if (this.#current && !this.#next) void this.#attempt('probe')
    })
  }

  /** Whatever was being opened, or was to be, is not any more. */
  #dropNext(): void {
    const next = this.#next
    this.#turn++
    this.#next = undefined
    this.#arm('attempt')
    this.#arm('probe')
    next?.close()
    if (next) this.#port.feeds.release(next)
  }

  #setStatus(status: Status): void {
    this.status = status
    this.#port.observed.tell()
  }
}
