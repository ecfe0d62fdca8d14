/** What the node itself publishes: many in one step, in the writers' own order, and where no client may write. */
import assert from 'node:assert/strict'
import { connect, PublishError, RefusedError } from 'holdfast'
import { ProtocolError } from 'holdfast/server'
import { hostile } from './hostile.ts'
import { eventually } from './node-under-test.ts'

const RULES = [
  { pattern: 'told/*', publish: false },
  { pattern: 'keyed', conflated: true, maxKeys: 3 },
  { pattern: 'brief/*', expiry: { kind: 'idle', afterMs: 1 } },
] as const
const scene = { rules: RULES }

const refusedWith =
  (code: string) =>
  (error: unknown): boolean =>
    (error instanceof ProtocolError || error instanceof PublishError || error instanceof RefusedError) &&
    error.code === code

hostile(
  'many are published in one step, in order, with one cursor behind them',
  async ({ server }) => {
    const cursor = await server.publishAll(
      'keyed',
      ['a', 'b', 'a'].map((key, data) => ({ key, data })),
    )
    assert.match(cursor, /3$/)
    assert.equal((await server.describe('keyed'))?.top, 3)
  },
  scene,
)
hostile(
  'many are published together or not at all',
  async ({ server }) => {
    const four = ['a', 'b', 'c', 'd'].map((key) => ({ key, data: 0 }))
    await assert.rejects(server.publishAll('keyed', four), refusedWith('too_many_keys'))
    await assert.rejects(server.publishAll('keyed', [{ data: 1 }]), refusedWith('key_required'))
    await assert.rejects(
      server.publishAll('plain', [{ data: 1 }, { data: undefined }]),
      refusedWith('malformed'),
    )
    await assert.rejects(server.publishAll('plain', []), refusedWith('malformed'))
    assert.equal((await server.describe('keyed'))?.top ?? 0, 0)
    assert.equal((await server.describe('plain'))?.top ?? 0, 0)
  },
  scene,
)
hostile('what comes with a sequence is published once, however often it is said', async ({ server }) => {
  await server.publish('a', 1, { sequence: '0001' })
  await server.publish('a', 2, { sequence: '0002' })
  for (const sequence of ['0001', '0002'])
    await assert.rejects(server.publish('a', 0, { sequence }), refusedWith('sequence_behind'))
  assert.equal((await server.describe('a'))?.top, 2)
})
hostile(
  'where only the node writes, a client reads; it cannot publish, trim, make, close or delete',
  async (node) => {
    const { server, url } = node
    await server.publish('told/a', 'by the node')
    const client = connect(url, { transport: 'polling' })
    const channel = client.channel('told/a')
    await assert.rejects(channel.publish('forged'), refusedWith('forbidden'))
    const { publications, cursor } = await channel.history()
    assert.deepEqual(
      publications.map((each) => each.data),
      ['by the node'],
    )
    await assert.rejects(channel.trim(cursor), refusedWith('forbidden'))
    client.close()
    for (const method of ['PUT', 'POST', 'DELETE']) {
      const body = method === 'DELETE' ? {} : { body: '["forged"]' }
      const { status } = await node.fetch(`/v1/stream/told/${method === 'PUT' ? 'b' : 'a'}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...body,
      })
      assert.equal(status, 403, method)
    }
    assert.equal((await server.describe('told/a'))?.top, 1)
    assert.equal(await server.describe('told/b'), undefined)
  },
  { ...scene, schemes: ['tcp'] },
)
hostile(
  'a channel whose rule lets it expire goes by itself',
  async ({ server }) => {
    await server.publish('brief/a', 1)
    let there = true
    const look = (): boolean => {
      void server.describe('brief/a').then((info) => (there = info !== undefined))
      return !there
    }
    await eventually(look, 'it is gone')
  },
  scene,
)
