import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Connection } from './connection.ts'
import { everySplit, feed, heard, hex, masked, open, sent, settings, type Heard } from './drive.test.ts'
import { FrameError } from './errors.ts'
import { encodeFrame } from './frame.ts'
import { Opcode } from './opcode.ts'

interface Outcome {
  hears: Heard[]
  sends: string
  transport?: 'end' | 'await' | 'destroy'
}

/** A server that gets the frames (masked with nothing), split everywhere, hears and sends this. */
function server(frames: string, { hears, sends, transport }: Outcome): void {
  const bytes = hex(frames.split(',').map(masked).join(''))
  for (const chunks of everySplit(bytes)) {
    const connection = open()
    assert.deepEqual(feed(connection, chunks), hears)
    assert.equal(sent(connection), sends)
    assert.equal(connection.state.name === 'closed' ? connection.state.transport : undefined, transport)
  }
}

test('§5.5.2: a ping is answered with its payload, an unasked pong with nothing', () => {
  server('8903 010203, 8a01 ff, 8900', {
    hears: [{ ping: '010203' }, { pong: 'ff' }, { ping: '' }],
    sends: '8a03010203 8a00',
  })
})

test('§7.1: the peer closes: the frame is echoed and the server ends the transport first', () => {
  const closed = (code: number, reason: string): Heard[] => [{ close: code, reason }]
  server('8802 03e8', { hears: closed(1000, ''), sends: '880203e8', transport: 'end' })
  server('8805 0fa1 627965', { hears: closed(4001, 'bye'), sends: '88050fa1627965', transport: 'end' })
  server('8800', { hears: closed(1005, ''), sends: '8800', transport: 'end' })
})

test('§5.5.1: what follows a Close frame is not looked at', () => {
  server('8802 03e8, 8101 61, c100', {
    hears: [{ close: 1000, reason: '' }],
    sends: '880203e8',
    transport: 'end',
  })
})

test('§5.5.1: a bad Close frame fails the connection', () => {
  const fails = (error: string, close = 1002): Outcome => ({
    hears: [{ close, error }],
    sends: close === 1007 ? '880203ef' : '880203ea',
    transport: 'end',
  })
  server('8801 03', fails('close-payload'))
  for (const code of ['0000', '03e7', '03ec', '03ed', '03ee', '03f7', '07cf', '0bb7', '1388', 'ffff']) {
    server(`8802 ${code}`, fails('close-code'))
  }
  server('8803 03e8 ff', fails('invalid-utf8', 1007))
})

test('§7.1.7: a violation is answered with its close code, and nothing after it is read', () => {
  server('8101 61, c100, 8101 62', {
    hears: [{ text: 'a' }, { close: 1002, error: 'reserved-bits' }],
    sends: '880203ea',
    transport: 'end',
  })
  server('827e03e9', { hears: [{ close: 1009, error: 'too-large' }], sends: '880203f1', transport: 'end' })
})

test('what is kept of a chunk stays as it came when the chunk is reused', () => {
  const chunk = hex(['8101 61', '820401020304', '8101 62'].map(masked).join(''))
  const connection = open()
  connection.receive(chunk)
  assert.deepEqual(heard(connection.next()!), { text: 'a' })
  connection.keepRest()
  chunk.fill(0xff)
  assert.deepEqual(heard(connection.next()!), { binary: '01020304' })
  connection.keepRest()
  assert.deepEqual(heard(connection.next()!), { text: 'b' })
  assert.equal(connection.next(), undefined)
})

test('we close: messages are still heard until the peer answers, and pings answered', () => {
  const connection = open()
  connection.close(1000, 'done')
  assert.equal(connection.state.name, 'closing')
  connection.close(1001)
  const chunks = [hex(masked('810161') + masked('890101')), hex(masked('880203e8'))]
  assert.deepEqual(feed(connection, chunks), [{ text: 'a' }, { ping: '01' }, { close: 1000, reason: '' }])
  assert.equal(sent(connection), '880603e8646f6e65 8a0101')
  connection.close(1001)
  assert.equal(connection.output.length, 2)
})

test('we close without a code: the frame is empty', () => {
  const connection = open()
  connection.close()
  assert.equal(sent(connection), '8800')
})

test('a violation after our Close frame is not answered with a second one', () => {
  const connection = open()
  connection.close()
  assert.deepEqual(feed(connection, [hex('8100')]), [{ close: 1002, error: 'mask-missing' }])
  assert.equal(sent(connection), '8800')
})

test('§7.1.1: a client waits for the server to end the transport, and masks what it sends', () => {
  const connection = open({ role: 'client', maskKey: () => 0x01020304 })
  assert.deepEqual(feed(connection, [hex('890100 880203e8')]), [{ ping: '00' }, { close: 1000, reason: '' }])
  assert.equal(sent(connection), '8a810102030401 88820102030402ea')
  assert.deepEqual(connection.state, { name: 'closed', code: 1000, reason: '', transport: 'await' })
})

test('the transport ends without a Close frame: 1006, once', () => {
  const connection = open()
  assert.deepEqual(connection.drop(), { type: 'close', code: 1006, reason: '' })
  assert.equal(connection.drop(), undefined)
  assert.deepEqual(connection.state, { name: 'closed', code: 1006, reason: '', transport: 'destroy' })
  assert.deepEqual(feed(connection, [hex(masked('810161'))]), [])
})

test('the owner drops a connection with a verdict of its own, even in the middle of a message', () => {
  const connection = open()
  feed(connection, [hex(masked('010161'))])
  assert.deepEqual(connection.drop(4008, 'slow consumer'), {
    type: 'close',
    code: 4008,
    reason: 'slow consumer',
  })
})

test('a peer that does not read its pongs is dropped', () => {
  const ping = hex(masked('8900'))
  const connection = open()
  assert.equal(feed(connection, [ping, ping, ping]).length, 3)
  assert.equal(connection.pendingPongs, 3)
  connection.pongsWritten()
  assert.equal(feed(connection, [ping, ping, ping]).length, 3)
  assert.deepEqual(feed(connection, [ping]), [{ close: 1008, error: 'too-many-pings' }])
  assert.equal(connection.state.name === 'closed' && connection.state.transport, 'destroy')
})

test('pings and pongs of our own, until closed', () => {
  const connection = open()
  connection.ping()
  connection.pong(hex('01'))
  connection.pong()
  assert.equal(sent(connection), '8900 8a0101 8a00')
  connection.drop()
  connection.ping()
  connection.pong()
  assert.equal(connection.output.length, 3)
})

test('mistakes of the caller are the caller’s', () => {
  const connection = open()
  for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000, NaN, 1000.5]) {
    assert.throws(
      () => connection.close(code),
      { name: 'CallerError', code: 'invalid-close-code' },
      String(code),
    )
  }
  assert.throws(() => connection.close(1000, 'é'.repeat(62)), { code: 'reason-too-long' })
  assert.throws(() => connection.ping(new Uint8Array(126)), { code: 'control-payload-too-long' })
  assert.throws(() => connection.pong(new Uint8Array(126)), { code: 'control-payload-too-long' })
  assert.equal(connection.state.name, 'open')
  assert.equal(connection.output.length, 0)
  connection.close(1000, 'é'.repeat(61))
})

test('an error that is not the peer’s passes through', () => {
  const broken = (): string => {
    throw new RangeError('out of memory')
  }
  const connection = open({ decodeText: broken })
  assert.throws(() => feed(connection, [hex(masked('810161'))]), RangeError)
})

test('a whole message is a view of the chunk, and nothing is kept of a chunk that is used up', () => {
  const connection = open()
  const chunk = hex(masked('8202 0102'))
  connection.receive(chunk)
  const event = connection.next()
  assert(event?.type === 'binary')
  assert.equal(event.data.buffer, chunk.buffer)
  assert.equal(connection.next(), undefined)
})

const payload = fc.uint8Array({ maxLength: 400 })
const text = fc.string({ unit: 'binary', maxLength: 100 })
const utterance = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text, cuts: fc.array(fc.nat(400), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('binary' as const), payload, cuts: fc.array(fc.nat(400), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('ping' as const), payload: fc.uint8Array({ maxLength: 125 }) }),
  fc.record({ kind: fc.constant('close' as const), code: fc.constantFrom(1000, 1011, 3000, 4999) }),
)
type Utterance = typeof utterance extends fc.Arbitrary<infer T> ? T : never

/** Says it on the connection; returns what the other side must hear. */
function say(speaker: Connection, said: Utterance, key: number | undefined): Heard {
  if (said.kind === 'close') {
    speaker.close(said.code, 'over')
    return { close: said.code, reason: 'over' }
  }
  if (said.kind === 'ping') {
    speaker.ping(said.payload)
    return { ping: Buffer.from(said.payload).toString('hex') }
  }
  const bytes = said.kind === 'text' ? new TextEncoder().encode(said.text) : said.payload
  const cuts = said.cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)
  for (const [index, start] of [0, ...cuts].entries()) {
    const end = cuts[index] ?? bytes.length
    const opcode = index > 0 ? Opcode.continuation : said.kind === 'text' ? Opcode.text : Opcode.binary
    speaker.output.push(encodeFrame(opcode, bytes.subarray(start, end), { fin: index === cuts.length, key }))
  }
  const whole = Buffer.from(bytes)
  return said.kind === 'text' ? { text: whole.toString() } : { binary: whole.toString('hex') }
}

/** Moves what one side has to send to the other, cut at random places. */
function carry(from: Connection, to: Connection, sizes: number[]): Heard[] {
  const bytes = Buffer.concat(from.output)
  from.output = []
  const chunks: Uint8Array[] = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length]!
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return feed(to, chunks)
}

test('our client and our server agree on any conversation, split anywhere', () => {
  const turns = fc.array(fc.tuple(fc.boolean(), fc.array(utterance, { maxLength: 3 })), { maxLength: 8 })
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(turns, sizes, fc.integer(), (conversation, cuts, key) => {
      const client = new Connection(settings({ role: 'client', maskKey: () => key, maxPendingPongs: 100 }))
      const host = new Connection(settings({ maxPendingPongs: 100 }))
      for (const [clientSpeaks, sayings] of conversation) {
        const [speaker, listener] = clientSpeaks ? [client, host] : [host, client]
        const expected: Heard[] = []
        for (const said of sayings) {
          if (speaker.state.name === 'open') expected.push(say(speaker, said, clientSpeaks ? key : undefined))
        }
        assert.deepEqual(carry(speaker, listener, cuts), expected)
        const answers = carry(listener, speaker, cuts)
        const pongs = expected.filter((event) => 'ping' in event).map((event) => ({ pong: event['ping'] }))
        const echo = expected
          .filter((event) => 'close' in event)
          .map((event) => ({ close: event['close'], reason: 'over' }))
        assert.deepEqual(answers, [...pongs, ...echo])
        assert.deepEqual(speaker.state.name, listener.state.name)
      }
    }),
  )
})

test('any bytes at all end in events or one close, never in another error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
      const connection = open({ role: 'client' })
      const closes = feed(connection, chunks).filter((event) => 'close' in event)
      assert.equal(closes.length, connection.state.name === 'closed' ? 1 : 0)
      const last = connection.drop()
      assert.equal(last === undefined, closes.length === 1)
      if (last !== undefined) assert.deepEqual(heard(last), { close: 1006, reason: '' })
    }),
    { numRuns: 1000 },
  )
})

/** Stands for permessage-deflate: what it inflates is twice what came; `ff` cannot be inflated. */
const doubling = {
  inflate(compressed: Uint8Array): Uint8Array {
    if (compressed[0] === 0xff) throw new FrameError('invalid-deflate', 'not deflate data')
    return Uint8Array.from([...compressed, ...compressed])
  },
}

test('RFC 7692 §6: a message whose first frame has RSV1 is inflated when it is complete', () => {
  const bytes = hex(
    ['c202 0102', '4201 01', '8900', '8001 02', 'c101 61', '4101 61', '8001 62', '8101 63', 'c101 80']
      .map(masked)
      .join(''),
  )
  for (const chunks of everySplit(bytes)) {
    assert.deepEqual(feed(new Connection(settings(), doubling), chunks), [
      { binary: '01020102' },
      { ping: '' },
      { binary: '01020102' },
      { text: 'aa' },
      { text: 'abab' },
      { text: 'c' },
      { close: 1007, error: 'invalid-utf8' },
    ])
  }
})

test('RFC 7692 §7.2.2: what cannot be inflated fails the connection with 1007', () => {
  const connection = new Connection(settings(), doubling)
  const heard = feed(connection, [hex(masked('c201 ff'))])
  assert.deepEqual(heard, [{ close: 1007, error: 'invalid-deflate' }])
  assert.equal(sent(connection), '880203ef')
})

test('a compressed message may be a little longer than the largest, and not more; a plain one may not', () => {
  const first = (frames: string): Heard[] =>
    feed(new Connection(settings({ maxPayloadBytes: 8 }), doubling), [hex(masked(frames))])
  assert.deepEqual(first('c209 000000000000000000').length, 1)
  assert.deepEqual(first('c24a'), [{ close: 1009, error: 'too-large' }])
  assert.deepEqual(first('8209'), [{ close: 1009, error: 'too-large' }])
  assert.deepEqual(first('4209 000000000000000000'), [])
})

test('parts are given out as they arrive, each message to its last', () => {
  const frames = '0203 010203, 8900, 8001 04, 8200, 0101 e2, 0002 82ac, 8000, c201 05, c101 61, 0200, 8001 06'
  const bytes = hex(frames.split(',').map(masked).join(''))
  for (const chunks of everySplit(bytes)) {
    const connection = new Connection(settings(), doubling)
    connection.parts = true
    const parts = feed(connection, chunks)
    assert.deepEqual(parts.filter((part) => 'ping' in part).length, 1)
    const messages = ['']
    for (const { part, last } of parts as { part?: string; last?: boolean }[]) {
      if (part !== undefined) messages[messages.length - 1] += part
      if (last === true) messages.push('')
    }
    assert.deepEqual(messages, ['01020304', '', 'e282ac', '0505', '6161', '06', ''])
  }
})

test('parts of text are refused at the byte where they are no text, compressed ones when they are complete', () => {
  const fails = (frames: string): unknown => {
    const connection = new Connection(settings(), doubling)
    connection.parts = true
    return feed(connection, [hex(masked(frames))]).at(-1)
  }
  assert.deepEqual(fails('0102 61c0'), { close: 1007, error: 'invalid-utf8' })
  assert.deepEqual(fails('8101 e2'), { close: 1007, error: 'invalid-utf8' })
  assert.deepEqual(fails('c101 e2'), { close: 1007, error: 'invalid-utf8' })
})

test('a message in parts is bounded too', () => {
  const connection = new Connection(settings({ maxPayloadBytes: 3 }))
  connection.parts = true
  const frames = ['0202 0102', '8002 0304'].map(masked).join('')
  assert.deepEqual(feed(connection, [hex(frames)]), [
    { part: '0102', text: false, last: false },
    { close: 1009, error: 'too-large' },
  ])
})
