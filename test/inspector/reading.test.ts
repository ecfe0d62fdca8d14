/** What the inspector makes of bytes, however they are cut, and of bytes that somebody made up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConnectionReader } from '../../console/src/inspector/connection-reader.ts'
import { HttpStream } from '../../console/src/inspector/http-stream.ts'
import { Exchange, type Item } from '../../console/src/inspector/items.ts'
import { SseCutter } from '../../console/src/inspector/sse-cutter.ts'
import { decodeRecords, encodeRecord, type TapRecord } from '../../console/src/inspector/tap-records.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')

/** What one direction is made of, as one text. */
const readAll = (side: 'request' | 'answer', pieces: readonly string[]): string => {
  let story = ''
  let body = ''
  let framing = 0
  const stream = new HttpStream(side, {
    head: ({ first, headers, bytes }) => (story += `${first} ${headers.join('|')} ${bytes}; `),
    body: (bytes) => (body += Buffer.from(bytes).toString('latin1')),
    framing: (bytes) => (framing += bytes),
    end: () => {
      story += `${body} +${framing} end; `
      body = ''
      framing = 0
    },
    raw: (bytes) => (body += `<${Buffer.from(bytes).toString('latin1')}>`),
  })
  for (const piece of pieces) stream.push(bytesOf(piece))
  return (story + body).replaceAll('><', '')
}

const STREAMS: readonly [name: string, side: 'request' | 'answer', text: string, story: string][] = [
  [
    'requests behind each other',
    'request',
    'POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /a HTTP/1.1 Content-Length|3 39; abc +0 end; GET /b HTTP/1.1 Host|x 28;  +0 end; ',
  ],
  [
    'a chunked answer, with its framing counted',
    'answer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x\r\n0123456789\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK Transfer-Encoding|chunked 47; abc0123456789 +17 end; ',
  ],
  [
    'an answer without a body',
    'answer',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 204 No Content  27;  +0 end; ',
  ],
  [
    'an answer that the end of its connection ends',
    'answer',
    'HTTP/1.1 200 OK\r\n\r\nabc',
    'HTTP/1.1 200 OK  19; abc',
  ],
  [
    'what follows a 101 is another protocol',
    'answer',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x00',
    'HTTP/1.1 101 Switching Protocols  36; <\x81\x00>',
  ],
  [
    'a chunk size that is none',
    'answer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nab',
    'HTTP/1.1 200 OK Transfer-Encoding|chunked 47; <ab>',
  ],
]

for (const [name, side, text, story] of STREAMS) {
  test(`HTTP: ${name}, whole and split at every byte`, () => {
    assert.equal(readAll(side, [text]), story)
    assert.equal(readAll(side, [...text]), story)
    for (let at = 1; at < text.length; at++)
      assert.equal(readAll(side, [text.slice(0, at), text.slice(at)]), story)
  })
}

test('SSE: events and comments, with every byte of theirs, split at every byte', () => {
  const text = ': open\n\ndata: {"a":1}\n\ndata: b\r\ndata: c\r\n\r\n'
  for (let at = 0; at < text.length; at++) {
    const cutter = new SseCutter()
    const events = [text.slice(0, at), text.slice(at)].flatMap((piece) => cutter.push(bytesOf(piece)))
    assert.deepEqual(
      events.map(({ data, comment, wireBytes }) => [data, comment, wireBytes]),
      [
        ['', true, 8],
        ['{"a":1}', false, 15],
        ['b\nc', false, 20],
      ],
    )
  }
})

const RECORDS: readonly TapRecord[] = [
  { type: 'opened', connection: 1, timeMs: 0.5 },
  { type: 'up', connection: 1, timeMs: 1, offset: 0, bytes: new Uint8Array([1, 2, 3]) },
  { type: 'down', connection: 1, timeMs: 2, offset: 2 ** 40, bytes: new Uint8Array() },
  { type: 'closed', connection: 1, timeMs: 3, why: 'idle' },
]

test('records of a tap come back as they were, and a cut publication gives those that are whole', () => {
  const encoded = Buffer.concat(RECORDS.map(encodeRecord))
  assert.deepEqual(decodeRecords(new Uint8Array(encoded)), RECORDS)
  for (let at = 0; at < encoded.length; at++) {
    const whole = decodeRecords(new Uint8Array(encoded.subarray(0, at)))
    assert.deepEqual(whole, RECORDS.slice(0, whole.length))
  }
})

const handed = (): { items: Item[]; carried: number; reader: ConnectionReader } => {
  const items: Item[] = []
  const host = {
    nextKey: () => items.length,
    add: (item: Item) => items.push(item),
    carried: () => undefined,
  }
  return { items, carried: 0, reader: new ConnectionReader(1, 0, host) }
}

test('whatever bytes come in whichever direction, reading them does not throw', () => {
  const pieces = fc.array(
    fc.record({
      up: fc.boolean(),
      bytes: fc.oneof(fc.uint8Array(), fc.constantFrom(...STREAMS.map(([, , text]) => bytesOf(text)))),
    }),
  )
  fc.assert(
    fc.property(pieces, (list) => {
      const { reader } = handed()
      const moved = { up: 0, down: 0 }
      for (const { up, bytes } of list) {
        const type = up ? 'up' : 'down'
        reader.read({ type, connection: 1, timeMs: 0, offset: moved[type], bytes })
        moved[type] += bytes.length
      }
      reader.end(1, 'ended')
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeRecords(bytes)))
})

test('a handshake and frames behind it, both ways; bytes that are missing end the reading, and that is told', () => {
  const { reader, items } = handed()
  const up = bytesOf('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n')
  const down = bytesOf('HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02hi')
  reader.read({ type: 'up', connection: 1, timeMs: 1, offset: 0, bytes: up })
  reader.read({ type: 'down', connection: 1, timeMs: 2, offset: 0, bytes: down })
  const masked = bytesOf('\x81\x82\x00\x00\x00\x00yo')
  reader.read({ type: 'up', connection: 1, timeMs: 3, offset: up.length, bytes: masked })
  const [, exchange, pushed, sent] = items
  assert.ok(exchange instanceof Exchange)
  assert.deepEqual([exchange.purpose, exchange.status], ['handshake', 101])
  assert.deepEqual(
    [pushed?.kind === 'frame' && pushed.frame.text, sent?.kind === 'frame' && sent.frame.text],
    ['hi', 'yo'],
  )
  reader.read({ type: 'up', connection: 1, timeMs: 4, offset: up.length + 100, bytes: masked })
  reader.read({ type: 'up', connection: 1, timeMs: 5, offset: up.length + 108, bytes: masked })
  assert.deepEqual(
    items.slice(4).map((item) => item.kind === 'mark' && item.what),
    ['missed'],
  )
})
