/**
 * Publishing once, for one channel: what waits to be sent, what is under way, and what its answers mean. It
 * numbers publications within a producer epoch and keeps their order. It sends nothing and knows no time: it is
 * asked what to send (`take`), and told what came back.
 *
 * The rules it lives by: a number stands for one publication for ever, so it may be sent again, marked, without
 * being appended twice. A refusal consumes no number and makes those behind it holes. Before a number is used
 * for something else, the epoch is closed by `fence`: a copy that is still on its way can then do nothing.
 */
import type { Published, WireError } from '../protocol/index.ts'
import { ClientClosedError, PublishError, RefusedError } from './errors.ts'

export interface Payload {
  /** JSON text, or bytes. */
  readonly data: string | Uint8Array
  readonly key: string | undefined
  /** A removal of `key`. */
  readonly remove: boolean
  /** Of the data. */
  readonly bytes: number
}

interface Entry {
  readonly payload: Payload
  readonly answer: PromiseWithResolvers<Published>
  /** In the current epoch; undefined until it is first sent. */
  seq: number | undefined
  /** Sent, and not answered yet. */
  flying: boolean
  /** It was sent once without an answer: a copy may have been appended, or be on its way. */
  maybe: boolean
  refusal: WireError | undefined
}

type Mode =
  | 'open'
  /** Something was refused: nothing is sent until everything under way is answered. */
  | 'settling'
  /** Waits until it is woken, then goes on. */
  | 'resting'
  /** `fence` is to be sent. */
  | 'fence-due'
  | 'fencing'

/** What to send next, and whom to tell what became of it. */
export interface LaneCommand {
  /** Left out of a `fence`. */
  readonly payload?: Payload
  /** Of the payload. */
  readonly bytes: number
  readonly epoch: number
  /** Left out of a fence. */
  readonly seq?: number
  /** Left out when it was never sent, or when every copy was refused. */
  readonly again?: true | undefined
  /** The server's answer. */
  readonly answered: (ok: unknown, error: WireError | undefined) => void
  /** The transport is gone, and no answer will come. */
  readonly lost: () => void
}

/** What the ledger says when it closes an epoch. */
export interface FenceAnswer {
  readonly known: boolean
  readonly last: number
  readonly epoch: number
}

export class Lane {
  #queue: Entry[] = []
  #epoch = 0
  #nextSeq = 0
  #mode: Mode = 'open'
  #fenceDue = false
  #restDue = false
  readonly #rest: () => void

  /** @param rest called when it must rest: then `wake` is to be called after a while. */
  constructor(rest: () => void) {
    this.#rest = rest
  }

  /** Fulfilled when the publication is in the log. @throws PublishError, RefusedError, ClientClosedError */
  add(payload: Payload): Promise<Published> {
    const answer = Promise.withResolvers<Published>()
    this.#queue.push({ payload, answer, seq: undefined, flying: false, maybe: false, refusal: undefined })
    return answer.promise
  }

  /** The next command; undefined when there is none now, or none with a payload up to `mostBytes`. */
  take(mostBytes: number): LaneCommand | undefined {
    if (this.#mode === 'fence-due') {
      this.#mode = 'fencing'
      return {
        bytes: 0,
        epoch: this.#epoch,
        answered: (ok, error) => this.#fenced(ok as FenceAnswer | undefined, error),
        lost: () => (this.#mode = 'fence-due'),
      }
    }
    const entry = this.#queue.find(({ flying }) => !flying)
    if (this.#mode !== 'open' || !entry || entry.payload.bytes > mostBytes) return undefined
    const { payload } = entry
    entry.flying = true
    return {
      payload,
      bytes: payload.bytes,
      epoch: this.#epoch,
      seq: (entry.seq ??= this.#nextSeq++),
      again: entry.maybe || undefined,
      answered: (ok, error) => this.#answered(entry, ok as Published, error),
      lost: () => {
        entry.maybe = true
        entry.flying = false
        this.#settle()
      },
    }
  }

  /** It has rested long enough. */
  wake(): void {
    if (this.#mode === 'resting') this.#goOn()
  }

  /** Nothing more will be sent or answered. */
  close(): void {
    for (const { answer, maybe, flying } of this.#queue)
      answer.reject(maybe || flying ? inDoubt() : new ClientClosedError('publish'))
  }

  #answered(entry: Entry, ok: Published, error: WireError | undefined): void {
    const at = this.#queue.indexOf(entry)
    entry.flying = false
    if (error) this.#refused(entry, at, error)
    else {
      this.#queue.splice(at, 1)
      entry.answer.resolve(ok)
    }
    this.#settle()
  }

  #refused(entry: Entry, at: number, error: WireError): void {
    const { code, retry } = error
    this.#mode = 'settling'
    // The node failed, perhaps after the broker had done its work.
    if (code === 'internal' || code === 'broker_unavailable') entry.maybe = true
    if (retry !== 'never') this.#restDue = true
    // A hole with nothing before it: the ledger has lost what it had accepted.
    else if (code === 'producer_hole') this.#fenceDue ||= at === 0
    else {
      this.#fenceDue = true
      if (code !== 'producer_unknown' && code !== 'producer_fenced') entry.refusal = error
    }
  }

  /** Once everything under way is answered, and not before, it can go on. */
  #settle(): void {
    if (this.#mode !== 'settling' || this.#queue.some(({ flying }) => flying)) return
    if (this.#restDue) this.#pause()
    else this.#goOn()
  }

  #pause(): void {
    this.#mode = 'resting'
    this.#restDue = false
    this.#rest()
  }

  #goOn(): void {
    this.#mode = this.#fenceDue ? 'fence-due' : 'open'
    this.#fenceDue = false
  }

  /** The epoch is closed, and what was accepted in it is known, or nothing is. */
  #fenced(ok: FenceAnswer | undefined, error: WireError | undefined): void {
    if (error && error.retry !== 'never') {
      this.#fenceDue = true
      return this.#pause()
    }
    // Refused for good: what became of them will never be known, and they must not hold up the rest for ever.
    const { known, last, epoch } = ok ?? { known: false, last: -1, epoch: this.#epoch + 1 }
    this.#queue = this.#queue.filter((entry) => {
      const { answer, seq = Infinity, maybe, refusal = error } = entry
      if (known && seq <= last) answer.resolve({ duplicate: true })
      else if (!known && maybe) answer.reject(inDoubt())
      else if (refusal && seq < Infinity) answer.reject(new RefusedError('publish', refusal))
      else return true
      return false
    })
    for (const entry of this.#queue) {
      entry.seq = undefined
      entry.maybe = false
    }
    this.#epoch = epoch
    this.#nextSeq = 0
    this.#mode = 'open'
  }
}

const inDoubt = (): PublishError => new PublishError('in_doubt', 'publish: no answer came')
