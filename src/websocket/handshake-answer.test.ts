import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerError, type AnswerErrorCode } from './errors.ts'
import { handshakeHeaders, readAnswer, type HandshakeChoice } from './handshake-answer.ts'

const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const valid: [name: string, value: string][] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', ACCEPT],
]

function read(changes: [name: string, value: string][], status = 101): HandshakeChoice {
  const changed = new Set(changes.map(([name]) => name))
  const headers = [...valid.filter(([name]) => !changed.has(name)), ...changes].flat()
  return readAnswer({ status, headers }, { accept: ACCEPT, protocols: ['chat', 'superchat'] })
}

function refuses(code: AnswerErrorCode, attempt: () => HandshakeChoice): void {
  assert.throws(attempt, (error) => error instanceof AnswerError && error.code === code)
}

test('§4.1: the request', () => {
  assert.deepEqual(handshakeHeaders('KEY', { protocols: ['chat', 'b'], extensions: 'x; y=1' }), {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'KEY',
    'Sec-WebSocket-Protocol': 'chat, b',
    'Sec-WebSocket-Extensions': 'x; y=1',
  })
  assert.deepEqual(Object.keys(handshakeHeaders('KEY', { protocols: [], extensions: '' })), [
    'Upgrade',
    'Connection',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
  ])
  for (const protocols of [['a', 'a'], ['a b'], [''], ['a,b'], ['é']]) {
    assert.throws(() => handshakeHeaders('KEY', { protocols, extensions: '' }), { code: 'invalid-protocol' })
  }
})

test('§4.1: a proper answer, with and without a subprotocol', () => {
  assert.deepEqual(read([]), { protocol: '', extensions: [] })
  assert.equal(read([['Sec-WebSocket-Protocol', 'superchat']]).protocol, 'superchat')
  assert.equal(
    read([
      ['Upgrade', 'WebSocket'],
      ['Connection', 'keep-alive, upgrade'],
    ]).protocol,
    '',
  )
})

test('§9.1: the extensions that the server chose are given out, and judged by whoever offered them', () => {
  const { extensions } = read([
    ['Sec-WebSocket-Extensions', 'a; b=1'],
    ['Sec-WebSocket-Extensions', 'c'],
  ])
  assert.deepEqual(extensions, [
    { name: 'a', parameters: [{ name: 'b', value: '1' }] },
    { name: 'c', parameters: [] },
  ])
})

const bad: [name: string, value: string, code: AnswerErrorCode][] = [
  ['Upgrade', '', 'bad-upgrade'],
  ['Upgrade', 'h2c', 'bad-upgrade'],
  ['Upgrade', 'websocket, h2c', 'bad-upgrade'],
  ['Connection', 'close', 'bad-connection'],
  ['Sec-WebSocket-Accept', '', 'bad-accept'],
  ['Sec-WebSocket-Accept', ACCEPT.toLowerCase(), 'bad-accept'],
  ['Sec-WebSocket-Accept', ACCEPT + '\u00e9', 'non-ascii-header'],
  ['Sec-WebSocket-Protocol', '', 'bad-protocol'],
  ['Sec-WebSocket-Protocol', 'other', 'bad-protocol'],
  ['Sec-WebSocket-Protocol', 'chat, superchat', 'bad-protocol'],
  ['Sec-WebSocket-Extensions', 'a; b="', 'bad-extension'],
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
