import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import {
  configOf,
  decodeConfig,
  encodeMetadata,
  expiryOf,
  isSameConfig,
  payloadTypeOf,
} from './stream-config.ts'

const asking = (fields: Record<string, string>): IncomingMessage =>
  ({ rawHeaders: Object.entries(fields).flat() }) as unknown as IncomingMessage

const malformed = { name: 'ProtocolError', code: 'malformed' }

test('a stream is bytes unless it says what it is', () => {
  assert.deepEqual(decodeConfig(asking({})), { contentType: 'application/octet-stream' })
  const config = decodeConfig(asking({ 'Content-Type': 'Text/Plain; charset=utf-8' }))
  assert.deepEqual(config, { contentType: 'Text/Plain; charset=utf-8' })
})

test('a content type is type/subtype of tokens', () => {
  for (const contentType of [
    '',
    'text',
    'text/',
    '/plain',
    'text/plain/x',
    'te xt/plain',
    `a/${'b'.repeat(256)}`,
  ]) {
    assert.throws(() => decodeConfig(asking({ 'content-type': contentType })), malformed, contentType)
  }
})

test('a time to live is a whole number of seconds in one spelling', () => {
  assert.deepEqual(expiryOf(decodeConfig(asking({ 'stream-ttl': '3600' }))), {
    kind: 'idle',
    afterMs: 3_600_000,
  })
  assert.equal(decodeConfig(asking({ 'stream-ttl': '0' })).ttlSeconds, 0)
  for (const ttl of ['', '-1', '+1', '01', '1.0', '1e3', 'abc', '1 2', '12345678901']) {
    assert.throws(() => decodeConfig(asking({ 'stream-ttl': ttl })), malformed, ttl)
  }
})

test('an expiry is a time as RFC 3339 spells it', () => {
  for (const text of ['2030-01-02T03:04:05Z', '2030-01-02t03:04:05.000z', '2030-01-02T05:04:05+02:00']) {
    const expiry = expiryOf(decodeConfig(asking({ 'stream-expires-at': text })))
    assert.deepEqual(expiry, { kind: 'at', atMs: Date.UTC(2030, 0, 2, 3, 4, 5) }, text)
  }
  for (const text of [
    ...['', 'tomorrow', '2030-01-02', '2030-01-02T03:04:05', '2030-02-30T00:00:00Z', '2030-13-01T00:00:00Z'],
    ...['2030-01-02T25:00:00Z', '1893553445', '2030-01-02T03:04Z', '+002030-01-02T03:04:05Z'],
  ]) {
    assert.throws(() => decodeConfig(asking({ 'stream-expires-at': text })), malformed, text)
  }
})

test('a stream has one of the two, and each once', () => {
  const both = { 'stream-ttl': '1', 'stream-expires-at': '2030-01-02T03:04:05Z' }
  assert.throws(() => decodeConfig(asking(both)), malformed)
  const twice = { rawHeaders: ['Stream-TTL', '1', 'stream-ttl', '1'] } as unknown as IncomingMessage
  assert.throws(() => decodeConfig(twice), malformed)
})

test('content types are the same whatever their case and parameters; expiries are compared as times', () => {
  const config = (contentType: string, rest = {}) => ({ contentType, ...rest })
  assert.ok(isSameConfig(config('text/plain'), config('TEXT/plain; charset=utf-8')))
  assert.ok(!isSameConfig(config('text/plain'), config('text/html')))
  assert.ok(!isSameConfig(config('a/b', { ttlSeconds: 1 }), config('a/b')))
  assert.ok(!isSameConfig(config('a/b', { expiresAtMs: 1 }), config('a/b', { expiresAtMs: 2 })))
})

test('metadata says what was asked for; without any, the payloads of the channel do', () => {
  const config = { contentType: 'text/plain', ttlSeconds: 5 }
  assert.deepEqual(configOf(encodeMetadata(config), 'bytes'), config)
  assert.deepEqual(configOf(undefined, 'json'), { contentType: 'application/json' })
  assert.deepEqual(configOf(undefined, 'bytes'), { contentType: 'application/octet-stream' })
  assert.equal(payloadTypeOf({ contentType: 'Application/JSON; v=1' }), 'json')
  assert.equal(payloadTypeOf({ contentType: 'application/geo+json' }), 'bytes')
})
