/**
 * Whatever is read here has to be what node:http reads, and what node:http refuses must not be read at all: both are
 * given the same bytes, from a grammar that bends every part of a request.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { knownFields, type PlainHead, readPlainHead } from './plain-head.ts'

const plain = (text: string): PlainHead | undefined => readPlainHead(Buffer.from(text, 'latin1'))
const GET = 'GET /a?b=c HTTP/1.1\r\nHost: x\r\n'

test('a plain request is read', () => {
  const head = plain(`${GET}Accept:  */* \r\n\r\n`)
  assert.deepEqual(head, {
    method: 'GET',
    url: '/a?b=c',
    fields: {
      headers: { host: 'x', accept: '*/*' },
      rawHeaders: ['Host', 'x', 'Accept', '*/*'],
      upgrade: false,
    },
    fieldsAt: 21,
    end: 47,
    bodyBytes: 0,
  })
  assert.equal(plain('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc')?.bodyBytes, 3)
  assert.equal(
    plain(`${GET}Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n`)?.fields.upgrade,
    true,
  )
})

test('fields that are the same again are not read again, and only those', () => {
  const bytes = Buffer.from(`${GET}A: b\r\n\r\nbody`)
  const first = readPlainHead(bytes)
  assert.ok(first)
  const known = knownFields(bytes, first)
  // They are kept, and not the bytes that they came in.
  bytes.fill(0)
  const again = (text: string): PlainHead | undefined => readPlainHead(Buffer.from(text, 'latin1'), known)
  const second = again('GET /other HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n')
  assert.equal(second?.fields, first.fields)
  assert.equal(second?.url, '/other')
  assert.deepEqual(again(`${GET}A: c\r\n\r\n`)?.fields.headers, { host: 'x', a: 'c' })
  assert.equal(again('POST / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n'), undefined)
  assert.equal(again(`${GET}A: b\r\nHost: y\r\n\r\n`), undefined)
})

test('what is not all there, not plain or wrong is left to node:http', () => {
  const whole = `${GET}Accept: */*\r\n\r\n`
  for (let length = 0; length < whole.length; length++) assert.equal(plain(whole.slice(0, length)), undefined)
  for (const text of [
    `${GET}Host: y\r\n\r\n`,
    'GET / HTTP/1.1\r\nAccept: a\r\n\r\n',
    'GET / HTTP/1.0\r\nHost: x\r\n\r\n',
    'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /\xe4 HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    `${GET}Content-Length: 0\r\n\r\n`,
    `${GET}Transfer-Encoding: chunked\r\n\r\n`,
    `${GET}Expect: 100-continue\r\n\r\n`,
    `${GET}Connection: close\r\n\r\n`,
    `${GET}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n`,
    `${GET}Upgrade: websocket\r\n\r\n`,
    `${GET}A : b\r\n\r\n`,
    `${GET}A: b\r\n c\r\n\r\n`,
    `${GET}A: b\n\r\n`,
    `${GET}A: \x00\r\n\r\n`,
    `${GET}__proto__: a\r\n\r\n`,
    `\r\n${GET}\r\n`,
    `${GET}A: ${'a'.repeat(9_000)}\r\n\r\n`,
  ]) {
    assert.equal(plain(text), undefined, JSON.stringify(text.slice(0, 80)))
  }
})

const part = (usual: string, ...odd: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) })
const SPACES = ['', ' ', '  ', '\t', ' \t ', '\r', '\x0b', '\xa0', '\0']
const field = fc
  .tuple(
    fc.constantFrom(
      'Host',
      'host',
      'Accept',
      'X-A',
      'Connection',
      'Content-Length',
      'Transfer-Encoding',
      'Upgrade',
      'Expect',
      'TE',
      'Cookie',
      'Origin',
      'X_a',
      'A.b',
      'é',
      '',
    ),
    part(': ', ':', ' :', ':\t', '', ' '),
    fc.oneof(
      fc.constantFrom(
        'x',
        '127.0.0.1',
        '0',
        '3',
        '03',
        '+3',
        '3,3',
        'chunked',
        'close',
        'keep-alive',
        'Upgrade',
        'keep-alive, Upgrade',
        'websocket',
        'h2c',
        '100-continue',
        'a b',
        'a\tb',
        'é',
        '"',
        '',
      ),
      fc.string({ maxLength: 6 }),
    ),
    part('', ...SPACES),
    part('\r\n', '\n', '\r', '\r\n ', '\r\n\t', '\r\r\n'),
  )
  .map((parts) => parts.join(''))
const request = fc
  .tuple(
    part('', '\r\n', ' ', '\0'),
    fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'get', 'HEAD', 'CONNECT', 'M-SEARCH', 'G\0T'),
    part(' ', '  ', '\t', ''),
    part('/a', '/', '*', '/a b', '/a#b', '/%zz', '//x', '/é', 'http://x/', '/"<>\\^`{|}', '/a\0'),
    part(' ', '  ', '\t', ''),
    part('HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1', 'HTTP/2.0', 'HTTP/01.1'),
    part('\r\n', '\n', '\r'),
    part('Host: x\r\n', '', 'Host : x\r\n', 'Host: x\n'),
    fc.array(field, { maxLength: 4 }).map((fields) => fields.join('')),
    part('\r\n', '\n', '\r', '\r\n\r\n'),
    part('', 'abc', 'GET /b HTTP/1.1\r\nHost: y\r\n\r\n'),
  )
  .map((parts) => parts.join(''))

test('whatever is read is what node:http reads of the same bytes', async (t) => {
  const seen: IncomingMessage[] = []
  const server = createServer((incoming, response) => {
    seen.push(incoming)
    response.end()
  })
  server.on('upgrade', (incoming: IncomingMessage, socket) => {
    seen.push(incoming)
    socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  let read = 0
  await fc.assert(
    fc.asyncProperty(request, async (text) => {
      const head = plain(text)
      if (head === undefined) return
      read++
      seen.length = 0
      const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
      socket.end(text, 'latin1').resume()
      await once(socket, 'close')
      const { method, url, rawHeaders, headers } =
        seen[0] ?? assert.fail(`node:http refuses ${JSON.stringify(text)}`)
      assert.deepEqual(
        { method, url, rawHeaders, headers: { ...headers } },
        {
          method: head.method,
          url: head.url,
          rawHeaders: head.fields.rawHeaders,
          headers: { ...head.fields.headers },
        },
      )
    }),
    { numRuns: 8_000 },
  )
  assert.ok(read > 100, `only ${read} of them were plain`)
})
