/** Commands beside the stream: batches, their order, one bad one among them. */
import assert from 'node:assert/strict'
import { codeOf, okOf, type WireEvent } from '../../server/node-under-test.ts'
import { type Scene } from './stage.ts'

export const commands = (scene: Scene): void => {
  scene('CM3: the replies of a batch come in its order, a bad command among them', async ({ node, open }) => {
    node.server.handle('double', (params) => (params as number) * 2)
    const follower = open()
    const replies = await follower.send(
      { type: 'publish', id: 1, channel: 'a', data: 'one' },
      { type: 'call', id: 2, method: 'double', params: 21 },
      { type: 'publish', id: 3, channel: '', data: 'no name' },
      { type: 'publish', id: 4, channel: 'a', data: 'two' },
      { type: 'nonsense', id: 5 },
      { type: 'history', id: 6, channel: 'a' },
    )
    const byId = new Map(replies.map((reply) => [reply['id'], reply]))
    assert.equal(okOf(byId.get(2)), 42)
    assert.equal(codeOf(byId.get(3)), 'bad_channel_name')
    assert.equal(codeOf(byId.get(5)), 'malformed')
    const history = okOf(byId.get(6)) as { publications: WireEvent[] }
    assert.deepEqual(
      history.publications.map((event) => event['data']),
      ['one', 'two'],
    )
  })

  scene('PU3: a publication sent again is answered with its first result', async ({ broker, open }) => {
    const follower = open()
    const publish = { type: 'publish', channel: 'a', data: 1, producer: { id: 'p', epoch: 0, seq: 0 } }
    const [first] = await follower.send({ ...publish, id: 1 })
    const [again] = await follower.send({ ...publish, id: 2, producer: { ...publish.producer, again: true } })
    const { cursor } = okOf(first) as { cursor: string }
    assert.deepEqual(okOf(again), { cursor, duplicate: true })
    assert.equal((await broker.describe('a'))?.top, 1)
  })

  scene('CM10: a fresh token is taken by auth', async ({ open }) => {
    const [reply] = await open().send({ type: 'auth', id: 1, token: 'fresh' })
    assert.deepEqual(reply, { type: 'reply', id: 1, ok: {} })
  })
}
