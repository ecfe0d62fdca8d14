import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, ERRORS, ProtocolError, refusalRow } from './errors.ts'
import { assertValid } from './schema.test.ts'

const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
  const { retry, close, status } = refusalRow(code)
  return { code, retry, close, status }
})

test('close codes 4000 to 4499 mean reconnect, 4500 to 4999 stop', () => {
  for (const { code, retry, close } of rows) {
    assert.ok(close >= 4_000 && close < 5_000, code)
    assert.equal(close >= 4_500, retry === 'never', code)
  }
})

test('no two refusals share a close code', () => {
  assert.equal(new Set(rows.map(({ close }) => close)).size, rows.length)
})

test('every refusal has the status of an error', () => {
  for (const { code, status } of rows) assert.ok(status >= 400 && status < 600, code)
})

test('a refusal travels as code, message and whether to retry', () => {
  const error = new ProtocolError('draining', 'going away')
  assert.deepEqual(error.toWire(), { code: 'draining', message: 'going away', retry: 'backoff' })
  assert.equal(error.name, 'ProtocolError')
  for (const { code } of rows) assertValid('error', new ProtocolError(code, '').toWire())
})
