// An EventEmitter most of whose events have one listener or none: the first of each stands in a list of its own. Node's
// table of listeners is only made for more, since making and emptying it costs as much as a small message does.

import type { EventEmitter } from 'node:events'
import { SilentEmitter } from './silent-emitter.ts'

type Listener = (...values: unknown[]) => void
type Wrapped = Listener & { readonly listener?: Listener }

/** Of what is listened to on every connection; -1 for the rest. */
const placeOf = (event: string | symbol): number => {
  switch (event) {
    case 'data':
      return 0
    case 'end':
      return 1
    case 'drain':
      return 2
    case 'error':
      return 3
    case 'close':
      return 4
    default:
      return -1
  }
}

const NONE: (Wrapped | undefined)[] = []

export class SparseEmitter extends SilentEmitter {
  private first: (Wrapped | undefined)[] = NONE

  override on(event: string | symbol, listener: Listener): this {
    const place = placeOf(event)
    // Behind whoever listens already.
    if (place < 0 || this.listenerCount(event) > 0) return super.on(event, listener)
    if (this.first === NONE) this.first = [undefined, undefined, undefined, undefined, undefined]
    this.first[place] = listener
    return this
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener)
  }

  override off(event: string | symbol, listener: Listener): this {
    const first = this.first[placeOf(event)]
    // Of several the last is taken, as EventEmitter does.
    if (first === undefined || super.listenerCount(event, listener) > 0) return super.off(event, listener)
    if (first === listener || first.listener === listener) this.first[placeOf(event)] = undefined
    return this
  }

  override removeListener(event: string | symbol, listener: Listener): this {
    return this.off(event, listener)
  }

  override removeAllListeners(event?: string | symbol): this {
    const place = event === undefined ? -1 : placeOf(event)
    if (event === undefined) this.first = NONE
    else if (place >= 0 && this.first !== NONE) this.first[place] = undefined
    return super.removeAllListeners(event)
  }

  override listenerCount(event: string | symbol, listener?: Listener): number {
    const first = this.first[placeOf(event)]
    const isCounted = listener === undefined || first === listener || first?.listener === listener
    return super.listenerCount(event, listener) + (first !== undefined && isCounted ? 1 : 0)
  }

  override listeners(event: string | symbol): ReturnType<EventEmitter['listeners']> {
    const first = this.first[placeOf(event)]
    return first === undefined ? super.listeners(event) : [first.listener ?? first, ...super.listeners(event)]
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const first = this.first[placeOf(event)]
    if (first === undefined) return super.emit(event, ...values)
    const hasMore = super.listenerCount(event) > 0
    first.apply(this, values)
    if (hasMore && super.listenerCount(event) > 0) super.emit(event, ...values)
    return true
  }
}
