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
  /** It stands behind `offset` and follows the tail; both fields move with every range that is taken. */
  | {
      readonly kind: 'live'
      readonly epoch: string
      offset: number
      stamp: string | undefined
      /** The life that a copied tail is still of although a page has shown that it is over. */
      readonly past: string | undefined
    }
  /** It has fallen out of a tail of epoch `tail`: a page after `offset` has been asked for. */
  | {
      readonly kind: 'behind'
      readonly epoch: string
      readonly offset: number
      readonly stamp: string | undefined
      readonly tail: string
    }
  | { readonly kind: 'ended' }

type Standing = Extract<SubscriptionState, { epoch: string }>
type Asking = Extract<SubscriptionState, { kind: 'resolving' | 'behind' }>
type FoundPage = Extract<Page, { kind: 'page' }>

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
  /** Where the snapshot ends that the entries are part of. */
  readonly snapshot?: number | undefined
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
    return state.kind === 'live' || state.kind === 'behind' ? tokenOf(state) : undefined
  }

  /**
   * Goes live at once where the tail alone shows that the cursor can be served: the usual resume, and every
   * poll. False: a page has to decide.
   */
  resumeAt(tail: Tail | undefined): boolean {
    const state = this.#state
    if (state.kind !== 'resolving' || !isCursor(state.from) || tail === undefined) return false
    const { epoch, offset, stamp } = state.from
    if (epoch !== tail.epoch || tail.status === 'deleted') return false
    if (offset < tail.floor - 1 || offset > tail.top) return false
    if (stamp !== undefined && (offset < tail.floor || tail.at(offset).stamp !== stamp)) return false
    this.#state = { kind: 'live', epoch, offset, stamp, past: undefined }
    return true
  }

  /** What comes next according to the tail. Taking a range moves the cursor behind it. */
  take(tail: Tail, limit: PageLimit): Step {
    const state = this.#state
    if (state.kind !== 'live') return IDLE
    const { epoch, offset } = state
    if (tail.epoch !== epoch) return tail.epoch === state.past ? IDLE : this.#fallBehind(state, tail)
    if (tail.status === 'deleted') return this.#end({ type: 'deleted', channel: this.channel })
    if (offset < tail.floor - 1) return this.#fallBehind(state, tail)
    // A copy of a tail may be behind a page that was read from the broker: what is missing will arrive.
    if (offset > tail.top) return IDLE
    if (offset === tail.top) return tail.status === 'closed' ? this.#close(state) : IDLE
    const pages = this.conflate ? CONFLATE_PAGES : 1
    if (this.conflate && tail.top - offset > pages * limit.count) return this.#fallBehind(state, tail)
    const upTo = tail.pageEnd(offset, { count: pages * limit.count, bytes: pages * limit.bytes })
    state.offset = upTo
    state.stamp = tail.at(upTo).stamp
    return { kind: 'range', after: offset, upTo, conflate: this.conflate }
  }

  /** A page that was asked for is here; it moves the cursor to the page's end. */
  arrive(page: Page): Arrival {
    const state = this.#state
    if (state.kind !== 'resolving' && state.kind !== 'behind') return NOTHING
    if (page.kind === 'missing') return this.#missing(page.code)
    const { channel } = this
    const { epoch, after, upTo, entries } = page
    const last = entries.at(-1)?.publication ?? { offset: after, stamp: page.stamp }
    const before = this.#beginning(state, page)
    const snapshot = upTo > last.offset ? upTo : undefined
    const covered: StreamEvent[] =
      snapshot === undefined
        ? []
        : [{ type: 'advance', channel, from: last.offset, cursor: cursorAt(epoch, snapshot), snapshot }]
    const past = state.kind === 'behind' && state.tail !== epoch ? state.tail : undefined
    this.#state = {
      kind: 'live',
      epoch,
      offset: upTo,
      stamp: snapshot === undefined ? last.stamp : undefined,
      past,
    }
    return { before, epoch, snapshot, entries, after: covered }
  }

  /** Nothing more will be delivered. */
  end(): void {
    this.#state = { kind: 'ended' }
  }

  /** What the client is told before the entries of a page. */
  #beginning(state: Asking, page: FoundPage): StreamEvent[] {
    const { channel } = this
    const { floor, top, gap, skippedFrom } = page
    const cursor = cursorAt(page.epoch, page.after, page.stamp)
    const events: StreamEvent[] = []
    if (gap !== undefined) {
      const from = state.kind === 'resolving' ? formatPosition(state.from) : tokenOf(state)
      events.push({ type: 'gap', channel, from, floor, top, cursor, why: gap })
    }
    if (skippedFrom !== undefined) events.push({ type: 'advance', channel, from: skippedFrom, cursor })
    if (state.kind === 'resolving') events.push({ type: 'subscribed', channel, cursor })
    return events
  }

  #fallBehind(state: Standing, tail: Tail): Step {
    const { epoch, offset, stamp } = state
    this.#state = { kind: 'behind', epoch, offset, stamp, tail: tail.epoch }
    return { kind: 'read', from: stamp === undefined ? { epoch, offset } : { epoch, offset, stamp } }
  }

  #close(state: Standing): Step {
    return this.#end({ type: 'closed', channel: this.channel, cursor: tokenOf(state) })
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

const tokenOf = ({ epoch, offset, stamp }: Standing): string => cursorAt(epoch, offset, stamp)

const MISSING = {
  not_found: 'there is no such channel, and its rule does not let a subscriber make it',
  deleted: 'it has been deleted',
  too_many_channels: 'the node is at its limit of channels; try again later',
}

const NOTHING: Arrival = { before: [], epoch: '', entries: [], after: [] }
