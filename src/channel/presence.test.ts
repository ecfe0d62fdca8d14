import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LeaseRequest, Leases, presenceChannel, presenceSubject } from './presence.ts'

const TTL = 90
const request = (fields: Partial<LeaseRequest> = {}): LeaseRequest => ({
  channel: 'room',
  member: 'ann',
  session: 's1',
  ttlMs: TTL,
  ...fields,
})
const leave = (fields: { session?: string; generation?: number; graceMs?: number } = {}) => ({
  channel: 'room',
  member: 'ann',
  session: 's1',
  graceMs: 0,
  ...fields,
})
const LEFT = { member: 'ann', data: undefined }

test('the members of a channel are published in a channel beside it', () => {
  assert.equal(presenceSubject(presenceChannel('a/b')), 'a/b')
  assert.equal(presenceSubject('a/b'), undefined)
})

test('the first lease joins, a renewal changes nothing, new data is a change', () => {
  const leases = new Leases()
  assert.deepEqual(leases.lease(request({ data: '1' }), 0).change, { member: 'ann', data: '1' })
  assert.equal(leases.lease(request({ data: '1' }), 0).change, undefined)
  assert.equal(leases.lease(request(), 0).change, undefined)
  assert.deepEqual(leases.lease(request({ data: '2' }), 0).change, { member: 'ann', data: '2' })
  assert.equal(leases.size, 1)
})

test('who says nothing about itself is `null`', () => {
  assert.deepEqual(new Leases().lease(request(), 0).change, { member: 'ann', data: 'null' })
})

test('a lease runs out at exactly its time, and not before', () => {
  const leases = new Leases()
  leases.lease(request(), 0)
  assert.deepEqual(leases.sweep(TTL - 1), [])
  assert.deepEqual(leases.sweep(TTL), [LEFT])
  assert.deepEqual(leases.sweep(TTL), [])
  assert.equal(leases.size, 0)
})

test('a renewal puts expiry off; renewing what has run out joins again', () => {
  const leases = new Leases()
  leases.lease(request({ data: '1' }), 0)
  leases.lease(request(), 50)
  assert.deepEqual(leases.sweep(TTL + 49), [])
  assert.deepEqual(leases.sweep(TTL + 50), [LEFT])
  assert.notEqual(leases.lease(request(), 200).change, undefined)
})

test('a member in three tabs leaves with the last of them', () => {
  const leases = new Leases()
  for (const session of ['s1', 's2', 's3']) leases.lease(request({ session }), 0)
  assert.equal(leases.size, 1)
  assert.equal(leases.release(leave({ session: 's1' }), 1), undefined)
  assert.equal(leases.release(leave({ session: 's3' }), 1), undefined)
  assert.deepEqual(leases.release(leave({ session: 's2' }), 1), LEFT)
})

test('a close leaves the member there for its grace, and a renewal undoes it', () => {
  const leases = new Leases()
  const { generation } = leases.lease(request({ attach: true }), 0)
  assert.equal(leases.release(leave({ generation, graceMs: 10 }), 5), undefined)
  leases.lease(request(), 14)
  assert.deepEqual(leases.sweep(15), [])
  assert.equal(leases.release(leave({ generation, graceMs: 10 }), 20), undefined)
  assert.deepEqual(leases.sweep(29), [])
  assert.deepEqual(leases.sweep(30), [LEFT])
})

test('a grace never lengthens a lease', () => {
  const leases = new Leases()
  leases.lease(request(), 0)
  leases.release(leave({ graceMs: 1_000 }), 0)
  assert.deepEqual(leases.sweep(TTL), [LEFT])
})

test('the close of a transport that another has followed is void', () => {
  const leases = new Leases()
  const old = leases.lease(request({ attach: true }), 0).generation
  const latest = leases.lease(request({ attach: true }), 0).generation
  assert.ok(latest > old)
  assert.equal(leases.lease(request(), 0).generation, latest)
  assert.equal(leases.release(leave({ generation: old }), 1), undefined)
  assert.equal(leases.size, 1)
  assert.deepEqual(leases.release(leave({ generation: latest }), 1), LEFT)
})

test('releasing what is not held changes nothing', () => {
  const leases = new Leases()
  assert.equal(leases.release(leave(), 0), undefined)
  leases.lease(request(), 0)
  assert.equal(leases.release(leave({ session: 'other' }), 0), undefined)
  assert.equal(leases.size, 1)
})

test('the close of a transport whose lease ran out does not shorten the lease that came after', () => {
  const leases = new Leases()
  const asleep = leases.lease(request({ attach: true }), 0).generation
  leases.sweep(TTL)
  leases.lease(request({ attach: true }), TTL + 1)
  assert.equal(leases.release(leave({ generation: asleep }), TTL + 2), undefined)
  assert.equal(leases.size, 1)
})

test('a transport whose lease ran out and was renewed can still close it', () => {
  const leases = new Leases()
  const { generation } = leases.lease(request({ attach: true }), 0)
  leases.sweep(TTL)
  leases.lease(request(), TTL + 1)
  assert.deepEqual(leases.release(leave({ generation }), TTL + 2), LEFT)
})

test('a member that is evicted is forgotten: its next renewal joins', () => {
  const leases = new Leases()
  leases.lease(request({ data: '1' }), 0)
  leases.evict('ann')
  assert.equal(leases.size, 0)
  assert.deepEqual(leases.sweep(TTL), [])
  assert.deepEqual(leases.lease(request({ data: '1' }), 1).change, { member: 'ann', data: '1' })
})

test('members may be called anything', () => {
  const leases = new Leases()
  for (const member of ['__proto__', 'constructor', '']) leases.lease(request({ member }), 0)
  assert.deepEqual(
    leases.sweep(TTL).map(({ member }) => member),
    ['__proto__', 'constructor', ''],
  )
})
