import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Log } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { Session } from './session.ts'

const FROM_NOW = { from: 'now', conflate: false } as const
const EPOCH = '0mabcdef01234'

test('a session follows as many channels as it may, and not one more', () => {
  const session = new Session(2)
  session.subscribe('a', FROM_NOW)
  session.subscribe('b', FROM_NOW)
  assert.throws(
    () => session.subscribe('c', FROM_NOW),
    (error) => error instanceof ProtocolError && error.code === 'too_many_subscriptions',
  )
  assert.deepEqual([...session.subscriptions.keys()], ['a', 'b'])
})

test('subscribing again starts afresh, and takes no second place', () => {
  const session = new Session(1)
  const first = session.subscribe('a', FROM_NOW)
  const second = session.subscribe('a', { from: 'start', conflate: true })
  assert.equal(first.state.kind, 'ended')
  assert.deepEqual(second.state, { kind: 'resolving', from: 'start' })
  assert.equal(second.conflate, true)
  assert.equal(session.subscriptions.get('a'), second)
})

test('unsubscribing ends the subscription and frees its place', () => {
  const session = new Session(1)
  const subscription = session.subscribe('a', FROM_NOW)
  assert.equal(session.unsubscribe('a'), true)
  assert.equal(subscription.state.kind, 'ended')
  assert.equal(session.unsubscribe('a'), false)
  session.subscribe('b', FROM_NOW)
})

test('cursors tell where every channel stands that has been resolved, whatever it is called', () => {
  const session = new Session(9)
  session.subscribe('unresolved', FROM_NOW)
  for (const channel of ['__proto__', 'constructor']) {
    const from = { epoch: EPOCH, offset: 3 }
    session.subscribe(channel, { from, conflate: false }).resumeAt(new Log(EPOCH, 3))
  }
  assert.equal(
    JSON.stringify(session.cursors()),
    `{"__proto__":"${EPOCH}_0000000000000003","constructor":"${EPOCH}_0000000000000003"}`,
  )
})
