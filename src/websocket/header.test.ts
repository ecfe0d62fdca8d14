import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasToken, headerValues, isPlainAscii, isToken, parseTokens, skipSpace } from './header.ts'

test('a list of tokens, with any space and empty elements', () => {
  assert.deepEqual(parseTokens('keep-alive, Upgrade'), ['keep-alive', 'Upgrade'])
  assert.deepEqual(parseTokens(' \ta\t,,\t b ,'), ['a', 'b'])
  assert.deepEqual(parseTokens(''), [])
  for (const bad of ['a b', 'a;b', '"a"', 'a, b\u00e9', 'a\u0000'])
    assert.equal(parseTokens(bad), undefined, bad)
})

test('a token is looked for in any case, and never in a malformed list', () => {
  assert.equal(hasToken('Keep-Alive, UPGRADE', 'upgrade'), true)
  assert.equal(hasToken('upgraded', 'upgrade'), false)
  assert.equal(hasToken('upgrade;', 'upgrade'), false)
})

test('a token is one or more of the characters that RFC 9110 names', () => {
  assert.equal(isToken("!#$%&'*+-.^_`|~09azAZ"), true)
  for (const bad of ['', 'a b', 'a,', 'é', '(', '\u{1F600}']) assert.equal(isToken(bad), false, bad)
})

test('plain ASCII ends at the tilde and begins at the space, but for the tab', () => {
  assert.equal(isPlainAscii(' \t~'), true)
  for (const bad of ['\u007f', '\u0080', '\n', '\r', '\0', '\u2028']) assert.equal(isPlainAscii(bad), false)
})

test('values come in order, whatever the case of the name', () => {
  const headers = ['Host', 'a', 'HOST', 'b', 'hosts', 'c', '__proto__', 'd']
  assert.deepEqual(headerValues(headers, 'host'), ['a', 'b'])
  assert.deepEqual(headerValues(headers, '__proto__'), ['d'])
  assert.deepEqual(headerValues(headers, 'constructor'), [])
  assert.equal(skipSpace('  ', 0), 2)
})
