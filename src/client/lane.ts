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
import { ClientClosedError, type HoldfastError, PublishError, RefusedError } from './errors.ts'

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
  /** Waits until it is woken, then goes on. */
  | 'resting'
  /** `fence` is to be sent. */
  | 'fence-due'
  | 'fencing'

/** What to send next. */
export type LaneCommand =
  | { readonly type: 'fence'; readonly epoch: number }
  | {
      readonly type: 'publish'
      readonly payload: Payload
      readonly epoch: number
      readonly seq: number
      /** Left out when it was never sent, or when every copy was refused. */
      readonly again: true | undefined
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

  /** It waits for `wake`. */
  get resting(): boolean {
    return this.#mode === 'resting'
  }

  /** Fulfilled when the publication is in the log. @throws PublishError, RefusedError, ClientClosedError */
  add(payload: Payload): Promise<Published> {
    const answer = Promise.withResolvers<Published>()
    this.#queue.push({ payload, answer, seq: undefined, flight: undefined, maybe: false, refusal: undefined })
    return answer.promise
  }

  /** The next command, under this id; undefined when there is none now. */
  take(id: number): LaneCommand | undefined {
    const epoch = this.#epoch
    if (this.#mode === 'fence-due') {
      this.#mode = 'fencing'
      return { type: 'fence', epoch }
    }
    const entry = this.#next()
    if (!entry || this.#mode !== 'open') return undefined
    const seq = (entry.seq ??= this.#nextSeq++)
    entry.flight = id
    return { type: 'publish', payload: entry.payload, epoch, seq, again: entry.maybe || undefined }
  }

  /** The publication that `take` would send. */
  peek(): Payload | undefined {
    return this.#next()?.payload
  }

  /** Takes the next publication out; false when it has a number, and must keep its place. */
  discard(payload: Payload, error: HoldfastError): boolean {
    const at = this.#queue.findIndex((entry) => entry.payload === payload && entry.seq === undefined)
    const [entry] = at < 0 ? [] : this.#queue.splice(at, 1)
    entry?.answer.reject(error)
    return entry !== undefined
  }

  /** A publication was answered. */
  published(id: number, answer: Published | WireError): void {
    const at = this.#queue.findIndex(({ flight }) => flight === id)
    const entry = this.#queue[at]
    if (!entry) return
    entry.flight = undefined
    if ('code' in answer) this.#refused(entry, at, answer)
    else {
      this.#queue.splice(at, 1)
      entry.answer.resolve(answer)
    }
    this.#settle()
  }

  /** `fence` was answered: the epoch is closed, and what was accepted in it is known, or nothing is. */
  fenced(answer: FenceAnswer | WireError): void {
    if (!('code' in answer)) {
      this.#renumber(answer.epoch, (entry) => judge(entry, answer))
    } else if (answer.retry === 'never') {
      // It will never be known what became of them, and they must not hold up the rest for ever.
      this.#renumber(this.#epoch + 1, (entry) => {
        if (entry.seq === undefined) return false
        entry.answer.reject(entry.maybe ? inDoubt() : new RefusedError('publishing', entry.refusal ?? answer))
        return true
      })
    } else {
      this.#mode = 'resting'
      this.#fenceDue = true
    }
  }

  /** The transport is gone: nothing that was under way will be answered. */
  lost(): void {
    for (const entry of this.#queue) {
      entry.maybe ||= entry.flight !== undefined
      entry.flight = undefined
    }
    if (this.#mode === 'fencing') this.#mode = 'fence-due'
    this.#settle()
  }

  /** It has rested long enough. */
  wake(): void {
    if (this.resting) this.#goOn()
  }

  /** Nothing more will be sent or answered. */
  close(): void {
    for (const { answer, maybe, flight } of this.#queue.splice(0))
      answer.reject(maybe || flight !== undefined ? inDoubt() : new ClientClosedError('publishing'))
  }

  #next(): Entry | undefined {
    return this.#queue.find(({ flight }) => flight === undefined)
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

  /** Everything under way is answered: now, and not before, it can go on. */
  #settle(): void {
    if (this.#mode !== 'settling' || this.#queue.some(({ flight }) => flight !== undefined)) return
    if (this.#restDue) this.#mode = 'resting'
    else this.#goOn()
    this.#restDue = false
  }

  #goOn(): void {
    this.#mode = this.#fenceDue ? 'fence-due' : 'open'
    this.#fenceDue = false
  }

  /** Starts a new epoch with what is not settled yet. */
  #renumber(epoch: number, settles: (entry: Entry) => boolean): void {
    this.#queue = this.#queue.filter((entry) => !settles(entry))
    for (const entry of this.#queue) {
      entry.seq = undefined
      entry.maybe = false
    }
    this.#epoch = epoch
    this.#nextSeq = 0
    this.#mode = 'open'
  }
}

/** True when the fence has settled this publication. */
const judge = ({ seq, maybe, refusal, answer }: Entry, { known, last }: FenceAnswer): boolean => {
  if (seq === undefined) return false
  if (known && seq <= last) answer.resolve({ duplicate: true })
  else if (!known && maybe) answer.reject(inDoubt())
  else if (refusal) answer.reject(new RefusedError('publishing', refusal))
  else return false
  return true
}

const inDoubt = (): PublishError =>
  new PublishError('in_doubt', 'it was sent, and what became of it is not known')
