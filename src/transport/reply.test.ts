import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../protocol/index.ts'
import { encodeReply } from './reply.ts'

test('RF13: a reply that cannot be written is a refusal, not the end of the process', () => {
  let deep: unknown = []
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const told = JSON.parse(encodeReply({ type: 'reply', id: 7, ok: deep })) as Reply
  assert.deepEqual([told.id, told.error?.code], [7, 'internal'])
  assert.equal(encodeReply({ type: 'reply', id: 1, ok: {} }), '{"type":"reply","id":1,"ok":{}}')
})
