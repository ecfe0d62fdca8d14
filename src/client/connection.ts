/**
 * Which links there are: the one in use, one that is being opened (to connect, to switch, or to probe), and one
 * that is retiring until its last answers are in. A change is make-before-break. What travels on a link is not
 * its business.
 */
import type { Welcome } from '../protocol/index.ts'
import type { Backoff } from './backoff.ts'
import { Choice, type Next, type Why } from './choose.ts'
import { ClientClosedError, TransportError } from './errors.ts'
import { Link, type LinkOwner, type LinkSurroundings } from './link.ts'
import type { TransportName } from './options.ts'
import type { OpenTransport } from './transports/transport.ts'

/** How long a retiring link may take to bring the answers that are still to come. */
const RETIRE_MS = 2_000
/** What a transport may take to answer when there is no other to try. */
const PATIENT_HELLO_MS = 10_000
const SWITCH_ATTEMPTS = 3

export type Status = 'connecting' | 'connected' | 'waiting' | 'offline' | 'closed'

export interface ConnectionPort extends LinkSurroundings {
  readonly openers: Readonly<Record<TransportName, OpenTransport>>
  readonly backoff: Backoff
  /** Whether asking again may bring another token. */
  readonly renewsToken: boolean
  /** Gets a token ready for the next link. Rejects when it cannot be had. */
  authenticate(): Promise<void>
  greeted(welcome: Welcome, askedMs: number): void
  /** Another link is in use than before. */
  attached(): void
  changed(): void
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
  #choice: Choice
  #why: Why | undefined
  #current: Link | undefined
  #next: Link | undefined
  #purpose: Purpose = 'connect'
  #retiring: Link | undefined
  #use: Use | undefined
  /** Counts attempts, so that a token that comes late does not revive an old one. */
  #turn = 0
  #cancelAttempt: () => void = () => {}
  #cancelProbe: () => void = () => {}
  #cancelProven: () => void = () => {}
  #cancelRetire: () => void = () => {}

  constructor(port: ConnectionPort, wanted: TransportName | 'auto') {
    this.#port = port
    this.#choice = this.#choose(wanted)
  }

  get wanted(): TransportName | 'auto' {
    return this.#choice.wanted
  }

  /** In use, or being tried. */
  get transport(): TransportName {
    return this.#current?.name ?? this.#choice.transport
  }

  /** Why the transport in use is in use; without one, why the next attempt is what it is. */
  get why(): Why {
    return (this.#current && this.#why) ?? this.#choice.why
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
    this.#use?.done.reject(new TransportError('superseded', 'another transport was asked for'))
    const done = Promise.withResolvers<void>()
    this.#use = { previous: this.#choice, done, attempts: 0 }
    this.#choice = this.#choose(wanted)
    this.#cancelAttempt()
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

  /** The network is back, or somebody is looking: do not wait any longer. */
  wake(): void {
    if (this.#current) this.#port.ping()
    else if (this.status === 'waiting' || this.status === 'offline') {
      this.#cancelAttempt()
      void this.#attempt('connect')
    }
  }

  /** The platform says that there is no network: attempts are pointless until it is back. */
  offline(): void {
    if (this.status !== 'waiting') return
    this.#cancelAttempt()
    this.#setStatus('offline')
  }

  /** Answers have come in: a retiring link may be done. */
  answered(): void {
    if (this.#retiring && !this.#port.courier.expectsAnswers) this.#retired(this.#retiring)
  }

  close(): void {
    for (const cancel of [this.#cancelAttempt, this.#cancelProbe, this.#cancelProven, this.#cancelRetire])
      cancel()
    this.#dropNext()
    this.#current?.close()
    this.#retiring?.close()
    this.#current = this.#retiring = undefined
    this.#use?.done.reject(new ClientClosedError('use'))
    this.#use = undefined
    this.#setStatus('closed')
  }

  welcome(link: Link, welcome: Welcome, askedMs: number): void {
    this.#port.greeted(welcome, askedMs)
    if (link !== this.#next) return
    if (this.#purpose === 'connect') this.#adopt(link)
    else if (this.#purpose === 'probe') {
      const { timers, settings } = this.#port
      this.#cancelProbe = timers.after(settings.provenAfterMs, () => this.#probed(link))
    }
  }

  /** A channel has been answered on a link. */
  progress(link: Link): void {
    if (link === this.#next && this.#purpose === 'switch' && link.complete) this.#adopt(link)
  }

  down(link: Link, error: TransportError): void {
    if (link === this.#retiring) return this.#retired(link)
    this.lastError = error
    this.#port.feeds.release(link)
    if (link === this.#current) {
      this.#current = undefined
      this.#cancelProven()
      if (!this.#retiring) this.#port.courier.lost()
      this.#lostCurrent(error, this.#port.timers.now() - (link.greetedMs as number))
    } else if (link === this.#next) {
      this.#next = undefined
      this.#failed(error)
    }
  }

  #choose(wanted: TransportName | 'auto'): Choice {
    const { settings, backoff } = this.#port
    return new Choice({ backoff, ...settings }, wanted)
  }

  async #attempt(purpose: Purpose): Promise<void> {
    const { openers, settings } = this.#port
    const turn = ++this.#turn
    this.#purpose = purpose
    if (purpose === 'connect') this.#setStatus('connecting')
    try {
      await this.#port.authenticate()
    } catch (cause) {
      if (turn === this.#turn)
        this.#failed(new TransportError('token', 'the token could not be had', { cause }))
      return
    }
    if (turn !== this.#turn) return
    const probe = purpose === 'probe'
    const open = openers[probe ? 'websocket' : this.#choice.transport]
    const link = (this.#next = new Link(this.#port, this, { open, following: !probe }))
    const patient = purpose === 'connect' && this.#choice.last ? PATIENT_HELLO_MS : 0
    link.open(Math.max(settings.helloTimeoutMs, patient))
  }

  /** What was being opened could not be. */
  #failed(error: TransportError): void {
    this.lastError = error
    if (this.#purpose === 'probe') this.#scheduleProbe()
    else if (this.#purpose === 'switch' && this.#current) this.#switchFailed(this.#current, error)
    else this.#schedule(this.#choice.failed(error), error)
  }

  /** From here on this is the link in use. */
  #adopt(link: Link): void {
    const { timers, settings, courier } = this.#port
    const old = this.#current
    this.#next = undefined
    this.#current = link
    if (this.#choice.mayImprove && link.name === 'websocket') this.#choice.promoted()
    else this.#choice.greeted()
    if (old) {
      this.switches++
      this.#retire(old)
    }
    this.#cancelProven()
    this.#cancelProven = timers.after(settings.provenAfterMs, () => this.#choice.proven())
    this.#inUse()
    this.#port.attached()
    courier.pump()
  }

  #inUse(): void {
    if (this.transport === this.#choice.transport) {
      this.#why = this.#choice.why
      this.#use?.done.resolve()
      this.#use = undefined
    }
    this.#setStatus('connected')
    this.#scheduleProbe()
  }

  #retire(old: Link): void {
    const { feeds, courier, timers } = this.#port
    if (this.#retiring) this.#retired(this.#retiring)
    feeds.release(old)
    if (!courier.expectsAnswers) return old.close()
    this.#retiring = old
    old.retire()
    this.#cancelRetire = timers.after(RETIRE_MS, () => this.#retired(old))
  }

  #retired(link: Link): void {
    const { courier } = this.#port
    this.#retiring = undefined
    this.#cancelRetire()
    link.close()
    courier.lost()
    courier.pump()
  }

  #lostCurrent(error: TransportError, livedMs: number): void {
    const next = this.#choice.died(error, livedMs)
    if (this.#next && this.#purpose === 'switch') {
      this.#purpose = 'connect'
      if (this.#next.greetedMs) this.#adopt(this.#next)
      else this.#setStatus('connecting')
      return
    }
    this.#dropNext()
    this.#schedule(next, error)
  }

  #switchFailed(current: Link, error: TransportError): void {
    const { timers, backoff } = this.#port
    const use = this.#use
    const transient = error.code === 'cut' || error.code === 'unreachable'
    if (transient && (!use || ++use.attempts < SWITCH_ATTEMPTS)) {
      this.#cancelAttempt = timers.after(backoff.next(), () => void this.#attempt('switch'))
      return
    }
    this.#use = undefined
    if (this.#choice.wanted === 'auto') {
      this.#choice.stay(current.name, error)
      use?.done.resolve()
    } else if (use) {
      this.#choice = use.previous
      use.done.reject(error)
    }
    this.#why = this.#choice.why
    this.#scheduleProbe()
    this.#port.changed()
  }

  #schedule(next: Next, error: TransportError): void {
    const { timers, renewsToken, stopped } = this.#port
    if ('stop' in next || (error.refusal?.retry === 'auth' && !renewsToken)) return stopped(error)
    this.#cancelProbe()
    this.#setStatus('waiting')
    this.#cancelAttempt = timers.after(next.afterMs, () => void this.#attempt('connect'))
  }

  #scheduleProbe(): void {
    const { timers, settings } = this.#port
    this.#cancelProbe()
    if (!this.#choice.mayImprove) return
    this.#cancelProbe = timers.after(settings.probeIntervalMs, () => {
      if (this.#current && !this.#next) void this.#attempt('probe')
    })
  }

  /** The probe has lived long enough: now it may follow, and take over when it delivers. */
  #probed(link: Link): void {
    if (link !== this.#next) return
    this.#purpose = 'switch'
    link.following = true
    link.refollow()
    this.progress(link)
  }

  #dropNext(): void {
    const next = this.#next
    this.#turn++
    this.#next = undefined
    next?.close()
    if (next) this.#port.feeds.release(next)
  }

  #setStatus(status: Status): void {
    this.status = status
    this.#port.changed()
  }
}
