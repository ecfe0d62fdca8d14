/**
 * One client's cursor in one channel. It is asked what comes next (`take`) and given pages (`arrive`); it never
 * reads anything itself. A gap is decided only from a page, which is one atomic read, never from a tail.
 */
import type { Covering, Page, PageLimit, Position, Tail } from '../channel/index.ts'
import { formatPosition, isCursor } from '../channel/index.ts'
import { cursorAt, ProtocolError, type StreamEvent } from '../protocol/index.ts'

export type SubscriptionState =
  /** Where it stands is not known yet: a page has been asked for. */
  | { readonly kind: 'resolving'; readonly from: Position }
  /** It stands behind `offset` and follows the tail. `offset` moves with every range that is taken. */
  | { readonly kind: 'live'; readonly epoch: string; offset: number }
  /** It has fallen out of the tail: a page after `offset` has been asked for. */
  | { readonly kind: 'behind'; readonly epoch: string; readonly offset: number }
  | { readonly kind: 'ended' }

export type Step =
  | { readonly kind: 'idle' }
  /** These publications of the tail come next; the cursor stands behind them already. */
  | { readonly kind: 'range'; readonly after: number; readonly upTo: number; readonly conflate: boolean }
  /** What comes next is not in the tail: a page from here is needed, and then `arrive`. */
  | { readonly kind: 'read'; readonly from: Position }
  | { readonly kind: 'ended'; readonly event: StreamEvent }

/** What a page brings, in the order in which the client is told. */
export interface Arrival {
  readonly before: readonly StreamEvent[]
  readonly epoch: string
  readonly entries: readonly Covering[]
  readonly after: readonly StreamEvent[]
}

const IDLE: Step = { kind: 'idle' }

/** A conflating reader this many pages behind is served by the broker, which has the latest of each key ready. */
const CONFLATE_PAGES = 4

export class Subscription {
  readonly channel: string
  readonly conflate: boolean
  #state: SubscriptionState

  constructor(channel: string, from: Position, conflate: boolean) {
    this.channel = channel
    this.conflate = conflate
    this.#state = { kind: 'resolving', from }
  }

  get state(): SubscriptionState {
    return this.#state
  }

  /** The token of where it stands, once that is known. */
  get cursor(): string | undefined {
    const state = this.#state
    return state.kind === 'live' || state.kind === 'behind' ? cursorAt(state.epoch, state.offset) : undefined
  }

  /**
   * Goes live at once where the tail alone shows that the cursor can be served: the usual resume, and every
   * poll. False: a page has to decide.
   */
  resumeAt(tail: Tail | undefined): boolean {
    const state = this.#state
    if (state.kind !== 'resolving' || !isCursor(state.from) || tail === undefined) return false
    const { epoch, offset, stamp } = state.from
    if (epoch !== tail.epoch || stamp !== undefined || tail.status === 'deleted') return false
    if (offset < tail.floor - 1 || offset > tail.top) return false
    this.#state = { kind: 'live', epoch, offset }
    return true
  }

  /** What comes next according to the tail. Taking a range moves the cursor behind it. */
  take(tail: Tail, limit: PageLimit): Step {
    const state = this.#state
    if (state.kind !== 'live') return IDLE
    const { epoch, offset } = state
    if (tail.status === 'deleted') return this.#end({ type: 'deleted', channel: this.channel })
    if (epoch !== tail.epoch || offset < tail.floor - 1) return this.#fallBehind(epoch, offset)
    // A copy of a tail may be behind a page that was read from the broker: what is missing will arrive.
    if (offset >= tail.top)
      return offset === tail.top && tail.status === 'closed' ? this.#close(epoch, offset) : IDLE
    if (this.conflate && tail.top - offset > CONFLATE_PAGES * limit.count)
      return this.#fallBehind(epoch, offset)
    const upTo = this.conflate ? tail.top : tail.pageEnd(offset, limit)
    state.offset = upTo
    return { kind: 'range', after: offset, upTo, conflate: this.conflate }
  }

  /** A page that was asked for is here; it moves the cursor to the page's end. */
  arrive(page: Page): Arrival {
    const state = this.#state
    if (state.kind !== 'resolving' && state.kind !== 'behind') return NOTHING
    if (page.kind === 'missing') return this.#missing(page.code)
    const before: StreamEvent[] = []
    const { channel } = this
    const { epoch } = page
    const start = cursorAt(epoch, page.after, page.stamp)
    if (page.gap !== undefined) {
      const from =
        state.kind === 'resolving' ? formatPosition(state.from) : cursorAt(state.epoch, state.offset)
      before.push({
        type: 'gap',
        channel,
        from,
        floor: page.floor,
        top: page.top,
        cursor: start,
        why: page.gap,
      })
    }
    if (page.skippedFrom !== undefined) {
      before.push({ type: 'advance', channel, from: page.skippedFrom, cursor: start })
    }
    if (state.kind === 'resolving') before.push({ type: 'subscribed', channel, cursor: start })
    this.#state = { kind: 'live', epoch, offset: page.upTo }
    const last = page.entries.at(-1)?.publication.offset ?? page.after
    const covered: StreamEvent[] =
      page.upTo > last ? [{ type: 'advance', channel, from: last, cursor: cursorAt(epoch, page.upTo) }] : []
    return { before, epoch, entries: page.entries, after: covered }
  }

  /** Nothing more will be delivered. */
  end(): void {
    this.#state = { kind: 'ended' }
  }

  #fallBehind(epoch: string, offset: number): Step {
    this.#state = { kind: 'behind', epoch, offset }
    return { kind: 'read', from: { epoch, offset } }
  }

  #close(epoch: string, offset: number): Step {
    return this.#end({ type: 'closed', channel: this.channel, cursor: cursorAt(epoch, offset) })
  }

  #end(event: StreamEvent): Step {
    this.end()
    return { kind: 'ended', event }
  }

  #missing(code: 'not_found' | 'deleted' | 'too_many_channels'): Arrival {
    this.end()
    const { channel } = this
    const error = new ProtocolError(
      code,
      `subscribing to ${JSON.stringify(channel)}: ${MISSING[code]}`,
    ).toWire()
    const event: StreamEvent =
      code === 'deleted' ? { type: 'deleted', channel } : { type: 'unsubscribed', channel, error }
    return { before: [event], epoch: '', entries: [], after: [] }
  }
}

const MISSING = {
  not_found: 'there is no such channel, and its rule does not let a subscriber make it',
  deleted: 'it has been deleted',
  too_many_channels: 'the node is at its limit of channels; try again later',
}

const NOTHING: Arrival = { before: [], epoch: '', entries: [], after: [] }
