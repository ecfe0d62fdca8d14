// Subscriptions and the feeds behind them: what is handed over, when the cursor moves, what is asked of whom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCursor } from '../channel/index.ts'
import type { PublicationEvent, StreamEvent, WireError } from '../protocol/index.ts'
import { ClockOffset } from './clock-offset.ts'
import { Feeds } from './feeds.ts'
import type { Gate } from './gate.ts'
import { type ConnectOptions, settingsOf } from './options.ts'
import type { Publication } from './publication.ts'
import type { ChannelSubscription, SubscriptionCallbacks } from './subscription.ts'

const EPOCH = '0mabcdef01234'
const OTHER = '0mabcdef05678'
const cursor = (offset: number, epoch: string = EPOCH): string => formatCursor({ epoch, offset })
const publication = (offset: number, more: Partial<PublicationEvent> = {}): PublicationEvent => ({
  type: 'publication',
  channel: 'c',
  epoch: EPOCH,
  offset,
  time: 1_000,
  data: offset,
  ...more,
})
const subscribed = (offset: number): StreamEvent => ({
  type: 'subscribed',
  channel: 'c',
  cursor: cursor(offset),
})
const gap = (from: string, to: string): StreamEvent => ({
  type: 'gap',
  channel: 'c',
  from,
  floor: 1,
  top: 9,
  cursor: to,
  why: 'trimmed',
})

/** Lets everything pass: what happens then is what the audit is for. */
const openGate = (): Gate => {
  let received: Gate['received']
  return {
    get received() {
      return received
    },
    start: (place) => (received = place),
    pass: () => 'accepted',
  }
}

interface Fixture {
  readonly feeds: Feeds
  readonly errors: unknown[]
  readonly timers: (() => void)[]
  readonly follow: (
    from: string,
    callbacks?: SubscriptionCallbacks,
    conflate?: boolean,
  ) => ChannelSubscription
  /** What a link asks for, and the events it brings. */
  readonly ask: (link?: object) => string | undefined
  readonly offer: (event: StreamEvent, link?: object) => boolean
}

const LINK = {}

const fixture = (options: ConnectOptions = {}, gate?: () => Gate): Fixture => {
  const errors: unknown[] = []
  const timers: (() => void)[] = []
  const feeds = new Feeds({
    settings: settingsOf({ onError: (error) => errors.push(error), ...options }),
    timers: {
      now: () => 1_000,
      random: () => 0,
      after: (_ms, run) => {
        timers.push(run)
        return () => {}
      },
    },
    clock: new ClockOffset(),
    observed: { touch: () => {} },
    connection: { refollow: () => {} },
    platform: gate === undefined ? {} : { openGate: gate },
  })
  return {
    feeds,
    errors,
    timers,
    follow: (from, callbacks = {}, conflate = false) =>
      feeds.subscribe({ channel: 'c', from, conflate }, callbacks),
    ask: (link = LINK) => (feeds.wantedBy(link).has('c') ? feeds.ask(link, 'c')?.from : undefined),
    offer: (event, link = LINK) => feeds.offer(link, event),
  }
}

const collect = (): { data: unknown[]; handler: (publication: Publication) => void } => {
  const data: unknown[] = []
  return { data, handler: (each) => data.push(each.data) }
}

test('a fresh subscription is resolved by the answer to the one link that asked', async () => {
  const { follow, ask, offer } = fixture()
  const { data, handler } = collect()
  const subscription = follow('now', { handler })
  const other = {}
  assert.equal(ask(), 'now')
  assert.equal(ask(other), undefined, 'no second link asks meanwhile')
  offer(subscribed(9), other)
  assert.equal(subscription.cursor, undefined)
  offer(publication(8))
  offer(subscribed(5))
  assert.equal(await subscription.ready, cursor(5))
  offer(publication(6))
  assert.deepEqual(data, [6])
  assert.equal(ask(other), cursor(6), 'and then every link may follow it')
})

test('when the link that asked is gone, another asks', () => {
  const { feeds, follow, ask } = fixture()
  follow('last:3')
  assert.equal(ask(), 'last:3')
  const before = feeds.wantedBy(LINK).get('c')
  feeds.release(LINK)
  const other = {}
  assert.notEqual(feeds.wantedBy(other).get('c'), before, 'it is asked for anew')
  assert.equal(ask(other), 'last:3')
})

test('the cursor moves before the handler runs, so that resubscribing there gets nothing twice', () => {
  const { follow, offer } = fixture()
  const seen: unknown[] = []
  const first = follow(cursor(0), {
    handler: ({ data, cursor: at }) => {
      seen.push(data)
      assert.equal(first.cursor, at)
      first.close()
      follow(at, { handler: (next) => seen.push(next.data) })
    },
  })
  for (const offset of [1, 1, 2]) offer(publication(offset))
  assert.deepEqual(seen, [1, 2])
})

test('a handler that throws, or rejects, is reported, and the stream goes on', async () => {
  const { feeds, errors, follow, offer } = fixture()
  let calls = 0
  follow(cursor(0), {
    handler: ({ offset }) => {
      calls++
      if (offset === 1) throw new Error('thrown')
      return Promise.reject(new Error('rejected'))
    },
  })
  offer(publication(1))
  offer(publication(2))
  await new Promise(setImmediate)
  assert.equal(calls, 2)
  assert.deepEqual(
    errors.map((error) => (error as Error).message),
    ['thrown', 'rejected'],
  )
  assert.deepEqual(feeds.tally, { delivered: 2, lost: 0, duplicated: 0, gaps: 0 })
})

test('a hole makes the link ask anew, from what was received', () => {
  const { feeds, follow, ask, offer } = fixture()
  follow(cursor(0), { handler: () => {} })
  assert.equal(offer(publication(1)), false)
  assert.equal(offer(publication(3)), true)
  assert.equal(ask(), cursor(1))
  assert.equal(feeds.repairs, 1)
})

test('a gap is told at its place, and the stream goes on after it', () => {
  const { feeds, follow, offer } = fixture()
  const seen: unknown[] = []
  const subscription = follow(cursor(0), {
    handler: ({ offset }) => seen.push(offset),
    onGap: ({ why, cursor: at }) => seen.push([why, at]),
  })
  offer(publication(1))
  offer(gap(cursor(1), cursor(0, OTHER)))
  offer(publication(1, { epoch: OTHER }))
  assert.deepEqual(seen, [1, ['trimmed', cursor(0, OTHER)], 1])
  assert.equal(subscription.gap?.why, 'trimmed')
  assert.deepEqual(feeds.tally, { delivered: 2, lost: 0, duplicated: 0, gaps: 1 })
})

test('two subscriptions of a channel share what the wire brings, from the one furthest behind', () => {
  const { follow, ask, offer } = fixture()
  const [a, b] = [collect(), collect()]
  follow(cursor(5), a)
  follow(cursor(2), b)
  assert.equal(ask(), cursor(2))
  for (const offset of [3, 4, 5, 6]) offer(publication(offset))
  assert.deepEqual([a.data, b.data], [[6], [3, 4, 5, 6]])
  assert.equal(ask(), cursor(6))
})

test('a second, fresh one gets its own place, and the first loses nothing by it', async () => {
  const { feeds, follow, ask, offer } = fixture()
  const [a, b] = [collect(), collect()]
  follow(cursor(5), a)
  const second = follow('last:9', b)
  assert.equal(ask(), 'last:9')
  offer(subscribed(8))
  assert.equal(await second.ready, cursor(8))
  assert.equal(ask(), cursor(5), 'the first is behind it')
  for (const offset of [6, 7, 8, 9]) offer(publication(offset))
  assert.deepEqual([a.data, b.data], [[6, 7, 8, 9], [9]])
  assert.equal(feeds.tally.lost, 0)
})

test('a subscription of an earlier life of the log comes first: only its gap moves it on', () => {
  const { follow, ask, offer } = fixture()
  const [a, b] = [collect(), collect()]
  follow(cursor(1), a)
  offer(publication(2))
  follow(cursor(7, OTHER), b)
  assert.equal(ask(), cursor(7, OTHER))
  offer(gap(cursor(7, OTHER), cursor(0)))
  assert.equal(ask(), cursor(0))
  for (const offset of [1, 2, 3]) offer(publication(offset))
  assert.deepEqual(
    [a.data, b.data],
    [
      [2, 3],
      [1, 2, 3],
    ],
  )
})

test('an earlier life comes first also where only the answer to a fresh subscription tells of the present one', () => {
  const { follow, ask, offer } = fixture()
  follow(cursor(5, OTHER))
  follow('now')
  assert.equal(ask(), 'now')
  offer(subscribed(2))
  assert.equal(ask(), cursor(5, OTHER), 'its gap is asked for at once, not when the next publication comes')
})

test('a channel is followed either with conflation or without', () => {
  const { follow } = fixture()
  follow('now')
  assert.throws(() => follow('now', {}, true), TypeError)
})

test('an iterator gets what waited, in order, and ends with the log', async () => {
  const { follow, offer } = fixture()
  const subscription = follow(cursor(0))
  offer(publication(1))
  const iterator = subscription[Symbol.asyncIterator]()
  const first = await iterator.next()
  assert.equal(first.value?.data, 1)
  const pending = iterator.next()
  offer(publication(2))
  assert.equal((await pending).value?.data, 2)
  assert.equal(
    offer({ type: 'closed', channel: 'c', cursor: cursor(3) }),
    true,
    'an end that lies ahead is a hole',
  )
  offer(publication(3))
  offer({ type: 'closed', channel: 'c', cursor: cursor(3) })
  assert.equal((await iterator.next()).value?.data, 3)
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.equal((await subscription.ended).why, 'closed')
})

test('its cursor moves only when an entry is taken', async () => {
  const { follow, offer } = fixture()
  const subscription = follow(cursor(0))
  for (const offset of [1, 2]) offer(publication(offset))
  assert.equal(subscription.cursor, cursor(0))
  await subscription[Symbol.asyncIterator]().next()
  assert.equal(subscription.cursor, cursor(1))
})

test('what is told to one that begins at the start moves no other past what was removed', () => {
  const { follow, ask, offer } = fixture()
  const [a, b] = [collect(), collect()]
  const gaps: string[] = []
  follow(cursor(2), { ...a, onGap: () => gaps.push('a') }, true)
  follow('-1', { ...b, onGap: () => gaps.push('b') }, true)
  assert.equal(ask(), '-1')
  offer(subscribed(0))
  const told: StreamEvent[] = [
    publication(1, { snapshot: 5 }),
    publication(4, { from: 1, snapshot: 5 }),
    { type: 'advance', channel: 'c', from: 4, cursor: cursor(5), snapshot: 5 },
  ]
  assert.deepEqual(
    told.map((event) => offer(event)),
    [false, true, true],
    'the first has a hole there',
  )
  assert.deepEqual([a.data, b.data], [[], [1, 4]])
  assert.equal(ask(), cursor(2), 'and is asked for')
  offer(gap(cursor(2), cursor(0)))
  for (const event of told) offer(event)
  assert.deepEqual([a.data, b.data, gaps], [[1, 4], [1, 4], ['a']])
})

test('a full iterator takes a snapshot to its end, which alone can be resumed from', async () => {
  const { follow, ask, offer } = fixture({ iteratorLimit: 2 })
  const subscription = follow('-1', {}, true)
  assert.equal(ask(), '-1')
  offer(subscribed(0))
  for (const offset of [1, 2, 3]) offer(publication(offset, { snapshot: 5 }))
  assert.equal(ask(), cursor(3), 'it is still followed')
  offer({ type: 'advance', channel: 'c', from: 3, cursor: cursor(5), snapshot: 5 })
  assert.equal(ask(), undefined)
  const iterator = subscription[Symbol.asyncIterator]()
  for (const data of [1, 2, 3]) assert.equal((await iterator.next()).value?.data, data)
  assert.equal(ask(), cursor(5))
})

test('an iterator that is full takes nothing more, and goes on where it stopped when half is taken', async () => {
  const { feeds, follow, ask, offer } = fixture({ iteratorLimit: 4 })
  const subscription = follow(cursor(0))
  for (const offset of [1, 2, 3, 4, 5, 6]) assert.equal(offer(publication(offset)), false)
  assert.equal(ask(), undefined, 'the channel is not followed meanwhile')
  const iterator = subscription[Symbol.asyncIterator]()
  const seen: unknown[] = [(await iterator.next()).value?.data]
  assert.equal(ask(), undefined)
  for (let i = 0; i < 2; i++) seen.push((await iterator.next()).value?.data)
  assert.equal(ask(), cursor(4))
  for (const offset of [5, 6]) offer(publication(offset))
  for (let i = 0; i < 3; i++) seen.push((await iterator.next()).value?.data)
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6])
  assert.deepEqual(feeds.tally, { delivered: 6, lost: 0, duplicated: 0, gaps: 0 })
})

test('a gap waits at its place in the buffer', async () => {
  const { follow, offer } = fixture()
  const seen: unknown[] = []
  const subscription = follow(cursor(0), { onGap: () => seen.push('gap') })
  offer(publication(1))
  offer(gap(cursor(1), cursor(5)))
  offer(publication(6))
  const iterator = subscription[Symbol.asyncIterator]()
  assert.equal(seen.length, 0)
  for (let i = 0; i < 2; i++) seen.push((await iterator.next()).value?.offset)
  assert.deepEqual(seen, [1, 'gap', 6])
})

test('leaving a loop unsubscribes', async () => {
  const { feeds, follow, offer } = fixture()
  const subscription = follow(cursor(0))
  offer(publication(1))
  for await (const { data } of subscription) {
    assert.equal(data, 1)
    break
  }
  assert.equal((await subscription.ended).why, 'unsubscribed')
  assert.equal(feeds.wantedBy(LINK).size, 0)
})

const refusal = (retry: WireError['retry']): StreamEvent => ({
  type: 'unsubscribed',
  channel: 'c',
  error: { code: 'forbidden', message: 'no', retry },
})

test('a refusal ends an iterator with its error, and a promise too', async () => {
  const { follow, ask, offer } = fixture()
  const subscription = follow('now')
  ask()
  const pending = subscription[Symbol.asyncIterator]().next()
  offer(refusal('never'))
  await assert.rejects(pending, { code: 'forbidden' })
  await assert.rejects(subscription.ready, { code: 'forbidden' })
  assert.equal((await subscription.ended).why, 'refused')
})

test('a refusal for now is asked again after a while', () => {
  const { timers, follow, ask, offer } = fixture()
  follow('now')
  ask()
  offer(refusal('backoff'))
  assert.equal(ask(), undefined)
  timers.shift()?.()
  assert.equal(ask(), 'now')
})

test('a deleted channel ends its subscriptions', async () => {
  const { follow, offer } = fixture()
  const subscription = follow(cursor(0))
  offer({ type: 'deleted', channel: 'c' })
  assert.equal((await subscription.ended).why, 'deleted')
})

test('an iterator and a handler are not had at once', () => {
  const { follow } = fixture()
  assert.throws(() => follow('now', { handler: () => {} })[Symbol.asyncIterator](), TypeError)
})

test('after the client is closed a subscription is over at once', async () => {
  const { feeds, follow } = fixture()
  feeds.close({ why: 'unsubscribed', error: undefined })
  const subscription = follow('now')
  await assert.rejects(subscription.ready, { code: 'client_closed' })
  assert.deepEqual(await subscription[Symbol.asyncIterator]().next(), { done: true, value: undefined })
})

test('being present goes along with following, and is renewed elsewhere where nothing is followed', () => {
  const { feeds, follow } = fixture()
  feeds.setPresence('c', { data: { name: 'x' } })
  assert.deepEqual(feeds.presentElsewhere(), [['c', { data: { name: 'x' } }]])
  follow(cursor(0))
  assert.deepEqual(feeds.ask(LINK, 'c'), { from: cursor(0), presence: { name: 'x' } })
  assert.deepEqual(feeds.presentElsewhere(), [])
})

test('only what was appended since counts as latency', () => {
  const { feeds, follow, offer } = fixture()
  follow(cursor(0), { handler: () => {} })
  offer(publication(1, { time: 500 }))
  assert.equal(feeds.latency.read().last, null)
  offer(publication(2, { time: 1_000 }))
  assert.equal(feeds.latency.read().last, 0)
})

test('with the gate taken out, the audit sees what is lost and what comes twice', () => {
  const events = [1, 2, 2, 3, 6, 7, 7].map((offset) => publication(offset))
  const open = fixture({}, openGate)
  open.follow(cursor(0), { handler: () => {} })
  for (const event of events) open.offer(event)
  assert.deepEqual(open.feeds.tally, { delivered: 7, lost: 2, duplicated: 2, gaps: 0 })
  const gated = fixture()
  gated.follow(cursor(0), { handler: () => {} })
  for (const event of events) gated.offer(event)
  assert.deepEqual(gated.feeds.tally, { delivered: 3, lost: 0, duplicated: 0, gaps: 0 })
})
