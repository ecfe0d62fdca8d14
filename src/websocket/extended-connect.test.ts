import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerError, HandshakeError, type HandshakeErrorCode } from './errors.ts'
import {
  connectHeaders,
  isExtendedConnect,
  readConnectAnswer,
  readExtendedConnect,
} from './extended-connect.ts'

const valid: [name: string, value: string][] = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'https'],
  [':path', '/chat'],
  [':authority', 'server.example.com'],
  ['sec-websocket-version', '13'],
]

/** The valid request with these headers instead of those of the same name. */
function read(changes: [name: string, value: string][]) {
  const changed = new Set(changes.map(([name]) => name))
  return readExtendedConnect([...valid.filter(([name]) => !changed.has(name)), ...changes].flat())
}

function refuses(code: HandshakeErrorCode, status: number, headers: [name: string, value: string][]): void {
  assert.throws(
    () => read(headers),
    (error) => {
      assert(error instanceof HandshakeError)
      assert.deepEqual([error.code, error.status], [code, status])
      return true
    },
  )
}

test('RFC 8441 §5.1: the example is accepted', () => {
  const offer = read([
    ['sec-websocket-protocol', 'chat, superchat'],
    ['sec-websocket-extensions', 'permessage-deflate'],
    ['origin', 'http://www.example.com'],
  ])
  assert.deepEqual(offer, {
    protocols: ['chat', 'superchat'],
    extensions: [{ name: 'permessage-deflate', parameters: [] }],
  })
})

test('what proxies and libraries add is accepted', () => {
  const offer = read([
    [':scheme', 'http'],
    ['host', 'server.example.com'],
    ['content-length', '0'],
    ['sec-websocket-protocol', 'a'],
    ['sec-websocket-protocol', 'b'],
  ])
  assert.deepEqual(offer.protocols, ['a', 'b'])
})

test('RFC 8441 §4: only a CONNECT with a protocol is extended', () => {
  assert.equal(isExtendedConnect({ ':method': 'CONNECT', ':protocol': 'websocket' }), true)
  assert.equal(isExtendedConnect({ ':method': 'CONNECT', ':protocol': 'connect-udp' }), true)
  assert.equal(isExtendedConnect({ ':method': 'CONNECT' }), false)
  assert.equal(isExtendedConnect({ ':method': 'GET', ':protocol': 'websocket' }), false)
  assert.equal(isExtendedConnect({}), false)
})

const bad: [name: string, value: string, code: HandshakeErrorCode, status: number][] = [
  [':method', 'GET', 'bad-method', 405],
  [':method', 'connect', 'bad-method', 405],
  [':protocol', '', 'bad-method', 405],
  [':protocol', 'connect-udp', 'unknown-protocol', 501],
  [':protocol', 'WebSocket', 'unknown-protocol', 501],
  [':scheme', 'wss', 'bad-scheme', 400],
  [':scheme', '', 'bad-scheme', 400],
  [':path', '', 'bad-path', 400],
  [':path', '*', 'bad-path', 400],
  [':path', 'http://server.example.com/', 'bad-path', 400],
  [':path', '/\u00e9', 'non-ascii-header', 400],
  [':authority', '', 'bad-host', 400],
  [':authority', 'a\u00e9', 'non-ascii-header', 400],
  ['host', 'other.example.com', 'bad-host', 400],
  ['sec-websocket-version', '', 'bad-version', 426],
  ['sec-websocket-version', '8', 'bad-version', 426],
  ['sec-websocket-version', '13, 8', 'bad-version', 426],
  ['sec-websocket-protocol', 'a b', 'bad-protocols', 400],
  ['sec-websocket-protocol', 'a, a', 'bad-protocols', 400],
  ['sec-websocket-protocol', '\u00e9', 'non-ascii-header', 400],
  ['sec-websocket-extensions', 'a; b="', 'bad-extensions', 400],
  ['origin', '\u00e9', 'non-ascii-header', 400],
  ['content-length', '5', 'unexpected-body', 400],
]

for (const [name, value, code, status] of bad) {
  test(`RFC 8441 §4: ${name}: ${JSON.stringify(value)} is refused with ${status} ${code}`, () =>
    refuses(code, status, [[name, value]]))
}

test('what may stand there once, stands there once', () => {
  for (const name of [...valid.map(([name]) => name), 'origin', 'host', 'content-length']) {
    const value = valid.find(([candidate]) => candidate === name)?.[1] ?? '0'
    refuses('duplicate-header', 400, [
      [name, value],
      [name, value],
    ])
  }
})

test('a hundred headers are enough, pseudo-header fields not counted', () => {
  const fill = (count: number) => Array.from({ length: count }, (_, n): [string, string] => [`x-${n}`, ''])
  assert.deepEqual(read(fill(99)).protocols, [])
  refuses('too-many-headers', 431, fill(100))
})

test('RFC 8441 §5: the request of a client, which its server accepts', () => {
  const target = { scheme: 'http', authority: 'a:8080', path: '/b?c' } as const
  const headers = connectHeaders(target, { protocols: ['x', 'y'], extensions: 'z' })
  assert.deepEqual(headers, {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':authority': 'a:8080',
    ':path': '/b?c',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'x, y',
    'Sec-WebSocket-Extensions': 'z',
  })
  assert.deepEqual(readExtendedConnect(Object.entries(headers).flat()), {
    protocols: ['x', 'y'],
    extensions: [{ name: 'z', parameters: [] }],
  })
  assert.throws(() => connectHeaders(target, { protocols: ['a b'], extensions: '' }), {
    code: 'invalid-protocol',
  })
})

test('any 2xx grants the stream, with what the server chose', () => {
  const headers = ['sec-websocket-protocol', 'b']
  for (const status of [200, 204, 299]) {
    assert.equal(readConnectAnswer({ status, headers }, ['a', 'b']).protocol, 'b')
  }
  for (const status of [101, 199, 300, 404]) {
    assert.throws(() => readConnectAnswer({ status, headers }, ['b']), {
      name: 'AnswerError',
      code: 'bad-status',
    })
  }
  assert.throws(() => readConnectAnswer({ status: 200, headers }, ['a']), AnswerError)
})
