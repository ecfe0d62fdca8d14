/** Each code of the refusal table that a command or a subscription can meet, from a node that really refuses it. */
import assert from 'node:assert/strict'
import { CallError, MemoryBroker, type ServerOptions } from 'holdfast/server'
import type { Command } from '../transports/follower.ts'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { hostile, type SceneOptions } from './hostile.ts'
import { codeOf, type NodeUnderTest, okOf, type WireEvent } from './node-under-test.ts'

/** The reply to one command, which must be the same over HTTP and over a WebSocket. */
const ask = async (node: NodeUnderTest, command: Command): Promise<WireEvent> => {
  const { body } = await node.post({ commands: [{ id: 1, ...command }] })
  const socket = new WebSocketFollower(node)
  const [reply] = await socket.send({ id: 1, ...command })
  await socket.close()
  assert.deepEqual([codeOf(reply), reply?.['id']], [codeOf(body.replies?.[0]), 1])
  return reply!
}

const refuses = async (node: NodeUnderTest, code: string, command: Command): Promise<void> => {
  assert.equal(codeOf(await ask(node, command)), code, JSON.stringify(command).slice(0, 200))
}

const publish = { type: 'publish', channel: 'a', data: 1 }
const RULES: ServerOptions['rules'] = [
  { pattern: 'keyed', conflated: true, maxKeys: 2 },
  { pattern: 'bytes', contentType: 'bytes' },
  { pattern: 'locked/*', create: false },
  { pattern: 'quiet', presence: false },
  { pattern: 'verdicts/*', publish: false },
]
const withBroker = (): SceneOptions => ({ broker: (brokers.last = new MemoryBroker()), rules: RULES })
const brokers: { last: MemoryBroker } = { last: new MemoryBroker() }

hostile('RF1: a command with a field of the wrong type is malformed', (node) =>
  refuses(node, 'malformed', { type: 'publish', channel: 'a' }),
)
hostile(
  'RF14: a publication over 64 KiB is too_large, as JSON and as base64; one of 64 KiB is not',
  async (node) => {
    const fits = 'x'.repeat(64 * 1024 - 2)
    okOf(await ask(node, { ...publish, data: fits }))
    await refuses(node, 'too_large', { ...publish, data: `${fits}x` })
    await refuses(node, 'too_large', { ...publish, data: 'ä'.repeat(33_000) })
    const base64 = Buffer.alloc(64 * 1024 + 1).toString('base64')
    await refuses(node, 'too_large', { type: 'publish', channel: 'bytes', base64 })
    const socket = new WebSocketFollower(node)
    const [binary] = await socket.sendBinary({ ...publish, id: 1 }, Buffer.alloc(64 * 1024 + 1))
    assert.equal(codeOf(binary), 'too_large')
    await socket.close()
  },
)
hostile('RF88: data about a member over 64 KiB is too_large', (node) =>
  refuses(node, 'too_large', { type: 'presence', channel: 'a', data: 'x'.repeat(64 * 1024) }),
)
hostile(
  'RF15: what spells no cursor is bad_cursor, and so is one of another life where it must be of this one',
  async (node) => {
    await refuses(node, 'bad_cursor', { type: 'history', channel: 'a', from: 'x' })
    await node.server.publish('a', 1)
    await refuses(node, 'bad_cursor', {
      type: 'trim',
      channel: 'a',
      upTo: `${'0'.repeat(13)}_${'0'.repeat(16)}`,
    })
  },
)
hostile('RF16: what is no channel name is bad_channel_name', (node) =>
  refuses(node, 'bad_channel_name', { ...publish, channel: 'a\n' }),
)
hostile(
  'RF17: a channel that is not there, and may not be made, is not_found',
  async (node) => {
    await refuses(node, 'not_found', { ...publish, channel: 'locked/a' })
    await refuses(node, 'not_found', { type: 'history', channel: 'nowhere' })
  },
  withBroker,
)
hostile(
  'RF7, CH11: where only the node writes, every way in which a client could is forbidden; reading is not',
  async (node) => {
    const channel = 'verdicts/a'
    const cursor = await node.server.publish(channel, 'the word of the node')
    const producer = { id: 'p', epoch: 0, seq: 0 }
    await refuses(node, 'forbidden', { ...publish, channel })
    await refuses(node, 'forbidden', { ...publish, channel, expect: cursor })
    await refuses(node, 'forbidden', { type: 'remove', channel, key: 'k' })
    await refuses(node, 'forbidden', { type: 'fence', channel, producer })
    await refuses(node, 'forbidden', { type: 'trim', channel, upTo: cursor })
    const path = `/v1/stream/${encodeURIComponent(channel)}`
    for (const method of ['PUT', 'POST', 'DELETE']) {
      const body = method === 'DELETE' ? {} : { body: '[1]' }
      const answer = await node.fetch(path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...body,
      })
      assert.equal(answer.status, 403, method)
      await answer.arrayBuffer()
    }
    okOf(await ask(node, { type: 'presence', channel, data: {} }))
    const { publications, top } = okOf(await ask(node, { type: 'history', channel })) as {
      publications: { data: unknown }[]
      top: number
    }
    assert.deepEqual([publications.map(({ data }) => data), top], [['the word of the node'], 1])
  },
  () => ({ rules: RULES, authorize: () => true }),
)
hostile(
  'RF18: a deleted channel is deleted to who may not make it again',
  async (node) => {
    await brokers.last.create('locked/b', {
      ...{ contentType: 'json', ephemeral: false, conflated: false, maxKeys: 1 },
      retention: { count: 1, ageMs: 1_000, bytes: 1_000 },
    })
    await brokers.last.delete('locked/b')
    await refuses(node, 'deleted', { ...publish, channel: 'locked/b' })
    await refuses(node, 'deleted', { type: 'history', channel: 'locked/b' })
  },
  withBroker,
)
hostile(
  'RF19: nothing is appended to a closed channel',
  async (node) => {
    await node.server.publish('a', 1)
    await brokers.last.close('a')
    await refuses(node, 'closed', publish)
  },
  withBroker,
)
hostile(
  'RF20: a payload of the other content type is content_type',
  async (node) => {
    await refuses(node, 'content_type', { ...publish, channel: 'bytes' })
    await refuses(node, 'content_type', { type: 'publish', channel: 'a', base64: 'AAAA' })
  },
  withBroker,
)
hostile(
  'RF21: a conflated channel needs a key, and so does a removal',
  async (node) => {
    await refuses(node, 'key_required', { ...publish, channel: 'keyed' })
    await refuses(node, 'key_required', { type: 'remove', channel: 'keyed' })
  },
  withBroker,
)
hostile('RF22: a plain channel takes no key', (node) =>
  refuses(node, 'key_not_allowed', { ...publish, key: 'x' }),
)
hostile(
  'RF23: keys over the limit of a channel are too_many_keys, until one is removed',
  async (node) => {
    for (const key of ['x', 'y']) await node.server.publish('keyed', 1, { key })
    await refuses(node, 'too_many_keys', { ...publish, channel: 'keyed', key: 'z' })
    okOf(await ask(node, { ...publish, channel: 'keyed', key: 'y' }))
    okOf(await ask(node, { type: 'remove', channel: 'keyed', key: 'y' }))
    okOf(await ask(node, { ...publish, channel: 'keyed', key: 'z' }))
  },
  withBroker,
)
hostile(
  'RF24: channels over the limit of the broker are too_many_channels, to publishers and to subscribers',
  async (node) => {
    await node.server.publish('a', 1)
    await refuses(node, 'too_many_channels', { ...publish, channel: 'one more' })
    const { body } = await node.post({ subscribe: { another: {} } })
    assert.deepEqual([body.events[0]?.type, codeOf(body.events[0])], ['unsubscribed', 'too_many_channels'])
  },
  () => ({ broker: new MemoryBroker({ maxChannels: 2 }) }),
)
hostile('RF26: a publication that expects another tail is expect_failed', async (node) => {
  const first = await node.server.publish('a', 1)
  okOf((await node.post({ commands: [{ ...publish, id: 1, expect: first }] })).body.replies?.[0])
  await refuses(node, 'expect_failed', { ...publish, expect: first })
})
hostile('RF27: a producer epoch that was fenced, or is behind, is producer_fenced', async (node) => {
  await refuses(node, 'producer_unknown', {
    ...publish,
    producer: { id: 'p', epoch: 0, seq: 0, again: true },
  })
  await ask(node, { type: 'fence', channel: 'a', producer: { id: 'p', epoch: 3 } })
  await node.server.publish('a', 1)
  await ask(node, { type: 'fence', channel: 'a', producer: { id: 'p', epoch: 3 } })
  await refuses(node, 'producer_fenced', { ...publish, producer: { id: 'p', epoch: 3, seq: 0 } })
})
hostile('RF28: a sequence behind a hole is producer_hole', async (node) => {
  await ask(node, { ...publish, producer: { id: 'p', epoch: 0, seq: 0 } })
  await refuses(node, 'producer_hole', { ...publish, producer: { id: 'p', epoch: 0, seq: 2 } })
})
hostile('RF29: a resend by a producer that the ledger does not know is producer_unknown', async (node) => {
  await node.server.publish('a', 1)
  await refuses(node, 'producer_unknown', {
    ...publish,
    producer: { id: 'p', epoch: 0, seq: 0, again: true },
  })
})
hostile('RF30: a method that nobody handles is unknown_method, whatever it is called', async (node) => {
  for (const method of ['nothing', '__proto__', 'constructor', 'toString'])
    await refuses(node, 'unknown_method', { type: 'call', method })
})
const heard: unknown[] = []
hostile(
  'RF31: a method that fails is call_failed; only a CallError is told to the caller; what cannot be written fails',
  async (node) => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    const failing: Record<string, () => unknown> = {
      throws: () => {
        throw new Error('a secret of the node')
      },
      rejects: () => Promise.reject(new Error('a secret of the node')),
      cycle: () => cycle,
      bigint: () => 1n,
    }
    for (const [method, fail] of Object.entries(failing)) {
      node.server.handle(method, fail)
      heard.length = 0
      const reply = await ask(node, { type: 'call', method })
      assert.equal(codeOf(reply), 'call_failed')
      assert.ok(!JSON.stringify(reply).includes('secret'))
      assert.equal(heard.length, 2)
    }
    node.server.handle('tells', () => {
      throw new CallError('not on Sundays')
    })
    const told = await ask(node, { type: 'call', method: 'tells' })
    assert.deepEqual(told['error'], { code: 'call_failed', message: 'not on Sundays', retry: 'never' })
  },
  { onError: (fault) => heard.push(fault) },
)
hostile(
  'RF32: a channel that keeps no presence is no_presence',
  (node) => refuses(node, 'no_presence', { type: 'presence', channel: 'quiet', data: 1 }),
  withBroker,
)
hostile('RF7: nobody publishes members by hand: forbidden', (node) =>
  refuses(node, 'forbidden', { ...publish, channel: '$presence/a', key: 'x' }),
)
hostile('RF7: nobody trims or fences members by hand: forbidden, also for whoever may', async (node) => {
  const channel = '$presence/a'
  await node.post({ commands: [{ type: 'presence', id: 1, channel: 'a', data: 1 }] })
  const { cursor } = await node.server.history(channel)
  await refuses(node, 'forbidden', { type: 'trim', channel, upTo: cursor })
  await refuses(node, 'forbidden', { type: 'fence', channel, producer: { id: 'p', epoch: 0 } })
  assert.equal((await node.server.describe(channel))?.floor, 1)
})
hostile(
  'RF7: what authorize does not allow is forbidden, each action for itself',
  async (node) => {
    await refuses(node, 'forbidden', publish)
    await refuses(node, 'forbidden', { type: 'fence', channel: 'a', producer: { id: 'p', epoch: 0 } })
    await refuses(node, 'forbidden', { type: 'history', channel: 'a' })
    await refuses(node, 'forbidden', {
      type: 'trim',
      channel: 'a',
      upTo: `${'0'.repeat(13)}_${'0'.repeat(16)}`,
    })
    await refuses(node, 'forbidden', { type: 'presence', channel: 'a', data: 1 })
    await refuses(node, 'forbidden', { type: 'call', method: 'any' })
    const { body } = await node.post({ subscribe: { '$presence/a': {}, a: {} } })
    assert.deepEqual(body.events.map(codeOf), ['forbidden', 'forbidden'])
  },
  { authorize: ({ channel }) => channel === 'bystander' },
)
hostile(
  'RF7: an authorize that answers anything but true forbids',
  async (node) => {
    for (const id of ['undefined', 'one', 'text', 'object', 'later'])
      await refuses(node, 'forbidden', { ...publish, channel: id })
  },
  {
    authorize: (({ channel }: { channel: string }) =>
      ({ bystander: true, undefined, one: 1, text: 'yes', object: {}, later: Promise.resolve('yes') })[
        channel
      ]) as unknown as NonNullable<ServerOptions['authorize']>,
  },
)
hostile(
  'RF25: channels over the limit of a request are too_many_subscriptions',
  async (node) => {
    const { status, body } = await node.post({ subscribe: { a: {}, b: {}, c: {} } })
    assert.deepEqual([status, body.error?.code], [429, 'too_many_subscriptions'])
  },
  { limits: { channelsPerPoll: 2 } },
)
