// A header has a purpose on the side where it has one, however it is written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { purposeOf } from './header-purposes.ts'

test('headers of either side are explained, in any case, and others are not', () => {
  assert.match(purposeOf('request', 'Sec-WebSocket-Key', 'x'), /§4\.1/)
  assert.match(purposeOf('answer', 'sec-websocket-accept', 'x'), /§4\.2\.2/)
  assert.equal(purposeOf('answer', 'Sec-WebSocket-Key', 'x'), '')
  assert.equal(purposeOf('request', 'X-Request-Id', 'x'), '')
  assert.equal(purposeOf('request', '__proto__', 'x'), '')
})

test('Connection says something else when it says close', () => {
  assert.match(purposeOf('request', 'Connection', 'Upgrade'), /next hop/)
  assert.match(purposeOf('answer', 'Connection', 'Close'), /nothing follows/)
})
