import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasExpired } from './expiry.ts'

test('a channel without an expiry never goes by itself', () => {
  assert.equal(hasExpired(undefined, 0, Number.MAX_SAFE_INTEGER), false)
})

test('an idle channel goes once it has not been used for as long as that', () => {
  const expiry = { kind: 'idle', afterMs: 1_000 } as const
  assert.deepEqual(
    [5_999, 6_000].map((nowMs) => hasExpired(expiry, 5_000, nowMs)),
    [false, true],
  )
})

test('a channel that goes at a time goes then, however it is used', () => {
  const expiry = { kind: 'at', atMs: 6_000 } as const
  assert.deepEqual(
    [5_999, 6_000].map((nowMs) => hasExpired(expiry, nowMs, nowMs)),
    [false, true],
  )
})
