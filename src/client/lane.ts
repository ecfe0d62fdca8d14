/**
 * Publishing once, for one channel: what waits to be sent, what is under way, and what its answers mean. It
 * numbers publications within a producer epoch and keeps their order. It sends nothing and knows no time: it is
 * asked what to send (`take`), and told what came back.
 *
 * The rules it lives by: a number stands for one publication for ever, so it may be sent again, marked, without
 * being appended twice. A refusal consumes no number and makes those behind it holes. Before a number is used
 * for something else, the epoch is closed by `fence`: a copy that is still on its way can then do nothing.
 */
import type { ErrorCode, Published, WireError } from '../protocol/index.ts'
import { type HoldfastError, PublishError, RefusedError } from './errors.ts'

/** One publication that waits to be accepted. */
export interface Entry {
  /** JSON text, or bytes. */
  readonly data: string | Uint8Array
  readonly key: string | undefined
  readonly remove: boolean
  /** Of the payload. */
  readonly bytes: number
  readonly resolve: (published: Published) => void
  readonly reject: (error: HoldfastError) => void
}

interface Queued {
  readonly entry: Entry
  /** In the current epoch; undefined until it is first sent. */
  seq: number | undefined
  /** Sent, and not answered yet: the id of the command. */
  flight: number | undefined
  /** It was sent once without an answer: a copy may have been appended, or be on its way. */
  maybe: boolean
  refusal: WireError | undefined
}

type Mode =
  | 'open'
  /** Something was refused: nothing is sent until everything under way is answered. */
  | 'settling'
  /** Waits until it is woken, then sends again. */
  | 'resting'
  /** `fence` is to be sent. */
  | 'fence-due'
  | 'fencing'

/** What to send next. */
export type LaneCommand =
  | { readonly type: 'fence'; readonly epoch: number }
  | {
      readonly type: 'publish'
      readonly entry: Entry
      readonly epoch: number
      readonly seq: number
      readonly again: boolean
    }

/** Refusals that mean: not now. The broker may have appended before it failed. */
const LATER: readonly ErrorCode[] = [
  'rate_limited',
  'draining',
  'too_many_connections',
  'unauthenticated',
  'auth_expired',
]
const UNKNOWN_OUTCOME: readonly ErrorCode[] = ['broker_unavailable', 'internal']

export class Lane {
  readonly #queue: Queued[] = []
  #epoch = 0
  #nextSeq = 0
  #mode: Mode = 'open'
  #fenceDue = false
  #restDue = false
  #fenceId: number | undefined

  /** Publications that have not been settled. */
  get size(): number {
    return this.#queue.length
  }

  /** It waits for `wake`. */
  get resting(): boolean {
    return this.#mode === 'resting'
  }

  /** Commands that have been sent and not answered. */
  get inFlight(): number {
    let count = this.#fenceId === undefined ? 0 : 1
    for (const { flight } of this.#queue) if (flight !== undefined) count++
    return count
  }

  add(entry: Entry): void {
    this.#queue.push({ entry, seq: undefined, flight: undefined, maybe: false, refusal: undefined })
  }

  /** The next command, under this id; undefined when there is none now. */
  take(id: number): LaneCommand | undefined {
    if (this.#mode === 'fence-due') {
      this.#mode = 'fencing'
      this.#fenceId = id
      return { type: 'fence', epoch: this.#epoch }
    }
    if (this.#mode !== 'open') return undefined
    const next = this.peek()
    if (next === undefined) return undefined
    const queued = this.#queue.find(({ flight }) => flight === undefined) as Queued
    queued.seq ??= this.#nextSeq++
    queued.flight = id
    return { type: 'publish', entry: next, epoch: this.#epoch, seq: queued.seq, again: queued.maybe }
  }

  /** The publication that `take` would send. */
  peek(): Entry | undefined {
    return this.#queue.find(({ flight }) => flight === undefined)?.entry
  }

  /** Takes out a publication; false when it has a number, and must keep its place. */
  discard(entry: Entry, error: HoldfastError): boolean {
    const at = this.#queue.findIndex((queued) => queued.entry === entry && queued.seq === undefined)
    if (at < 0) return false
    this.#queue.splice(at, 1)
    entry.reject(error)
    return true
  }

  /** A publication was answered. */
  published(id: number, answer: Published | WireError): void {
    const at = this.#queue.findIndex(({ flight }) => flight === id)
    const queued = this.#queue[at]
    if (queued === undefined) return
    queued.flight = undefined
    if (!('code' in answer)) {
      this.#queue.splice(at, 1)
      queued.entry.resolve(answer)
    } else this.#refused(queued, at, answer)
    this.#settle()
  }

  /** `fence` was answered: the epoch is closed, and what was accepted in it is known, or nothing is. */
  fenced(answer: { known: boolean; last: number; epoch: number } | WireError): void {
    this.#fenceId = undefined
    if ('code' in answer) {
      // Not now, or not allowed: without it nothing may be renumbered.
      if (answer.retry === 'never') return this.#giveUp(answer)
      this.#mode = 'resting'
      this.#fenceDue = true
      return
    }
    const kept: Queued[] = []
    for (const queued of this.#queue) if (!this.#judge(queued, answer)) kept.push(queued)
    this.#queue.splice(0, this.#queue.length, ...kept)
    for (const queued of kept) {
      queued.seq = undefined
      queued.maybe = false
    }
    this.#epoch = answer.epoch
    this.#nextSeq = 0
    this.#mode = 'open'
  }

  /** The transport is gone: nothing that was under way will be answered. */
  lost(): void {
    for (const queued of this.#queue) {
      if (queued.flight === undefined) continue
      queued.flight = undefined
      queued.maybe = true
    }
    if (this.#mode === 'fencing') this.#mode = 'fence-due'
    this.#fenceId = undefined
    this.#settle()
  }

  /** It has rested long enough. */
  wake(): void {
    if (this.#mode !== 'resting') return
    this.#mode = this.#fenceDue ? 'fence-due' : 'open'
    this.#fenceDue = false
  }

  /** Nothing more will be sent. */
  close(errorOf: (sent: boolean) => HoldfastError): void {
    for (const { entry, flight, maybe } of this.#queue.splice(0))
      entry.reject(errorOf(maybe || flight !== undefined))
  }

  #refused(queued: Queued, at: number, error: WireError): void {
    if (this.#mode === 'open') this.#mode = 'settling'
    if (UNKNOWN_OUTCOME.includes(error.code)) queued.maybe = true
    if (LATER.includes(error.code) || UNKNOWN_OUTCOME.includes(error.code)) this.#restDue = true
    // A hole with nothing before it: the ledger has lost what it had accepted.
    else if (error.code === 'producer_hole') this.#fenceDue ||= at === 0
    else {
      this.#fenceDue = true
      if (error.code !== 'producer_unknown' && error.code !== 'producer_fenced') queued.refusal = error
    }
  }

  /** Everything under way is answered: now, and not before, it can go on. */
  #settle(): void {
    if (this.#mode !== 'settling' || this.inFlight > 0) return
    if (this.#restDue) this.#mode = 'resting'
    else if (this.#fenceDue) {
      this.#mode = 'fence-due'
      this.#fenceDue = false
    } else this.#mode = 'open'
    this.#restDue = false
  }

  /** True when the fence has settled this publication. */
  #judge(queued: Queued, { known, last }: { known: boolean; last: number }): boolean {
    const { entry, seq, maybe, refusal } = queued
    if (seq === undefined) return false
    if (known && seq <= last) entry.resolve({ duplicate: true })
    else if (!known && maybe) {
      entry.reject(
        new PublishError(
          'in_doubt',
          'it was sent, its answer was lost, and the server does not remember its producer any more',
        ),
      )
    } else if (refusal !== undefined) entry.reject(new RefusedError('publishing', refusal))
    else return false
    return true
  }

  #giveUp(error: WireError): void {
    for (const { entry, maybe, refusal } of this.#queue.splice(0)) {
      entry.reject(
        maybe
          ? new PublishError('in_doubt', `it was sent, and asking what became of it failed: ${error.message}`)
          : new RefusedError('publishing', refusal ?? error),
      )
    }
    this.#epoch++
    this.#nextSeq = 0
    this.#mode = 'open'
  }
}
