import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { encodeMessage } from './message.ts'
import { flushAll, Outbound, type OutboundOwner } from './outbound.ts'
import { HANDSHAKE, host, RawClient, Recorder } from './peers.test.ts'

const owner: OutboundOwner = {
  highWaterMarkBytes: 65_536,
  filled: () => undefined,
  progressed: () => undefined,
  emptied: () => undefined,
}

/** Keeps the very memory that it is given. */
class Taker extends Duplex {
  readonly taken: Buffer[] = []
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk)
    done()
  }
}

test('what a turn broadcasts leaves in one write per socket, also when more is sent than the slab holds', async (context) => {
  const server = await host(context, { handler: new Recorder() })
  const clients = Array.from({ length: 60 }, () => new RawClient(server.port).write(HANDSHAKE))
  const connections = await Promise.all(clients.map(() => server.next()))
  await Promise.all(clients.map((client) => client.frames(0)))
  const frames = Array.from({ length: 20 }, (_, n) => encodeMessage(`${n}`.padStart(110, '.')))
  const chunks = clients.map((client) => {
    const seen: number[] = []
    client.socket.on('data', (chunk: Buffer) => seen.push(chunk.length))
    return seen
  })
  for (const frame of frames) for (const connection of connections) connection.sendEncoded(frame)
  const expected = Buffer.concat(frames)
  for (const client of clients) {
    assert.equal(await client.frames(expected.length), expected.toString('hex'))
  }
  assert(chunks.every((seen) => seen.length === 1 && seen[0] === expected.length))
})

test('sockets that are sent the same in a turn share its bytes; one with something of its own does not', async () => {
  const streams = [new Taker(), new Taker(), new Taker(), new Taker()]
  const [first, second, third, other] = streams.map((stream) => new Outbound(stream, owner)) as [
    Outbound,
    Outbound,
    Outbound,
    Outbound,
  ]
  const frames = [encodeMessage('one'), encodeMessage('two'), encodeMessage('six')]
  for (const frame of frames) {
    for (const outbound of [first, second, other, third]) outbound.shared(frame)
    if (frame === frames[0]) other.text('own')
  }
  flushAll()
  const [a, b, c, d] = streams.map(({ taken }) => taken) as [Buffer[], Buffer[], Buffer[], Buffer[]]
  assert.deepEqual([a.length, b.length, c.length, d.length], [1, 1, 1, 1])
  assert.equal(a[0], b[0])
  assert.deepEqual(a[0], Buffer.concat(frames))
  assert.deepEqual(c[0], Buffer.concat(frames))
  assert.deepEqual(d[0], Buffer.concat([frames[0]!, encodeMessage('own'), frames[1]!, frames[2]!]))
})

test('large parts are not joined: they are written where they lie', async () => {
  const stream = new Taker()
  const outbound = new Outbound(stream, owner)
  const large = encodeMessage(Buffer.alloc(20_000, 7))
  outbound.shared(large)
  outbound.shared(encodeMessage('behind'))
  outbound.end()
  flushAll()
  await once(stream, 'finish')
  assert.equal(stream.taken[0], large)
  assert.deepEqual(Buffer.concat(stream.taken), Buffer.concat([large, encodeMessage('behind')]))
})

test('a large message of one’s own is written at once, behind what waits; small ones wait for the end of the turn', async () => {
  const stream = new Taker()
  const outbound = new Outbound(stream, owner)
  const [bytes, text] = [Buffer.alloc(20_000, 7), 'x'.repeat(20_000)]
  const taken = (): Buffer => Buffer.concat(stream.taken)
  outbound.text('before')
  assert.equal(taken().length, 0)
  outbound.frame(0x82, bytes)
  const first = Buffer.concat([encodeMessage('before'), encodeMessage(bytes)])
  assert.deepEqual(taken(), first)
  outbound.text(text)
  assert.deepEqual(taken(), Buffer.concat([first, encodeMessage(text)]))
  outbound.text('behind')
  outbound.end()
  assert.equal(taken().length, first.length + encodeMessage(text).length)
  await once(stream, 'finish')
  assert.deepEqual(taken(), Buffer.concat([first, encodeMessage(text), encodeMessage('behind')]))
})
