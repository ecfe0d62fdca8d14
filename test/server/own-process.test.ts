/** What the node's own process does beside its clients: follows channels, and hears what clients publish. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, type OwnPublication, presenceChannel, type ServerOptions } from 'holdfast/server'
import { codeOf, eventually, type NodeUnderTest, okOf, startNode } from './node-under-test.ts'
import { numbers } from '../transports/suite/stage.ts'

const RULES: ServerOptions['rules'] = [
  { pattern: 'bytes/*', contentType: 'bytes' },
  { pattern: 'short/*', retention: { count: 3 } },
  { pattern: 'keyed/*', conflated: true },
  { pattern: 'locked/*', create: false },
]

const scene = (
  name: string,
  act: (node: NodeUnderTest) => Promise<void>,
  options: ServerOptions = {},
): void => {
  test(name, async () => {
    const node = await startNode({ rules: RULES, ...options })
    try {
      await act(node)
      await node.unharmed()
    } finally {
      await node.stop()
    }
  })
}

const publish = async (node: NodeUnderTest, session: string, ...commands: object[]): Promise<void> => {
  const all = commands.map((command, id) => Object.assign({ type: 'publish', id }, command))
  const { body } = await node.post({ session, commands: all })
  for (const reply of body.replies ?? []) okOf(reply)
}

scene(
  'the node follows a channel: what was there, what comes, whoever it is of, in order, once',
  async (node) => {
    await node.server.publish('a', 1)
    const { session } = await node.hello()
    const seen: OwnPublication[] = []
    const subscription = node.server.subscribe('a', { from: 'start' }, (each) => seen.push(each))
    assert.match(await subscription.ready, /_0{16}$/)
    await publish(node, session, ...numbers(2, 50).map((data) => ({ channel: 'a', data })))
    for (const data of numbers(51, 400)) await node.server.publish('a', data)
    const cursor = await node.server.publish('a', { last: true })
    await eventually(() => seen.length === 401, 'all of it')
    assert.deepEqual(
      seen.map(({ data }) => data),
      [...numbers(1, 400), { last: true }],
    )
    assert.deepEqual(
      seen.map(({ offset }) => offset),
      numbers(1, 401),
    )
    assert.equal(seen.at(-1)?.cursor, cursor)
    subscription.close()
    assert.equal(await subscription.ended, undefined)
    await node.server.publish('a', 'unheard')
    assert.equal(seen.length, 401)
  },
)

scene('the node goes on from a cursor, and hears of a gap where it cannot', async (node) => {
  const cursor = await node.server.publish('short/a', 0)
  for (const value of numbers(1, 9)) await node.server.publish('short/a', value)
  const seen: unknown[] = []
  const gaps: string[] = []
  const onGap = ({ why }: { why: string }): unknown => gaps.push(why)
  const subscription = node.server.subscribe('short/a', { from: cursor, onGap }, ({ data }) =>
    seen.push(data),
  )
  await subscription.ready
  await eventually(() => seen.length === 3, 'what is held')
  assert.deepEqual([seen, gaps], [[7, 8, 9], ['trimmed']])
  subscription.close()
})

scene('the node follows bytes as bytes, keys by key, and members as a channel', async (node) => {
  const heard: unknown[] = []
  const note = ({ key, data, removed }: OwnPublication): unknown => heard.push([key, data, removed])
  const open = [
    node.server.subscribe('bytes/a', {}, note),
    node.server.subscribe('keyed/a', { from: 'start', conflate: true }, note),
    node.server.subscribe(presenceChannel('room'), { from: 'start', conflate: true }, note),
  ]
  for (const { ready } of open) await ready
  await node.server.publish('bytes/a', new Uint8Array([1, 255]))
  await eventually(() => heard.length === 1, 'bytes')
  await node.server.publish('keyed/a', 'x', { key: 'k' })
  await eventually(() => heard.length === 2, 'a key')
  const { session, member } = await node.hello()
  const presence = { type: 'presence', id: 1, channel: 'room' }
  await node.post({ session, commands: [{ ...presence, data: { name: 'Ada' } }] })
  await eventually(() => heard.length === 3, 'a member')
  await node.post({ session, commands: [presence] })
  await eventually(() => heard.length === 4, 'that it left')
  assert.deepEqual(heard, [
    [undefined, new Uint8Array([1, 255]), false],
    ['k', 'x', false],
    [member, { name: 'Ada' }, false],
    [member, null, true],
  ])
  for (const subscription of open) subscription.close()
})

scene(
  'what the node follows needs no permission, and ends with a reason where it cannot be had',
  async (node) => {
    const refused = node.server.subscribe('locked/a', { from: 'start' }, () => undefined)
    assert.equal((await refused.ended)?.code, 'not_found' satisfies ErrorCode)
    await assert.rejects(refused.ready, { code: 'not_found' })
    const seen: unknown[] = []
    const allowed = node.server.subscribe('a', {}, ({ data }) => seen.push(data))
    await allowed.ready
    await node.server.publish('a', 1)
    await eventually(() => seen.length === 1, 'it')
    allowed.close()
    assert.throws(() => node.server.subscribe('a\n', {}, () => undefined), { code: 'bad_channel_name' })
    assert.throws(() => node.server.subscribe('a', { from: 'x' }, () => undefined), { code: 'bad_cursor' })
  },
  { authorize: () => false },
)

test('a handler that throws or rejects is reported, and the next publication comes; closing the node ends it', async () => {
  const node = await startNode()
  const seen: unknown[] = []
  const subscription = node.server.subscribe('a', {}, ({ data }) => {
    seen.push(data)
    if (data === 1) throw new Error('from the handler')
    return Promise.reject(new Error('from the handler'))
  })
  await subscription.ready
  await node.server.publish('a', 1)
  await node.server.publish('a', 2)
  await eventually(() => node.faults.length === 2, 'both faults')
  assert.deepEqual(seen, [1, 2])
  await node.stop()
  assert.equal(await subscription.ended, undefined)
  assert.equal(node.server.stats().waiters, 0)
})

scene(
  'the node hears what clients publish and whose it is, on the channels of a pattern, in order',
  async (node) => {
    const heard: [string, unknown, string][] = []
    const stop = node.server.receive('game/*/input', ({ channel, data }, { member }) =>
      heard.push([channel, data, member]),
    )
    const ada = await node.hello()
    const wen = await node.hello()
    const input = (data: number): object => ({ channel: 'game/main/input', data })
    await publish(node, ada.session, ...numbers(1, 20).map(input), { channel: 'game/main', data: 'no input' })
    await publish(node, wen.session, input(21))
    await node.server.publish('game/main/input', 'of the node itself')
    assert.deepEqual(heard, [
      ...numbers(1, 20).map((data) => ['game/main/input', data, ada.member]),
      ['game/main/input', 21, wen.member],
    ])
    stop()
    await publish(node, wen.session, input(22))
    assert.equal(heard.length, 21)
  },
)

scene('PU3: a publication that is sent again is heard once; one that is refused is not', async (node) => {
  const heard: unknown[] = []
  node.server.receive('*', ({ data, offset, cursor }) => heard.push([data, offset, cursor.slice(-1)]))
  const { session } = await node.hello()
  const command = { channel: 'a', data: 1, producer: { id: 'p', epoch: 0, seq: 0 } }
  await publish(node, session, command)
  await publish(node, session, { ...command, producer: { ...command.producer, again: true } })
  const beyond = { ...command, type: 'publish', id: 1, producer: { id: 'p', epoch: 0, seq: 5 } }
  const { body } = await node.post({ session, commands: [beyond] })
  assert.equal(codeOf(body.replies?.[0]), 'producer_hole')
  assert.deepEqual(heard, [[1, 1, '1']])
})

scene(
  'what is forbidden is not heard',
  async (node) => {
    const heard: unknown[] = []
    node.server.receive('*', ({ data }) => heard.push(data))
    const { session } = await node.hello()
    const { body } = await node.post({
      session,
      commands: [{ type: 'publish', id: 1, channel: 'a', data: 1 }],
    })
    assert.equal(codeOf(body.replies?.[0]), 'forbidden')
    assert.deepEqual(heard, [])
  },
  { authorize: () => false },
)

test('whoever begins to follow when the node has closed is told that it has ended, and is not kept', async () => {
  const node = await startNode()
  await node.stop()
  const subscription = node.server.subscribe('a', {}, () => undefined)
  await assert.rejects(subscription.ready, { code: 'closed' })
  assert.equal(await subscription.ended, undefined)
  assert.equal(node.server.stats().waiters, 0)
})

test('a receiver that throws takes nothing from the client that published, nor from other receivers', async () => {
  const node = await startNode()
  const heard: unknown[] = []
  node.server.receive('a', () => {
    throw new Error('from the receiver')
  })
  node.server.receive('a', () => Promise.reject(new Error('from the receiver')))
  node.server.receive('a', ({ data }) => heard.push(data))
  const { session } = await node.hello()
  await publish(node, session, { channel: 'a', data: 1 })
  await eventually(() => node.faults.length === 2, 'both faults')
  assert.deepEqual(heard, [1])
  await node.stop()
})
