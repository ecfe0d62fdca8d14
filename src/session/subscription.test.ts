import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Covering,
  type Cursor,
  Log,
  type Page,
  type Position,
  type Publication,
} from '../channel/index.ts'
import { Subscription } from './subscription.ts'

const E1 = '0maaaaaaa0001'
const E2 = '0mbbbbbbb0002'
const LIMIT = { count: 3, bytes: 10_000 }

const publication = (offset: number, fields: Partial<Publication> = {}): Publication => ({
  offset,
  time: 0,
  data: '0',
  key: undefined,
  removed: false,
  producer: undefined,
  stamp: undefined,
  ...fields,
})

/** A log that holds floor to top. */
const tailOf = (epoch: string, floor: number, top: number): Log => {
  const log = new Log(epoch, floor - 1)
  while (log.top < top) log.append(publication(log.top + 1))
  return log
}

const entry = (offset: number, from = offset - 1): Covering => ({ from, publication: publication(offset) })
const token = (epoch: string, offset: number, stamp?: string): string =>
  `${epoch}_${String(offset).padStart(16, '0')}${stamp === undefined ? '' : `_${stamp}`}`

type Found = Extract<Page, { kind: 'page' }>
const pageOf = (after: number, upTo: number, fields: Partial<Found> = {}): Page => ({
  kind: 'page',
  epoch: E1,
  floor: 1,
  top: upTo,
  status: 'open',
  contentType: 'json',
  conflated: false,
  gap: undefined,
  skippedFrom: undefined,
  after,
  upTo,
  entries: Array.from({ length: upTo - after }, (_, i) => entry(after + i + 1)),
  ...fields,
})

const from = (position: Position, conflate = false): Subscription => new Subscription('c', position, conflate)
const liveAt = (offset: number, conflate = false): Subscription => {
  const subscription = from({ epoch: E1, offset }, conflate)
  assert.equal(subscription.resumeAt(tailOf(E1, 1, Math.max(offset, 1))), true)
  return subscription
}

test('a cursor that the tail can serve goes live without a page', () => {
  const tail = tailOf(E1, 3, 5)
  for (const offset of [2, 3, 5]) {
    const subscription = from({ epoch: E1, offset })
    assert.equal(subscription.cursor, undefined)
    assert.equal(subscription.resumeAt(tail), true)
    assert.equal(subscription.cursor, token(E1, offset))
  }
})

test('a gap is never decided from a tail: whatever it cannot serve waits for a page', () => {
  const tail = tailOf(E1, 3, 5)
  const positions: Position[] = [
    'start',
    'now',
    { last: 1 },
    { epoch: E1, offset: 1 },
    { epoch: E1, offset: 6 },
  ]
  for (const position of [
    ...positions,
    { epoch: E2, offset: 4 },
    { epoch: E1, offset: 4, stamp: '00000000' },
  ]) {
    const subscription = from(position)
    assert.equal(subscription.resumeAt(tail), false)
    assert.deepEqual(subscription.state, { kind: 'resolving', from: position })
    assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'idle' })
  }
  assert.equal(from({ epoch: E1, offset: 4 }).resumeAt(undefined), false)
  tail.status = 'deleted'
  assert.equal(from({ epoch: E1, offset: 4 }).resumeAt(tail), false)
  assert.equal(liveAt(4).resumeAt(tail), false, 'it stands somewhere already')
})

test('a stamped cursor goes live where the tail holds the same stamp', () => {
  const tail = new Log(E1)
  tail.append(publication(1, { stamp: 'aaaaaaaa' }))
  const at = (offset: number, stamp: string): Cursor => ({ epoch: E1, offset, stamp })
  const subscription = from(at(1, 'aaaaaaaa'))
  assert.equal(subscription.resumeAt(tail), true)
  assert.equal(subscription.cursor, token(E1, 1, 'aaaaaaaa'))
  assert.equal(from(at(1, 'bbbbbbbb')).resumeAt(tail), false)
  assert.equal(from(at(0, 'aaaaaaaa')).resumeAt(tail), false)
})

test('taking gives the next page of the tail and moves the cursor behind it, until nothing is left', () => {
  const subscription = liveAt(1)
  const tail = tailOf(E1, 1, 5)
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'range', after: 1, upTo: 4, conflate: false })
  assert.equal(subscription.cursor, token(E1, 4))
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'range', after: 4, upTo: 5, conflate: false })
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'idle' })
})

test('a conflating reader takes up to four pages at once, bounded in bytes too', () => {
  const tail = tailOf(E1, 1, 12)
  assert.deepEqual(liveAt(0, true).take(tail, LIMIT), { kind: 'range', after: 0, upTo: 12, conflate: true })
  const heavy = new Log(E1)
  for (let offset = 1; offset <= 12; offset++) heavy.append(publication(offset, { data: '0'.repeat(1_000) }))
  const subscription = liveAt(0, true)
  const limit = { count: 3, bytes: 1_100 }
  assert.deepEqual(subscription.take(heavy, limit), { kind: 'range', after: 0, upTo: 4, conflate: true })
  assert.deepEqual(subscription.take(heavy, limit), { kind: 'range', after: 4, upTo: 8, conflate: true })
})

test('a conflating reader that is further behind asks the broker, who has the latest of each key', () => {
  const step = liveAt(0, true).take(tailOf(E1, 1, 13), LIMIT)
  assert.deepEqual(step, { kind: 'read', from: { epoch: E1, offset: 0 } })
})

test('who falls out of the tail asks for a page from its cursor, once', () => {
  const subscription = liveAt(1)
  const tail = tailOf(E1, 3, 5)
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'read', from: { epoch: E1, offset: 1 } })
  assert.equal(subscription.state.kind, 'behind')
  assert.equal(subscription.cursor, token(E1, 1))
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'idle' })
  const arrival = subscription.arrive(pageOf(1, 4, { top: 5 }))
  assert.deepEqual([arrival.before, arrival.after, arrival.entries.length], [[], [], 3])
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'range', after: 4, upTo: 5, conflate: false })
})

test('a cursor at the one before the floor is still in the tail', () => {
  assert.equal(liveAt(2).take(tailOf(E1, 3, 5), LIMIT).kind, 'range')
})

test('a page may be ahead of a copied tail: nothing is taken until the copy has caught up', () => {
  const subscription = from('now')
  subscription.arrive(pageOf(7, 7))
  assert.deepEqual(subscription.take(tailOf(E1, 1, 5), LIMIT), { kind: 'idle' })
  assert.deepEqual(subscription.take(tailOf(E1, 1, 8), LIMIT), {
    kind: 'range',
    after: 7,
    upTo: 8,
    conflate: false,
  })
})

test('a closed log ends its readers when they have all of it, not before', () => {
  const tail = tailOf(E1, 1, 5)
  tail.status = 'closed'
  const subscription = liveAt(1)
  assert.equal(subscription.take(tail, LIMIT).kind, 'range')
  assert.equal(subscription.take(tail, LIMIT).kind, 'range')
  assert.deepEqual(subscription.take(tail, LIMIT), {
    kind: 'ended',
    event: { type: 'closed', channel: 'c', cursor: token(E1, 5) },
  })
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'idle' })
  const ahead = from('now')
  ahead.arrive(pageOf(7, 7))
  assert.deepEqual(ahead.take(tail, LIMIT), { kind: 'idle' })
})

test('a deleted log ends its readers wherever they stand', () => {
  const tail = tailOf(E1, 6, 5)
  tail.status = 'deleted'
  const subscription = liveAt(1)
  assert.deepEqual(subscription.take(tail, LIMIT), {
    kind: 'ended',
    event: { type: 'deleted', channel: 'c' },
  })
  assert.equal(subscription.state.kind, 'ended')
})

test('a tail of another life is a reason to ask, and its deletion is not the deletion of this one', () => {
  const tail = tailOf(E1, 6, 5)
  tail.status = 'deleted'
  const subscription = from('now')
  subscription.arrive(pageOf(0, 0, { epoch: E2 }))
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'read', from: { epoch: E2, offset: 0 } })
})

test('a tail that a page has shown to be of a life past is waited for, not asked about again', () => {
  const past = tailOf(E1, 1, 5)
  const subscription = from('now')
  subscription.arrive(pageOf(0, 0, { epoch: E2 }))
  assert.equal(subscription.take(past, LIMIT).kind, 'read')
  subscription.arrive(pageOf(0, 0, { epoch: E2 }))
  assert.deepEqual(subscription.take(past, LIMIT), { kind: 'idle' })
  assert.equal(subscription.take(tailOf(E2, 1, 1), LIMIT).kind, 'range')
  assert.equal(
    subscription.take(tailOf('0mccccccc0003', 1, 1), LIMIT).kind,
    'read',
    'and then a new life begins',
  )
})

test('a page that agrees with the tail makes it no life past', () => {
  const tail = tailOf(E2, 1, 2)
  const subscription = liveAt(1)
  assert.equal(subscription.take(tail, LIMIT).kind, 'read')
  subscription.arrive(pageOf(0, 1, { epoch: E2, gap: 'epoch', top: 2 }))
  assert.deepEqual(subscription.take(tail, LIMIT), { kind: 'range', after: 1, upTo: 2, conflate: false })
})

test('the first page resolves a sentinel: subscribed at the cursor before its first entry', () => {
  const subscription = from({ last: 2 })
  const arrival = subscription.arrive(pageOf(3, 5))
  assert.deepEqual(arrival.before, [{ type: 'subscribed', channel: 'c', cursor: token(E1, 3) }])
  assert.equal(arrival.epoch, E1)
  assert.deepEqual(
    arrival.entries.map((each) => each.publication.offset),
    [4, 5],
  )
  assert.deepEqual(arrival.after, [])
  assert.equal(subscription.cursor, token(E1, 5))
})

test('a cursor that cannot be served: one gap that names it, then subscribed', () => {
  const position = { epoch: E2, offset: 9, stamp: '0000abcd' }
  const arrival = from(position).arrive(pageOf(2, 4, { gap: 'epoch', floor: 3 }))
  assert.deepEqual(arrival.before, [
    {
      type: 'gap',
      channel: 'c',
      from: token(E2, 9, '0000abcd'),
      floor: 3,
      top: 4,
      cursor: token(E1, 2),
      why: 'epoch',
    },
    { type: 'subscribed', channel: 'c', cursor: token(E1, 2) },
  ])
})

test('who was behind hears of a gap alone', () => {
  const subscription = liveAt(1)
  subscription.take(tailOf(E1, 5, 6), LIMIT)
  const { before } = subscription.arrive(pageOf(4, 6, { gap: 'trimmed', floor: 5 }))
  assert.deepEqual(before, [
    { type: 'gap', channel: 'c', from: token(E1, 1), floor: 5, top: 6, cursor: token(E1, 4), why: 'trimmed' },
  ])
})

test('what an ephemeral channel has let go of is an advance', () => {
  const subscription = liveAt(1)
  subscription.take(tailOf(E1, 5, 6), LIMIT)
  const { before } = subscription.arrive(pageOf(4, 6, { skippedFrom: 1, floor: 5 }))
  assert.deepEqual(before, [{ type: 'advance', channel: 'c', from: 1, cursor: token(E1, 4) }])
})

test('what a conflated page covers beyond its last entry is an advance, and all of it is one snapshot', () => {
  const subscription = from('start', true)
  const arrival = subscription.arrive(pageOf(0, 9, { entries: [entry(3, 0), entry(7, 3)] }))
  assert.deepEqual(arrival.after, [
    { type: 'advance', channel: 'c', from: 7, cursor: token(E1, 9), snapshot: 9 },
  ])
  assert.equal(arrival.snapshot, 9)
  assert.equal(subscription.cursor, token(E1, 9))
  const empty = from('start', true).arrive(pageOf(0, 9, { entries: [] }))
  assert.deepEqual(empty.after, [
    { type: 'advance', channel: 'c', from: 0, cursor: token(E1, 9), snapshot: 9 },
  ])
  assert.equal(from('start', true).arrive(pageOf(0, 9)).snapshot, undefined)
})

test('there is nothing to follow: the subscription ends, and says why', () => {
  const deleted = from({ epoch: E1, offset: 1 })
  const arrival = deleted.arrive({ kind: 'missing', code: 'deleted' })
  assert.deepEqual(arrival.before, [{ type: 'deleted', channel: 'c' }])
  assert.equal(deleted.state.kind, 'ended')
  for (const code of ['not_found', 'too_many_channels'] as const) {
    const [event] = from('now').arrive({ kind: 'missing', code }).before
    assert.ok(event?.type === 'unsubscribed' && event.error.code === code)
    assert.match(event.error.message, /subscribing to "c"/)
  }
})

test('a page that nobody asked for, or that comes too late, brings nothing', () => {
  const ended = from('now')
  ended.end()
  for (const subscription of [ended, liveAt(1)]) {
    const { state } = subscription
    assert.deepEqual(subscription.arrive(pageOf(0, 9)), { before: [], epoch: '', entries: [], after: [] })
    assert.equal(subscription.state, state)
  }
  assert.equal(ended.cursor, undefined)
})

test('a cursor carries the stamp of its place, wherever that is known', () => {
  const stamped = (offset: number): Covering => {
    const stamp = `0000000${offset}`
    return { from: offset - 1, publication: publication(offset, { stamp }) }
  }
  const subscription = from('start')
  subscription.arrive(pageOf(0, 0, { stamp: '00000000' }))
  assert.equal(subscription.cursor, token(E1, 0, '00000000'))
  const tail = new Log(E1)
  tail.append(stamped(1).publication)
  tail.append(stamped(2).publication)
  subscription.take(tail, { count: 1, bytes: 1 })
  assert.equal(subscription.cursor, token(E1, 1, '00000001'))
  tail.append(stamped(3).publication)
  tail.trim(3)
  const read = subscription.take(tail, LIMIT)
  assert.deepEqual(read, { kind: 'read', from: { epoch: E1, offset: 1, stamp: '00000001' } })
  const arrival = subscription.arrive(
    pageOf(1, 2, { entries: [stamped(2)], gap: 'rolled-back', top: 3, stamp: '00000001' }),
  )
  assert.equal(arrival.before[0]?.type === 'gap' && arrival.before[0].from, token(E1, 1, '00000001'))
  assert.equal(subscription.cursor, token(E1, 2, '00000002'))
  const beyond = from('start', true)
  beyond.arrive(pageOf(0, 9, { entries: [stamped(2)], stamp: '00000000' }))
  assert.equal(beyond.cursor, token(E1, 9), 'the page does not say')
})
