import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerError, type AnswerErrorCode } from './errors.ts'
import { handshakeHeaders, readAnswer } from './handshake-answer.ts'

const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const valid: [name: string, value: string][] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', ACCEPT],
]

function read(changes: [name: string, value: string][], status = 101): string {
  const changed = new Set(changes.map(([name]) => name))
  const headers = [...valid.filter(([name]) => !changed.has(name)), ...changes].flat()
  return readAnswer({ status, headers }, { accept: ACCEPT, protocols: ['chat', 'superchat'] })
}

function refuses(code: AnswerErrorCode, attempt: () => string): void {
  assert.throws(attempt, (error) => error instanceof AnswerError && error.code === code)
}

test('§4.1: the request', () => {
  assert.deepEqual(handshakeHeaders('KEY', ['chat', 'b']), {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'KEY',
    'Sec-WebSocket-Protocol': 'chat, b',
  })
  assert(!('Sec-WebSocket-Protocol' in handshakeHeaders('KEY', [])))
  for (const protocols of [['a', 'a'], ['a b'], [''], ['a,b'], ['é']]) {
    assert.throws(() => handshakeHeaders('KEY', protocols), { code: 'invalid-protocol' })
  }
})

test('§4.1: a proper answer, with and without a subprotocol', () => {
  assert.equal(read([]), '')
  assert.equal(read([['Sec-WebSocket-Protocol', 'superchat']]), 'superchat')
  assert.equal(
    read([
      ['Upgrade', 'WebSocket'],
      ['Connection', 'keep-alive, upgrade'],
    ]),
    '',
  )
})

const bad: [name: string, value: string, code: AnswerErrorCode][] = [
  ['Upgrade', '', 'bad-upgrade'],
  ['Upgrade', 'h2c', 'bad-upgrade'],
  ['Connection', 'close', 'bad-connection'],
  ['Sec-WebSocket-Accept', '', 'bad-accept'],
  ['Sec-WebSocket-Accept', ACCEPT.toLowerCase(), 'bad-accept'],
  ['Sec-WebSocket-Accept', ACCEPT + '\u00e9', 'non-ascii-header'],
  ['Sec-WebSocket-Protocol', '', 'bad-protocol'],
  ['Sec-WebSocket-Protocol', 'other', 'bad-protocol'],
  ['Sec-WebSocket-Protocol', 'chat, superchat', 'bad-protocol'],
  ['Sec-WebSocket-Extensions', 'permessage-deflate', 'bad-extension'],
  ['Sec-WebSocket-Extensions', '', 'bad-extension'],
]

for (const [name, value, code] of bad) {
  test(`§4.1: ${name}: ${JSON.stringify(value)} is refused: ${code}`, () =>
    refuses(code, () => read([[name, value]])))
}

test('any other status, and a header twice', () => {
  for (const status of [100, 200, 301, 401, 426]) refuses('bad-status', () => read([], status))
  for (const name of ['Upgrade', 'Connection', 'Sec-WebSocket-Accept', 'Sec-WebSocket-Protocol']) {
    const value = valid.find(([candidate]) => candidate === name)?.[1] ?? 'chat'
    refuses('duplicate-header', () =>
      read([
        [name, value],
        [name, value],
      ]),
    )
  }
})
