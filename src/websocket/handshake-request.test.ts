import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { HandshakeError, type HandshakeErrorCode } from './errors.ts'
import {
  acceptKey,
  chooseProtocol,
  concessionHeaders,
  looksLikeWebSocket,
  readHandshake,
  writeAcceptance,
  type UpgradeOffer,
} from './handshake-request.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const valid: [name: string, value: string][] = [
  ['Host', 'server.example.com'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
]

/** The valid request with these headers instead of those of the same name. */
function read(
  changes: [name: string, value: string][],
  line: { method?: string; httpVersion?: string } = {},
) {
  const changed = new Set(changes.map(([name]) => name))
  const headers = [...valid.filter(([name]) => !changed.has(name)), ...changes].flat()
  return readHandshake({ method: 'GET', httpVersion: '1.1', ...line, headers })
}

function refuses(code: HandshakeErrorCode, status: number, attempt: () => UpgradeOffer): void {
  assert.throws(attempt, (error) => {
    assert(error instanceof HandshakeError)
    assert.deepEqual([error.code, error.status], [code, status])
    return true
  })
}

test('§1.3: the example is accepted, with its accept key', () => {
  assert.deepEqual(read([]), { key: KEY, protocols: [], extensions: [] })
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('base64')
  assert.equal(acceptKey(KEY, sha1), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('every sign of base64 may stand in a key', () => {
  for (const key of ['abcdefghijklmnopqrstuQ==', 'vwxyzABCDEFGHIJKLMNOPQ==', 'QRSTUVWXYZ0123456789+/==']) {
    assert.equal(read([['Sec-WebSocket-Key', key]]).key, key)
  }
})

test('what browsers send is accepted', () => {
  const offer = read([
    ['Connection', 'keep-alive, upgrade'],
    ['Upgrade', 'WebSocket, h2c'],
    ['Origin', 'http://example.com'],
    ['Sec-WebSocket-Protocol', 'chat, superchat'],
    ['Sec-WebSocket-Protocol', 'constructor'],
    ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
    ['Content-Length', '0'],
  ])
  assert.deepEqual(offer.protocols, ['chat', 'superchat', 'constructor'])
  assert.equal(offer.extensions[0]?.name, 'permessage-deflate')
})

test('§4.2.1: the request line', () => {
  for (const method of ['POST', 'get', 'CONNECT', '']) refuses('bad-method', 405, () => read([], { method }))
  for (const httpVersion of ['1.0', '0.9']) refuses('bad-http-version', 400, () => read([], { httpVersion }))
})

const bad: [name: string, value: string, code: HandshakeErrorCode, status: number][] = [
  ['Host', '', 'bad-host', 400],
  ['Upgrade', 'h2c', 'upgrade-missing', 426],
  ['Upgrade', 'websocket/13', 'upgrade-missing', 426],
  ['Connection', 'keep-alive', 'connection-missing', 426],
  ['Sec-WebSocket-Version', '8', 'bad-version', 426],
  ['Sec-WebSocket-Version', '13, 8', 'bad-version', 426],
  ['Sec-WebSocket-Version', '013', 'bad-version', 426],
  ['Sec-WebSocket-Key', '', 'bad-key', 400],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25j', 'bad-key', 400],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ', 'bad-key', 400],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQA=', 'bad-key', 400],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==AAAA', 'bad-key', 400],
  ...['*', '.', ':', '@', '[', '_', '{', '-'].map((sign): [string, string, HandshakeErrorCode, number] => [
    'Sec-WebSocket-Key',
    `dGhlIHNhbXBsZSBub25j${sign}Q==`,
    'bad-key',
    400,
  ]),
  ['Sec-WebSocket-Protocol', 'a b', 'bad-protocols', 400],
  ['Sec-WebSocket-Protocol', 'a, b, a', 'bad-protocols', 400],
  ['Sec-WebSocket-Extensions', 'a;', 'bad-extensions', 400],
  ['Sec-WebSocket-Extensions', 'a; b="', 'bad-extensions', 400],
  ['Content-Length', '5', 'unexpected-body', 400],
  ['Content-Length', 'x', 'unexpected-body', 400],
  ['Transfer-Encoding', 'chunked', 'unexpected-body', 400],
]

for (const [name, value, code, status] of bad) {
  test(`§4.2: ${name}: ${value} is refused with ${status} ${code}`, () =>
    refuses(code, status, () => read([[name, value]])))
}

test('§4.2: each of the headers must be there', () => {
  const codes: HandshakeErrorCode[] = [
    'bad-host',
    'upgrade-missing',
    'connection-missing',
    'bad-key',
    'bad-version',
  ]
  for (const [index, [missing]] of valid.entries()) {
    const headers = valid.filter(([name]) => name !== missing).flat()
    const status = codes[index]!.startsWith('bad') && codes[index] !== 'bad-version' ? 400 : 426
    refuses(codes[index]!, status, () => readHandshake({ method: 'GET', httpVersion: '1.1', headers }))
  }
})

test('single-valued headers stand there once', () => {
  for (const name of ['Host', 'Origin', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Content-Length']) {
    const value = valid.find(([candidate]) => candidate === name)?.[1] ?? '0'
    refuses('duplicate-header', 400, () =>
      read([
        [name, value],
        [name.toUpperCase(), value],
        [name, value],
      ]),
    )
  }
})

test('none of the headers that are read may hold anything but plain ASCII', () => {
  for (const name of [
    ...valid.map(([name]) => name),
    'Origin',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
  ]) {
    refuses('non-ascii-header', 400, () => read([[name, 'websocket\u00e9']]))
  }
})

test('a hundred headers are enough', () => {
  const fill = (count: number) => Array.from({ length: count }, (_, n): [string, string] => [`X-${n}`, ''])
  assert.equal(read(fill(95)).key, KEY)
  refuses('too-many-headers', 431, () => read(fill(96)))
})

test('§4.4: a 426 says which version is spoken, a 405 which method', () => {
  assert.deepEqual(new HandshakeError('bad-version', '').headers, {
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
  })
  assert.deepEqual(new HandshakeError('bad-method', '').headers, { Allow: 'GET' })
  assert.deepEqual(new HandshakeError('bad-key', '').headers, {})
})

test('a request whose upgrade headers were lost is recognised by its key', () => {
  assert.equal(looksLikeWebSocket(['Host', 'a', 'sec-websocket-KEY', KEY]), true)
  assert.equal(looksLikeWebSocket(['Host', 'a', 'Upgrade', 'h2c']), false)
})

test('§4.2.2: the subprotocol is the first of the client that the server speaks', () => {
  assert.equal(chooseProtocol(['c', 'a', 'b'], ['b', 'a']), 'a')
  assert.equal(chooseProtocol(['constructor', '__proto__'], ['b']), '')
  assert.equal(chooseProtocol([], ['b']), '')
})

test('§4.2.2: the answer', () => {
  const head = writeAcceptance({ accept: 'X=', protocol: 'chat', headers: { 'Set-Cookie': 'a=b' } })
  assert.equal(
    head,
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: X=\r\nSec-WebSocket-Protocol: chat\r\nSet-Cookie: a=b\r\n\r\n',
  )
  assert(!writeAcceptance({ accept: 'X=', protocol: '' }).includes('Protocol:'))
  const extended = writeAcceptance({ accept: 'X=', protocol: '', extensions: 'a; b=1' })
  assert(extended.endsWith('\r\nSec-WebSocket-Extensions: a; b=1\r\n\r\n'))
  for (const headers of [{ 'a\r\nb': 'c' }, { a: 'b\r\nc: d' }, { a: '\u2028' }]) {
    assert.throws(() => writeAcceptance({ accept: 'X=', protocol: '', headers }), { code: 'invalid-header' })
  }
})

const explosive: [name: string, text: (size: number) => string][] = [
  ['Sec-WebSocket-Extensions', (size) => 'a' + ' '.repeat(size) + ';'],
  ['Sec-WebSocket-Extensions', (size) => 'a;b="' + '\\"'.repeat(size / 2)],
  ['Sec-WebSocket-Extensions', (size) => 'a;'.repeat(size / 2)],
  ['Sec-WebSocket-Extensions', (size) => 'a,'.repeat(size / 2)],
  ['Sec-WebSocket-Protocol', (size) => 'a' + ' '.repeat(size) + '"'],
  ['Sec-WebSocket-Protocol', (size) => 'a,'.repeat(size / 2)],
  ['Sec-WebSocket-Protocol', (size) => ','.repeat(size) + '"'],
  ['Upgrade', (size) => ' '.repeat(size) + '"'],
  ['Connection', (size) => 'a'.repeat(size) + ' b'],
]

for (const [name, text] of explosive) {
  test(`${name} of ${JSON.stringify(text(6))}… is judged in linear time`, () => {
    const judge = (size: number): number => {
      const value = text(size)
      let best = Infinity
      for (let round = 0; round < 15; round++) {
        const start = process.hrtime.bigint()
        for (let again = 0; again < 8; again++) assert.throws(() => read([[name, value]]), HandshakeError)
        best = Math.min(best, Number(process.hrtime.bigint() - start))
      }
      return best
    }
    judge(1024)
    const growth = judge(16_384) / judge(1024)
    assert(growth < 100, `16 times the size took ${growth.toFixed(0)} times as long (256 would be quadratic)`)
  })
}

test('what was chosen stands in the same fields where they are no lines', () => {
  assert.deepEqual(concessionHeaders({ protocol: 'chat', extensions: 'a; b=1' }), {
    'Sec-WebSocket-Protocol': 'chat',
    'Sec-WebSocket-Extensions': 'a; b=1',
  })
  assert.deepEqual(concessionHeaders({ protocol: '' }), {})
})
