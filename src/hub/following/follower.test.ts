// A client in miniature: a subscription that follows a hub as a transport would have it, and judges everything that it
// is given by the reference. No test stands here.
import assert from 'node:assert/strict'
import {
  type ChannelOptions,
  type Covering,
  type Cursor,
  parseCursor,
  type Position,
  type Tail,
} from '../../channel/index.ts'
import type { StreamEvent } from '../../protocol/index.ts'
import { Subscription } from '../../session/index.ts'
import type { ActiveChannel, Framing } from '../active-channel.ts'
import type { Hub } from '../hub.ts'
import { put, type Reference } from './reference.test.ts'

const FRAMING: Framing<readonly Covering[]> = { encode: (_, entries) => entries }

export interface Following {
  readonly hub: Hub
  readonly channel: string
  readonly reference: Reference
  readonly options: ChannelOptions
  readonly conflate: boolean
  /** A follower was given what it should not have been. */
  fault(fault: unknown): void
}

export class Follower {
  readonly #with: Following
  #subscription: Subscription
  #active: ActiveChannel | undefined
  /** Where it stands by what it was given; undefined until it has been told. */
  #at: Cursor | undefined
  /** It was told that nothing more would come. */
  #told = false
  #map = new Map<string, string>()
  /** Whether it takes anything now. */
  writable = true
  delivered = 0
  gaps = 0

  constructor(following: Following) {
    this.#with = following
    this.#subscription = new Subscription(following.channel, 'now', following.conflate)
    this.#subscription.end()
  }

  get ended(): boolean {
    return this.#subscription.state.kind === 'ended'
  }

  get waiting(): number {
    return this.#active === undefined ? 0 : 1
  }

  subscribe(from: Position): void {
    this.leave()
    const { hub, channel, conflate } = this.#with
    this.#at = typeof from === 'object' && 'epoch' in from ? from : undefined
    if (this.#at !== undefined && conflate) this.#map = this.#mapAt(this.#at)
    const subscription = new Subscription(channel, from, conflate)
    this.#subscription = subscription
    this.#told = false
    this.#active = hub.enter(channel, this)
    if (subscription.resumeAt(this.#active.tail)) this.#pull()
    else void this.#read(subscription)
  }

  /** Begins anew where it stands, on another connection. */
  reconnect(): void {
    this.subscribe(this.#at ?? 'start')
  }

  leave(): void {
    if (this.#active !== undefined) this.#with.hub.leave(this.#active, this)
    this.#active = undefined
    this.#subscription.end()
  }

  moved(): void {
    this.#pull()
  }

  resume(): void {
    this.writable = true
    this.#pull()
  }

  /** Nothing is under way: whatever there is has been given to it. */
  checkAtRest(): void {
    const { reference, conflate } = this.#with
    const life = reference.current
    if (this.ended) {
      assert.ok(!this.#told || life?.status !== 'open' || life.epoch !== this.#at?.epoch, 'ended in mid-life')
      return
    }
    assert.ok(life !== undefined && this.#at !== undefined, 'it follows what there is not')
    assert.deepEqual(
      this.#at,
      { epoch: life.epoch, offset: life.all.length },
      'it sleeps on what is available',
    )
    if (conflate) assert.deepEqual(this.#map, this.#mapAt(this.#at))
  }

  #pull(): void {
    const tail = this.#active?.tail
    while (tail !== undefined && this.writable) {
      const step = this.#subscription.take(tail, { count: 3, bytes: 300 })
      switch (step.kind) {
        case 'idle':
          return
        case 'range':
          this.#entries(tail.epoch, this.#batch(tail, step))
          break
        case 'read':
          void this.#read(this.#subscription)
          return
        case 'ended':
          this.#event(step.event)
          this.leave()
          this.#told = true
          return
      }
    }
  }

  #batch(tail: Tail, range: { after: number; upTo: number; conflate: boolean }): readonly Covering[] {
    return (this.#active as ActiveChannel).batch(FRAMING, tail, range)
  }

  async #read(subscription: Subscription): Promise<void> {
    const { hub, conflate, options } = this.#with
    const { state } = subscription
    if (this.#active === undefined || (state.kind !== 'resolving' && state.kind !== 'behind')) return
    const from = state.kind === 'resolving' ? state.from : { epoch: state.epoch, offset: state.offset }
    const request = { from, limit: { count: 3, bytes: 300 }, conflate, create: options }
    try {
      const page = await hub.read(this.#active, request)
      if (subscription.state !== state) return
      const { before, epoch, entries, after } = subscription.arrive(page)
      for (const event of before) this.#event(event)
      this.#entries(epoch, entries)
      for (const event of after) this.#event(event)
      this.#told = this.ended
      if (this.ended) this.leave()
      else this.#pull()
    } catch (error) {
      if ((error as { code?: string }).code !== 'broker_unavailable') this.#with.fault(error)
      else if (subscription.state === state) this.reconnect()
    }
  }

  #entries(epoch: string, entries: readonly Covering[]): void {
    const { reference, options, conflate } = this.#with
    for (const { from, publication } of entries) {
      assert.deepEqual(this.#at, { epoch, offset: from }, 'a publication does not follow')
      if (!conflate || !options.conflated) assert.equal(from, publication.offset - 1)
      assert.deepEqual(publication, reference.life(epoch).all[publication.offset - 1])
      this.#at = { epoch, offset: publication.offset }
      this.delivered++
      if (publication.key !== undefined) put(this.#map, publication)
    }
  }

  #event(event: StreamEvent): void {
    const { reference, conflate, options } = this.#with
    switch (event.type) {
      case 'subscribed': {
        const cursor = cursorOf(event.cursor)
        if (this.#at !== undefined) assert.deepEqual(cursor, this.#at)
        else this.#begin(cursor)
        return
      }
      case 'gap': {
        assert.deepEqual(cursorOf(event.from), this.#at, 'the gap of somebody else')
        reference.checkGap(event.why, this.#at as Cursor, conflate && options.conflated)
        this.gaps++
        this.#begin(cursorOf(event.cursor))
        return
      }
      case 'advance': {
        const cursor = cursorOf(event.cursor)
        assert.deepEqual(this.#at, { epoch: cursor.epoch, offset: event.from })
        const { floor } = reference.life(cursor.epoch)
        if (!conflate || !options.conflated)
          assert.ok(options.ephemeral && cursor.offset < floor, 'a silent skip')
        this.#at = cursor
        return
      }
      case 'closed': {
        const life = reference.life(cursorOf(event.cursor).epoch)
        assert.notEqual(life.status, 'open')
        assert.deepEqual(this.#at, { epoch: life.epoch, offset: life.all.length }, 'closed before its end')
        return
      }
      case 'deleted':
        if (this.#at !== undefined && reference.current?.epoch === this.#at.epoch)
          assert.fail('its life goes on')
        return
      default:
        assert.fail(JSON.stringify(event))
    }
  }

  #begin(cursor: Cursor): void {
    this.#at = cursor
    if (this.#with.conflate) this.#map = this.#mapAt(cursor)
  }

  #mapAt({ epoch, offset }: Cursor): Map<string, string> {
    return this.#with.options.conflated && offset > 0 ? this.#with.reference.mapAt(epoch, offset) : new Map()
  }
}

const cursorOf = (text: string): Cursor => parseCursor(text) ?? assert.fail(text)
