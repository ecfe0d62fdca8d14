/** Presence: leases that the broker keeps, and the keyed channel in which it says who is there. */
import assert from 'node:assert/strict'
import { type LeaseRequest, presenceChannel, type ReleaseRequest } from '../../channel/index.ts'
import { type MakeBroker, PLAIN, type Stage, staged, written } from './stage.ts'

const TTL_MS = 90_000
const GRACE_MS = 10_000
const MEMBERS = presenceChannel('room')

const lease = (stage: Stage, fields: Partial<LeaseRequest> = {}) =>
  stage.broker.lease({ channel: 'room', member: 'ann', session: 's1', ttlMs: TTL_MS, ...fields })
const release = (stage: Stage, fields: Partial<ReleaseRequest> = {}) =>
  stage.broker.release({ channel: 'room', member: 'ann', session: 's1', graceMs: 0, ...fields })
const pass = async (stage: Stage, ms: number): Promise<void> => {
  stage.clock.ms += ms
  await stage.broker.sweep()
}
/** Everything that was ever said of the members. */
const said = async (stage: Stage): Promise<string> => written(await stage.read('start', { channel: MEMBERS }))

export const presenceSuite = (make: MakeBroker): void => {
  staged('joining, renewing, changing, leaving', make, async (stage) => {
    await lease(stage, { data: '"hi"' })
    await lease(stage)
    await lease(stage, { data: '"hi"' })
    await lease(stage, { data: '"ho"' })
    await release(stage)
    assert.equal(await said(stage), '0>ann="hi"@1 1>ann="ho"@2 2>ann=-@3')
    assert.equal((await stage.read('now', { channel: MEMBERS })).conflated, true)
  })

  staged('a lease runs out at exactly its time, unless it is renewed', make, async (stage) => {
    await lease(stage, { data: '1' })
    await pass(stage, TTL_MS - 1)
    await lease(stage)
    await pass(stage, TTL_MS - 1)
    assert.equal(await said(stage), '0>ann=1@1')
    await pass(stage, 1)
    await pass(stage, 1)
    assert.equal(await said(stage), '0>ann=1@1 1>ann=-@2')
    await lease(stage, { data: '2' })
    assert.equal(await said(stage), '0>ann=1@1 1>ann=-@2 2>ann=2@3')
  })

  staged('a member in three tabs is one member, and leaves with the last of them', make, async (stage) => {
    for (const session of ['s1', 's2', 's3']) await lease(stage, { session, data: '1' })
    await release(stage, { session: 's2' })
    await release(stage, { session: 's1' })
    assert.equal(await said(stage), '0>ann=1@1')
    await pass(stage, TTL_MS)
    assert.equal(await said(stage), '0>ann=1@1 1>ann=-@2')
  })

  staged(
    'after a close the member is there for its grace, and a renewal undoes the close',
    make,
    async (stage) => {
      const { generation } = await lease(stage, { data: '1', attach: true })
      await release(stage, { generation, graceMs: GRACE_MS })
      await pass(stage, GRACE_MS - 1)
      await lease(stage)
      await pass(stage, GRACE_MS)
      assert.equal(await said(stage), '0>ann=1@1')
      await release(stage, { generation, graceMs: GRACE_MS })
      await pass(stage, GRACE_MS)
      assert.equal(await said(stage), '0>ann=1@1 1>ann=-@2')
    },
  )

  staged(
    'a close counts only if its transport is the latest, also after the lease ran out',
    make,
    async (stage) => {
      const first = (await lease(stage, { data: '1', attach: true })).generation
      const second = (await lease(stage, { attach: true })).generation
      assert.ok(second > first)
      await release(stage, { generation: first })
      assert.equal(await said(stage), '0>ann=1@1')
      await pass(stage, TTL_MS)
      await lease(stage, { data: '2', attach: true })
      await release(stage, { generation: second })
      assert.equal(await said(stage), '0>ann=1@1 1>ann=-@2 2>ann=2@3')
    },
  )

  staged('releasing what is not held, or where nobody is, says nothing', make, async (stage) => {
    await release(stage)
    assert.equal(await stage.broker.describe(MEMBERS), undefined)
    await lease(stage, { data: '1' })
    await release(stage, { session: 'other' })
    await release(stage, { member: 'bob' })
    assert.equal(await said(stage), '0>ann=1@1')
  })

  staged('who is there can be read by a conflating reader at any cursor', make, async (stage) => {
    for (const member of ['ann', 'bob', 'cid']) await lease(stage, { member, data: '1' })
    await release(stage, { member: 'bob' })
    const page = await stage.read('start', { channel: MEMBERS, conflate: true })
    assert.equal(written(page), '0>ann=1@1 1>cid=1@3 3>bob=-@4')
  })

  staged('watchers of the members are told of each change', make, async (stage) => {
    const tops: number[] = []
    await stage.broker.watch(MEMBERS, ({ top }) => tops.push(top))
    await lease(stage, { data: '1' })
    await lease(stage)
    await release(stage)
    await stage.told()
    assert.equal(tops.at(-1), 2)
  })

  staged(
    'a member that could not be announced is announced when there is room',
    make,
    async (stage) => {
      await stage.broker.create('other', PLAIN)
      await lease(stage, { data: '1' })
      assert.deepEqual(await stage.page('now', { channel: MEMBERS }), { kind: 'missing', code: 'not_found' })
      await stage.broker.delete('other')
      await lease(stage, { data: '1' })
      assert.equal(await said(stage), '0>ann=1@1')
    },
    { maxChannels: 1 },
  )

  staged('members that were deleted with their channel are announced anew', make, async (stage) => {
    await lease(stage, { data: '1' })
    await stage.broker.delete(MEMBERS)
    await pass(stage, 1)
    assert.equal((await stage.page('now', { channel: MEMBERS })).kind, 'missing')
    await lease(stage, { data: '1' })
    assert.equal(await said(stage), '0>ann=1@1')
  })
}
