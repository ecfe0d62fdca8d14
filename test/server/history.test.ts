/** The node's own process looks back into a log. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer } from 'holdfast/server'

test('CH10: the node reads its own logs page by page, and makes no channel by it', async () => {
  const server = createServer()
  try {
    for (const n of [1, 2, 3]) await server.publish('a', n)
    const first = await server.history('a', { limit: 2 })
    assert.deepEqual(
      [first.publications.map(({ data }) => data), first.floor, first.top, first.more],
      [[1, 2], 1, 3, true],
    )
    const second = await server.history('a', { from: first.cursor })
    assert.deepEqual([second.publications.map(({ data }) => data), second.more], [[3], false])
    const last = await server.history('a', { from: 'last:1' })
    assert.deepEqual(last.publications, second.publications)
    await assert.rejects(server.history('a', { from: 'nonsense' }), { code: 'bad_cursor' })
    await assert.rejects(server.history('b'), { code: 'not_found' })
    assert.equal(await server.describe('b'), undefined)
  } finally {
    await server.close()
  }
})
