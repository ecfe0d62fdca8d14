import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerUnavailableError, type ChannelOptions, refuseEntry } from './broker.ts'
import { MEMORY_RETENTION } from './retention.ts'

const PLAIN: ChannelOptions = {
  contentType: 'json',
  retention: MEMORY_RETENTION,
  ephemeral: false,
  conflated: false,
  maxKeys: 10,
}
const KEYED: ChannelOptions = { ...PLAIN, conflated: true }
const BYTES: ChannelOptions = { ...PLAIN, contentType: 'bytes' }

test('a keyed channel wants a key, a plain one refuses it', () => {
  assert.equal(refuseEntry({ data: '1' }, KEYED), 'key_required')
  assert.equal(refuseEntry({ data: '1', key: 'a' }, PLAIN), 'key_not_allowed')
  assert.equal(refuseEntry({ data: '1', key: 'a' }, KEYED), undefined)
  assert.equal(refuseEntry({ data: '1' }, PLAIN), undefined)
})

test('a payload is of the content type of its channel', () => {
  assert.equal(refuseEntry({ data: new Uint8Array(1) }, PLAIN), 'content_type')
  assert.equal(refuseEntry({ data: '1' }, BYTES), 'content_type')
  assert.equal(refuseEntry({ data: new Uint8Array(1) }, BYTES), undefined)
})

test('a tombstone has no content type of its own', () => {
  assert.equal(
    refuseEntry({ data: 'null', key: 'a', remove: true }, { ...BYTES, conflated: true }),
    undefined,
  )
})

test('only what has a key can be removed', () => {
  assert.equal(refuseEntry({ data: 'null', remove: true }, PLAIN), 'key_required')
  assert.equal(refuseEntry({ data: 'null', remove: true }, BYTES), 'key_required')
})

test('a broker that cannot do its work says so with a code', () => {
  const error = new BrokerUnavailableError('reading', { cause: new Error('gone') })
  assert.equal(error.code, 'broker_unavailable')
  assert.equal((error.cause as Error).message, 'gone')
})
