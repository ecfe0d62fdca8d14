// Opening handshakes of both roles (RFC 6455 §4, RFC 7692 §5 and §7.1): what a client must make of a server's answer, and
// what a server must make of offers and of requests that come in pieces or with frames behind them. Requests that are
// wrong in themselves are thrown at a server in test/websocket/hostile-handshakes.test.ts.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeCertificate } from '../websocket/servers.ts'
import { bytes, hear, ping, pong, send, text } from './case.ts'
import { encode } from './frame.ts'
import { Peer } from './peer.ts'
import { type Asking, RawServer } from './raw-server.ts'
import { startServer, Subject } from './subject.ts'
import { acceptFor, nextChunk, type Way, wayTo } from './ways.ts'

const certificate = makeCertificate()
after(() => certificate.remove())

const ACCEPT = 'Sec-WebSocket-Accept: ACCEPT'
const GOOD = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ACCEPT]
const replaced = (index: number, line: string): string[] => GOOD.with(index, line)
const without = (index: number): string[] => GOOD.filter((_, at) => at !== index)
const extension = (value: string): string[] => [...GOOD, `Sec-WebSocket-Extensions: ${value}`]

/** An answer, and what the client must report: that it failed, and why; or that it was closed with 1000. */
type Answer = readonly [title: string, lines: readonly string[], outcome: string]

const REFUSED: readonly Answer[] = [
  ['200', replaced(0, 'HTTP/1.1 200 OK'), 'failed refused'],
  ['204', ['HTTP/1.1 204 No Content'], 'failed refused'],
  ['301 is not followed', ['HTTP/1.1 301 Moved', 'Location: /', 'Content-Length: 0'], 'failed refused'],
  ['401', ['HTTP/1.1 401 Unauthorized', 'Content-Length: 0'], 'failed refused'],
  ['503', ['HTTP/1.1 503 Service Unavailable', 'Content-Length: 0'], 'failed refused'],
  ['no Upgrade', without(1), 'failed bad-handshake'],
  ['Upgrade to something else', replaced(1, 'Upgrade: h2c'), 'failed bad-handshake'],
  ['Upgrade to two things', replaced(1, 'Upgrade: websocket, h2c'), 'failed bad-handshake'],
  ['no Connection', without(2), 'failed bad-handshake'],
  ['Connection without upgrade', replaced(2, 'Connection: keep-alive'), 'failed bad-handshake'],
  ['no accept', without(3), 'failed bad-handshake'],
  ['an empty accept', replaced(3, 'Sec-WebSocket-Accept:'), 'failed bad-handshake'],
  [
    'the accept of another key',
    replaced(3, `Sec-WebSocket-Accept: ${acceptFor('another')}`),
    'failed bad-handshake',
  ],
  ['the accept twice', [...GOOD, ACCEPT], 'failed bad-handshake'],
  ['a subprotocol that nobody asked for', [...GOOD, 'Sec-WebSocket-Protocol: chat'], 'failed bad-handshake'],
  ['an extension that nobody asked for', extension('x-unknown'), 'failed bad-handshake'],
  ['an extension list that is none', extension('permessage-deflate;;'), 'failed bad-handshake'],
  ['an unknown parameter', extension('permessage-deflate; x=1'), 'failed bad-handshake'],
  [
    'a parameter twice',
    extension('permessage-deflate; server_no_context_takeover; server_no_context_takeover'),
    'failed bad-handshake',
  ],
  [
    'a flag with a value',
    extension('permessage-deflate; server_no_context_takeover=1'),
    'failed bad-handshake',
  ],
  ...['7', '16', '0', '010', '-8', '8.0', '1e1', '""', ' '].map((bits): Answer => [
    `server_max_window_bits=${bits}`,
    extension(`permessage-deflate; server_max_window_bits=${bits}`),
    'failed bad-handshake',
  ]),
  [
    'server_max_window_bits without a value',
    extension('permessage-deflate; server_max_window_bits'),
    'failed bad-handshake',
  ],
  [
    'client_max_window_bits without a value',
    extension('permessage-deflate; client_max_window_bits'),
    'failed bad-handshake',
  ],
  ['two extensions', extension('permessage-deflate, permessage-deflate'), 'failed bad-handshake'],
]

const ACCEPTED: readonly Answer[] = [
  ['as it should be', GOOD, 'closed 1000'],
  [
    'names in other cases',
    ['HTTP/1.1 101 x', 'UPGRADE: WebSocket', 'connection: upgrade', ACCEPT],
    'closed 1000',
  ],
  ['Connection with more than upgrade', replaced(2, 'Connection: keep-alive, Upgrade'), 'closed 1000'],
  [
    'another phrase and other headers',
    [...replaced(0, 'HTTP/1.1 101 '), 'Server: x', 'Date: today'],
    'closed 1000',
  ],
  ['permessage-deflate', extension('permessage-deflate'), 'closed 1000'],
  ['a quoted value', extension('permessage-deflate; server_max_window_bits="10"'), 'closed 1000'],
]

const CLOSE_WITH_1000 = { opcode: 8, payload: Buffer.of(0x03, 0xe8) }

describe('a client that is answered', () => {
  let server: RawServer
  let client: Subject
  const answers = [...REFUSED, ...ACCEPTED]
  before(async () => {
    server = await RawServer.listen('tcp', certificate)
    client = new Subject(['--connect', server.url.href, '--deflate', '--times', String(answers.length + 1)])
  })
  after(async () => {
    assert.equal(await client.ended(), 1)
    await server.close()
  })

  const answer = ({ stream, key = '' }: Asking, lines: readonly string[]): void => {
    const head = lines.join('\r\n').replaceAll('ACCEPT', acceptFor(key))
    stream.write(`${head}\r\n\r\n`, 'latin1')
  }

  for (const [title, lines, outcome] of answers) {
    test(`${title}: ${outcome}`, async () => {
      const asking = await server.next()
      answer(asking, lines)
      if (outcome.startsWith('failed')) {
        // Not a byte more from the client: it ends the connection.
        assert.equal(await nextChunk(asking.stream), undefined)
        asking.stream.destroy()
      } else {
        await new Peer(asking.stream, { role: 'server' }).play({ steps: [] })
      }
      const line = await client.line()
      assert(line.startsWith(`${outcome} `), line)
    })
  }

  test('frames in the same write as the answer are heard', async () => {
    const asking = await server.next()
    asking.admit(
      undefined,
      Buffer.concat([text('Hello'), CLOSE_WITH_1000].map((frame) => encode(frame, 'server'))),
    )
    const peer = new Peer(asking.stream, { role: 'server' })
    await peer.play({ steps: [hear(text('Hello')), { type: 'answers', code: 1000 }] })
    assert.match(await client.line(), /^closed 1000 /)
  })
})

/** What a client offers, and the answer, word for word; undefined when every offer must be declined. */
const OFFERS: readonly (readonly [offer: string, answer: string | undefined])[] = [
  ['permessage-deflate', 'permessage-deflate'],
  ['x-unknown, permessage-deflate', 'permessage-deflate'],
  ['x-unknown; a=1; b="2"', undefined],
  ['permessage-deflate; x=1', undefined],
  ['permessage-deflate; server_no_context_takeover=1', undefined],
  ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', undefined],
  ['permessage-deflate; client_max_window_bits=10; client_max_window_bits=10', undefined],
  ['permessage-deflate; server_max_window_bits', undefined],
  ...['0', '7', '16', '010', '-8', '8.0', '1e1', '256'].flatMap((bits): (readonly [string, undefined])[] => [
    [`permessage-deflate; server_max_window_bits=${bits}`, undefined],
    [`permessage-deflate; client_max_window_bits=${bits}`, undefined],
  ]),
  ['permessage-deflate; server_max_window_bits=7, permessage-deflate', 'permessage-deflate'],
  ['permessage-deflate; server_max_window_bits="10"', 'permessage-deflate; server_max_window_bits=10'],
  ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
  ['PERMESSAGE-DEFLATE', undefined],
  ['constructor, __proto__; toString', undefined],
]

describe('a server that is asked', () => {
  let subject: Subject
  let way: Way
  before(async () => {
    const started = await startServer(['--deflate'])
    subject = started.subject
    way = wayTo('tcp', started.url)
  })
  after(() => subject.stop())

  for (const [extensions, expected] of OFFERS) {
    test(`${extensions}: ${expected ?? 'declined'}`, async () => {
      const opened = await way.open({ extensions })
      assert.equal(opened.extensions, expected)
      await new Peer(opened.stream, { role: 'client', head: opened.head }).play({ steps: [] })
    })
  }

  test('frames in the same write as the request are heard', async () => {
    const eager = Buffer.concat([text('Hello'), ping('p')].map((frame) => encode(frame, 'client')))
    const { stream, head } = await way.open({ eager })
    await new Peer(stream, { role: 'client', head }).play({ steps: [hear(text('Hello'), pong('p'))] })
  })

  test('a request byte by byte, and the first frame behind its last byte', async () => {
    const eager = encode(text(bytes('Hello')), 'client')
    const { stream, head } = await way.open({ eager, chopBytes: 1 })
    await new Peer(stream, { role: 'client', head }).play({
      steps: [hear(text('Hello')), send(ping()), hear(pong())],
    })
  })
})
