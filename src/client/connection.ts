/**
 * Which links there are: the one in use, one that is being opened (to connect, to switch, or to probe), and one
 * that is retiring until its last answers are in. A change is make-before-break. What travels on a link is not
 * its business.
 */
import type { Welcome } from '../protocol/index.ts'
import type { Backoff } from './backoff.ts'
import { Choice, type Next, type Why } from './choose.ts'
import { ClientClosedError, TransportError } from './errors.ts'
import { Link, type LinkOwner } from './link.ts'
import type { Settings, TransportName } from './options.ts'
import type { Timers } from './timers.ts'
import type { OpenTransport } from './transports/transport.ts'

/** How long a retiring link may take to bring the answers that are still to come. */
const RETIRE_MS = 2_000
/** What a transport may take to answer when there is no other to try. */
const PATIENT_HELLO_MS = 10_000
const SWITCH_ATTEMPTS = 3

export type Status = 'connecting' | 'connected' | 'waiting' | 'offline' | 'closed'

export interface ConnectionPort extends Omit<LinkOwner, 'welcome' | 'progress' | 'down'> {
  readonly settings: Settings
  readonly timers: Timers
  readonly openers: Readonly<Record<TransportName, OpenTransport>>
  readonly backoff: Backoff
  /** Gets a token ready for the next link. Rejects when it cannot be had. */
  authenticate(): Promise<void>
  /** Whether asking again may bring another token. */
  readonly renewsToken: boolean
  greeted(link: Link, welcome: Welcome, askedMs: number): void
  /** Answers are still to come on the link in use. */
  expectsAnswers(): boolean
  /** A link carries nothing any more; `answers` when commands were travelling on it. */
  gone(link: Link, answers: boolean): void
  /** Commands may be sent. */
  ready(): void
  /** Another link is in use than before. */
  attached(): void
  changed(): void
  /** It will not come back by itself. */
  stopped(error: TransportError): void
}

type Purpose = 'connect' | 'switch' | 'probe'

interface Use {
  readonly previous: Choice
  readonly promise: PromiseWithResolvers<void>
  attempts: number
}

export class Connection {
  status: Status = 'connecting'
  lastError: Error | undefined
  switches = 0
  readonly #port: ConnectionPort
  #choice: Choice
  #current: Link | undefined
  #next: { readonly link: Link; purpose: Purpose } | undefined
  #retiring: Link | undefined
  #use: Use | undefined
  /** Counts attempts, so that a token that comes late does not revive an old one. */
  #turn = 0
  #why: Why | undefined
  #cancelAttempt: () => void = () => {}
  #cancelProbe: () => void = () => {}
  #cancelProven: () => void = () => {}
  #cancelRetire: () => void = () => {}

  constructor(port: ConnectionPort, wanted: TransportName | 'auto') {
    this.#port = port
    this.#choice = this.#choose(wanted)
  }

  get choice(): Choice {
    return this.#choice
  }

  get current(): Link | undefined {
    return this.#current
  }

  /** Why the transport in use is in use; without one, why the next attempt is what it is. */
  get why(): Why {
    return this.#current === undefined || this.#why === undefined ? this.#choice.why : this.#why
  }

  /** Where commands may be sent now: answers of one link at a time are awaited. */
  get sender(): Link | undefined {
    return this.#retiring === undefined ? this.#current : undefined
  }

  start(): void {
    void this.#attempt('connect')
  }

  /** What is to be followed has changed. */
  refollow(): void {
    this.#current?.refollow()
    this.#next?.link.refollow()
  }

  /** Fulfilled when the wanted transport is in use. @throws TransportError */
  use(wanted: TransportName | 'auto'): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new ClientClosedError('changing the transport'))
    this.#use?.promise.reject(new TransportError('superseded', 'another transport was asked for'))
    this.#use = { previous: this.#choice, promise: Promise.withResolvers(), attempts: 0 }
    const { promise } = this.#use.promise
    this.#choice = this.#choose(wanted)
    this.#cancelAttempt()
    this.#dropNext()
    if (this.#current?.name === this.#choice.transport) this.#inUse(this.#current)
    else void this.#attempt(this.#current === undefined ? 'connect' : 'switch')
    return promise
  }

  /** A new link of the same kind, before the present one ends. */
  renew(): void {
    if (this.#current !== undefined && this.#next === undefined) void this.#attempt('switch')
  }

  /** The network is back, or somebody is looking: do not wait any longer. */
  wake(): void {
    if (this.status === 'waiting' || this.status === 'offline') {
      this.#cancelAttempt()
      void this.#attempt('connect')
    } else if (this.#current !== undefined) this.#port.ping()
  }

  /** The platform says that there is no network: attempts are pointless until it is back. */
  offline(): void {
    if (this.status !== 'waiting') return
    this.#cancelAttempt()
    this.#setStatus('offline')
  }

  /** Answers have come in: a retiring link may be done. */
  answered(): void {
    if (this.#retiring !== undefined && !this.#port.expectsAnswers()) this.#retired(this.#retiring)
  }

  close(): void {
    this.#halt()
    this.#use?.promise.reject(new ClientClosedError('changing the transport'))
    this.#use = undefined
    this.#setStatus('closed')
  }

  welcome(link: Link, welcome: Welcome, askedMs: number): void {
    this.#port.greeted(link, welcome, askedMs)
    const next = this.#next
    if (next?.link !== link) return
    if (next.purpose === 'connect') this.#adopt(link)
    else if (next.purpose === 'probe') {
      const { provenAfterMs } = this.#port.settings
      this.#cancelProbe = this.#port.timers.after(provenAfterMs, () => this.#probed(link))
    }
  }

  /** A channel has been answered on a link. */
  progress(link: Link): void {
    if (this.#next?.link === link && this.#next.purpose === 'switch' && link.complete) this.#adopt(link)
  }

  down(link: Link, error: TransportError): void {
    const { timers } = this.#port
    if (link === this.#retiring) return this.#retired(link)
    this.lastError = error
    if (link === this.#current) {
      this.#current = undefined
      this.#cancelProven()
      this.#port.gone(link, this.#retiring === undefined)
      this.#lostCurrent(error, timers.now() - (link.greetedMs ?? timers.now()))
    } else if (link === this.#next?.link) {
      const { purpose } = this.#next
      this.#next = undefined
      this.#port.gone(link, false)
      if (purpose === 'connect') this.#schedule(this.#choice.failed(error), error)
      else if (purpose === 'switch') this.#switchFailed(error)
      else this.#scheduleProbe()
    }
  }

  #choose(wanted: TransportName | 'auto'): Choice {
    const { settings, backoff } = this.#port
    return new Choice({ backoff, ...settings }, wanted)
  }

  async #attempt(purpose: Purpose): Promise<void> {
    const turn = ++this.#turn
    if (purpose === 'connect') this.#setStatus('connecting')
    try {
      await this.#port.authenticate()
    } catch (cause) {
      const error = new TransportError('token', 'the token could not be had', { cause })
      if (turn !== this.#turn || this.status === 'closed') return
      this.lastError = error
      if (purpose === 'switch') this.#switchFailed(error)
      else if (purpose === 'connect') this.#schedule(this.#choice.failed(error), error)
      else this.#scheduleProbe()
      return
    }
    if (turn !== this.#turn || this.status === 'closed') return
    const name = purpose === 'probe' ? 'websocket' : this.#choice.transport
    const link = new Link(this.#owner(), this.#port.openers[name], purpose !== 'probe')
    this.#next = { link, purpose }
    const { helloTimeoutMs } = this.#port.settings
    const patient = purpose === 'connect' && this.#choice.last
    link.open(patient ? Math.max(helloTimeoutMs, PATIENT_HELLO_MS) : helloTimeoutMs)
  }

  #owner(): LinkOwner {
    return {
      ...this.#port,
      welcome: (link, welcome, askedMs) => this.welcome(link, welcome, askedMs),
      progress: (link) => this.progress(link),
      down: (link, error) => this.down(link, error),
    }
  }

  /** From here on this is the link in use. */
  #adopt(link: Link): void {
    const old = this.#current
    const promoted = this.#choice.mayImprove && link.name === 'websocket'
    this.#next = undefined
    this.#current = link
    if (promoted) this.#choice.promoted()
    else this.#choice.greeted()
    if (old !== undefined) {
      this.switches++
      this.#retire(old)
    }
    const { provenAfterMs } = this.#port.settings
    this.#cancelProven()
    this.#cancelProven = this.#port.timers.after(provenAfterMs, () => this.#choice.proven())
    this.#inUse(link)
    this.#port.attached()
    this.#port.ready()
  }

  #inUse(link: Link): void {
    if (link.name === this.#choice.transport) this.#why = this.#choice.why
    this.#setStatus('connected')
    this.#scheduleProbe()
    if (this.#use === undefined || link.name !== this.#choice.transport) return
    this.#use.promise.resolve()
    this.#use = undefined
  }

  #retire(old: Link): void {
    if (this.#retiring !== undefined) this.#retired(this.#retiring)
    this.#port.gone(old, false)
    if (!this.#port.expectsAnswers()) return old.close()
    this.#retiring = old
    old.retire()
    this.#cancelRetire = this.#port.timers.after(RETIRE_MS, () => this.#retired(old))
  }

  #retired(link: Link): void {
    this.#retiring = undefined
    this.#cancelRetire()
    link.close()
    this.#port.gone(link, true)
    this.#port.ready()
  }

  #lostCurrent(error: TransportError, livedMs: number): void {
    const next = this.#choice.died(error, livedMs)
    if (this.#next?.purpose === 'switch') {
      this.#next.purpose = 'connect'
      if (this.#next.link.greetedMs !== undefined) this.#adopt(this.#next.link)
      else this.#setStatus('connecting')
      return
    }
    this.#dropNext()
    this.#schedule(next, error)
  }

  #switchFailed(error: TransportError): void {
    const use = this.#use
    if (this.#current === undefined) return this.#schedule(this.#choice.failed(error), error)
    const transient = error.code === 'cut' || error.code === 'unreachable' || error.code === 'silent'
    if (transient && (use === undefined || ++use.attempts < SWITCH_ATTEMPTS)) {
      const afterMs = this.#port.backoff.next()
      this.#cancelAttempt = this.#port.timers.after(afterMs, () => void this.#attempt('switch'))
      return
    }
    if (this.#choice.automatic) this.#choice.stay(this.#current.name, error)
    else if (use !== undefined) this.#choice = use.previous
    this.#use = undefined
    if (this.#choice.automatic) use?.promise.resolve()
    else use?.promise.reject(error)
    this.#why = this.#choice.why
    this.#scheduleProbe()
    this.#port.changed()
  }

  #schedule(next: Next, error: TransportError): void {
    const mute = error.refusal?.retry === 'auth' && !this.#port.renewsToken
    if ('stop' in next || mute) {
      this.#halt()
      this.#setStatus('closed')
      this.#port.stopped(error)
      return
    }
    this.#cancelProbe()
    this.#setStatus(next.afterMs > 0 ? 'waiting' : 'connecting')
    this.#cancelAttempt = this.#port.timers.after(next.afterMs, () => void this.#attempt('connect'))
  }

  #scheduleProbe(): void {
    this.#cancelProbe()
    if (!this.#choice.mayImprove || this.#current === undefined) return
    this.#cancelProbe = this.#port.timers.after(this.#port.settings.probeIntervalMs, () => {
      if (this.#next === undefined && this.#choice.mayImprove) void this.#attempt('probe')
    })
  }

  /** The probe has lived long enough: now it may follow, and take over when it delivers. */
  #probed(link: Link): void {
    if (this.#next?.link !== link) return
    this.#next.purpose = 'switch'
    link.following = true
    link.refollow()
    this.progress(link)
  }

  #dropNext(): void {
    this.#turn++
    const next = this.#next
    this.#next = undefined
    if (next === undefined) return
    next.link.close()
    this.#port.gone(next.link, false)
  }

  #halt(): void {
    this.#cancelAttempt()
    this.#cancelProbe()
    this.#cancelProven()
    this.#cancelRetire()
    this.#dropNext()
    for (const link of [this.#current, this.#retiring]) link?.close()
    this.#current = this.#retiring = undefined
  }

  #setStatus(status: Status): void {
    this.status = status
    this.#port.changed()
  }
}
