// Opening handshakes that a hostile or broken client sends to a real server, over TCP and TLS, and to one that speaks
// HTTP/2 beside HTTP/1.1: each is answered
// with its exact status and code, the connection is closed, and a bystander notices nothing.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Bystander, frame, makeCertificate, startEcho, UPGRADE, type EchoServer } from './servers.ts'

const without = (name: string): string => UPGRADE.replace(new RegExp(`${name}: .*\r\n`), '')
const instead = (name: string, value: string): string =>
  UPGRADE.replace(new RegExp(`${name}: .*\r\n`), `${name}: ${value}\r\n`)
const also = (lines: string): string => UPGRADE.replace('\r\n\r\n', `\r\n${lines}\r\n\r\n`)
const again = (name: string): string => also(new RegExp(`${name}: .*`).exec(UPGRADE)![0].trim())

type Case = readonly [name: string, request: string, status: number, code: string]
const refusals: Case[] = [
  ['POST', UPGRADE.replace('GET', 'POST'), 405, 'bad-method'],
  ['DELETE', UPGRADE.replace('GET', 'DELETE'), 405, 'bad-method'],
  ['HTTP/1.0', UPGRADE.replace('HTTP/1.1', 'HTTP/1.0'), 400, 'bad-http-version'],
  ['an empty Host', instead('Host', ''), 400, 'bad-host'],
  ['another protocol', instead('Upgrade', 'h2c'), 426, 'upgrade-missing'],
  ['no version', without('Sec-WebSocket-Version'), 426, 'bad-version'],
  ...['0', '8', '12', '14', '13.0', '+13', '13, 8', ''].map((version): Case => [
    `version "${version}"`,
    instead('Sec-WebSocket-Version', version),
    426,
    'bad-version',
  ]),
  ['no key', without('Sec-WebSocket-Key'), 400, 'bad-key'],
  ['a key of 15 bytes', instead('Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAA'), 400, 'bad-key'],
  ['a key of 17 bytes', instead('Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAAA='), 400, 'bad-key'],
  ['a key that is not base64', instead('Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAA*=='), 400, 'bad-key'],
  ['two keys', again('Sec-WebSocket-Key'), 400, 'duplicate-header'],
  ['two versions', again('Sec-WebSocket-Version'), 400, 'duplicate-header'],
  ['two origins', also('Origin: http://a\r\nOrigin: http://a'), 400, 'duplicate-header'],
  [
    'a key that is not ASCII',
    instead('Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAA\u00e9=='),
    400,
    'non-ascii-header',
  ],
  ['an Upgrade that is not ASCII', instead('Upgrade', 'websocket, \u00e9'), 400, 'non-ascii-header'],
  ['an Origin that is not ASCII', also('Origin: http://\u00e9'), 400, 'non-ascii-header'],
  ['a subprotocol that is not ASCII', also('Sec-WebSocket-Protocol: \u00e9'), 400, 'non-ascii-header'],
  ['a subprotocol twice', also('Sec-WebSocket-Protocol: a, a'), 400, 'bad-protocols'],
  ['a subprotocol with a space', also('Sec-WebSocket-Protocol: a b'), 400, 'bad-protocols'],
  ['a malformed extension', also('Sec-WebSocket-Extensions: a; b="'), 400, 'bad-extensions'],
  [
    '100 headers more',
    also(Array.from({ length: 100 }, (_, n) => `X-${n}: y`).join('\r\n')),
    431,
    'too-many-headers',
  ],
]

/** Refused by the HTTP parser, before an upgrade is seen. */
const unparsed: [name: string, request: string, status: number][] = [
  ['no Host', without('Host'), 400],
  ['17 KiB of headers', also(`X: ${'y'.repeat(17_000)}`), 431],
  ['2,000 headers', also(Array.from({ length: 2000 }, (_, n) => `X-${n}: yyyyyy`).join('\r\n')), 431],
  ['no Upgrade', without('Upgrade'), 426],
  ['no Connection', without('Connection'), 426],
  ['neither, as behind a proxy', without('Upgrade').replace(/Connection: .*\r\n/, ''), 426],
]

const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
const certificate = makeCertificate()
after(() => certificate.remove())

for (const transport of ['TCP', 'TLS', 'TCP beside HTTP/2', 'TLS beside HTTP/2']) {
  describe(`hostile handshakes over ${transport}`, () => {
    let server: EchoServer
    let bystander: Bystander
    before(async () => {
      const secure = transport.startsWith('TLS') ? certificate : undefined
      const http2 = transport.endsWith('HTTP/2')
      server = await startEcho({ certificate: secure, http2, protocols: ['echo.v1'] })
      bystander = await Bystander.join(server, certificate.cert)
    })
    after(async () => {
      bystander.leave()
      await server.stop()
    })

    /** The whole answer to a request and what follows it; the server must end the connection. */
    const answerTo = async (request: string | Buffer): Promise<string> => {
      const connection = await server.rawHttp1()
      connection.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request)
      const answer = (await connection.bytes()).toString('latin1')
      connection.socket.destroy()
      assert((await bystander.check()) < 1000)
      return answer
    }

    for (const [name, request, status, code] of refusals) {
      test(`${name}: ${status} ${code}`, async () => {
        const answer = await answerTo(request)
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
        assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), code)
        assert.match(answer, /\r\nConnection: close\r\n/)
        assert.equal(answer.includes('\r\nSec-WebSocket-Version: 13\r\n'), status === 426)
        assert.equal(answer.includes('\r\nAllow: GET\r\n'), status === 405)
      })
    }

    for (const [name, request, status] of unparsed) {
      test(`${name}: ${status}`, async () => {
        const answer = await answerTo(request)
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
        assert.equal(answer.includes('Sec-WebSocket-Version: 13'), status === 426)
      })
    }

    test('a body with the upgrade: 400, and never a frame', async () => {
      for (const lines of ['Content-Length: 9', 'Transfer-Encoding: chunked']) {
        const answer = await answerTo(Buffer.concat([Buffer.from(also(lines)), frame(0x81, 'abc')]))
        assert.match(answer, /^HTTP\/1\.1 400 /)
        assert(!answer.includes('abc'))
      }
    })

    test('a second request behind a refused upgrade is not answered', async () => {
      const second = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'
      const answer = await answerTo(instead('Sec-WebSocket-Version', '8') + second + second)
      assert.equal(answer.split('HTTP/1.1 ').length, 2)
    })

    test('names that mean something to objects are names', async () => {
      for (const name of NAMES) {
        const connection = await server.rawHttp1()
        const extension = `Sec-WebSocket-Extensions: ${name}; ${name}=${name}; ${name}`
        connection.write(also(`Sec-WebSocket-Protocol: ${name}, echo.v1\r\n${extension}\r\n${name}: ${name}`))
        connection.write(frame(0x88))
        const answer = (await connection.bytes()).toString('latin1')
        assert.match(answer, /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Protocol: echo\.v1\r\n/s)
        assert.doesNotMatch(answer, /Extensions/)
        assert.equal(await server.echo.nextCode(), 1005)
      }
    })

    test('a reset after every byte of a handshake', async () => {
      for (let length = 1; length < UPGRADE.length; length += transport.startsWith('TLS') ? 17 : 1) {
        const connection = await server.rawHttp1()
        connection.write(UPGRADE.slice(0, length))
        connection.socket.destroy()
      }
      await bystander.check()
      assert.deepEqual(server.echo.closed, [])
    })

    test('one byte at a time is slow, but no fault', async () => {
      const connection = await server.rawHttp1()
      for (const byte of Buffer.concat([Buffer.from(UPGRADE), frame(0x81, 'a'), frame(0x88)])) {
        connection.write(Buffer.of(byte))
      }
      const answer = await connection.bytes()
      assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101 /)
      assert(answer.toString('hex').endsWith('8101618800'))
      assert.equal(await server.echo.nextCode(), 1005)
    })
  })
}
