// Streams of requests, each also split at every byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestCounter } from './request-counter.ts'

const count = (pieces: readonly string[]): number => {
  const counter = new RequestCounter()
  for (const piece of pieces) counter.push(Buffer.from(piece, 'latin1'))
  return counter.count
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST /session HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n'
const CHUNKED =
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n'
const UPGRADE = 'GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

const CASES: readonly [name: string, stream: string, requests: number][] = [
  ['nothing', '', 0],
  ['one', GET, 1],
  ['a head that does not end', GET.slice(0, -2), 0],
  ['pipelined ones', GET + GET + GET, 3],
  ['a body that looks like a request', POST + GET, 2],
  ['a chunked body with extensions and trailers', CHUNKED + GET, 2],
  ['an empty line before a request', `\r\n${GET}`, 1],
  ['nothing behind an upgrade', UPGRADE + GET, 1],
  ['TLS is not understood', `\x16\x03\x01\x02\x00${GET}`, 0],
  ['HTTP/2 is not understood', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${GET}`, 0],
  ['a length that is none', `POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n${GET}`, 1],
  ['a chunk size that is none', `${CHUNKED.replace('5;', 'z;')}${GET}`, 1],
  ['a head beyond every bound', `GET / HTTP/1.1\r\nA: ${'b'.repeat(70_000)}\r\n\r\n${GET}`, 0],
]

for (const [name, stream, requests] of CASES) {
  test(name, () => {
    assert.equal(count([stream]), requests)
    if (stream.length > 1_000) return
    assert.equal(count([...stream]), requests, 'byte by byte')
    for (let at = 1; at < stream.length; at++) {
      assert.equal(count([stream.slice(0, at), stream.slice(at)]), requests, `split at ${at}`)
    }
  })
}
