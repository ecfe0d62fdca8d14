import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentTypeOf, ENTRY_OVERHEAD_BYTES, weigh } from './publication.ts'

test('a string is JSON, everything else is bytes', () => {
  assert.equal(contentTypeOf('{}'), 'json')
  assert.equal(contentTypeOf(new Uint8Array(1)), 'bytes')
})

test('an entry weighs its payload, its key and an overhead', () => {
  assert.equal(weigh({ data: '' }), ENTRY_OVERHEAD_BYTES)
  assert.equal(weigh({ data: 'abc', key: undefined }), 3 + ENTRY_OVERHEAD_BYTES)
  assert.equal(weigh({ data: new Uint8Array(5), key: 'ab' }), 7 + ENTRY_OVERHEAD_BYTES)
})
