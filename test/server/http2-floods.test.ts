/** What only HTTP/2 lets a client do to a node: streams in numbers, streams that nobody reads, heads without end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2'
import { setImmediate as turn } from 'node:timers/promises'
import { hostile } from './hostile.ts'
import { openSession } from './http2-client.ts'
import { eventually, type NodeUnderTest, STREAM_SCHEMES } from './node-under-test.ts'

const POST = { ':method': 'POST', ':path': '/session', 'content-type': 'application/json' }

/** A stream that is asked for and whose failures are looked at by whoever asked. */
const open = (session: ClientHttp2Session, fields: object, body?: string): ClientHttp2Stream => {
  const stream = session.request(fields as never, { endStream: body === undefined })
  stream.on('error', () => undefined)
  if (body !== undefined) stream.end(body)
  return stream
}

/** Its end, however it came to it. */
const closed = (each: ClientHttp2Session | ClientHttp2Stream): Promise<unknown> =>
  new Promise((resolve) => each.once('close', resolve))

/** How long somebody else waits for an answer, at worst, while `act` goes on. */
const worstLatencyMs = async (node: NodeUnderTest, act: () => Promise<void>): Promise<number> => {
  let over = false
  const acting = act().finally(() => (over = true))
  let worst = 0
  while (!over) {
    const began = performance.now()
    const response = await fetch(`${node.url}/healthz`)
    await response.text()
    worst = Math.max(worst, performance.now() - began)
    await turn()
  }
  await acting
  return worst
}

const floods = (name: string, act: (node: NodeUnderTest) => Promise<void>, options = {}): void =>
  hostile(name, act, { schemes: STREAM_SCHEMES, ...options })

floods(
  'held polls that are reset at once, by the thousand, leave no waiter and harm nobody',
  async (node) => {
    const cursor = await node.server.publish('a', 0)
    const body = JSON.stringify({ subscribe: { a: { from: cursor } }, live: 'long-poll' })
    const worst = await worstLatencyMs(node, async () => {
      for (let sessions = 0; sessions < 5; sessions++) {
        const session = await openSession(node.url)
        const ended = closed(session)
        for (let count = 0; count < 500 && !session.destroyed && !session.closed; count++) {
          const stream = open(session, POST, body)
          stream.close(constants.NGHTTP2_CANCEL)
          if (count % 50 === 49) await turn()
        }
        session.destroy()
        await ended
      }
    })
    assert.ok(worst < 1_000, `a bystander waited for ${worst} ms`)
    await eventually(() => node.server.stats().streams === 0, 'no stream is left')
  },
)

const frame = (type: number, flags: number, stream: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

hostile(
  'rapid reset beyond what Node lets pass ends the session, and only that',
  async (node) => {
    const connection = await node.connect()
    connection.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').send(frame(4, 0, 0, Buffer.alloc(0)))
    // POST, http, and literals for the path, the authority and the content type (RFC 7541 §6).
    const literals = [
      ['04', '/session'],
      ['01', `127.0.0.1:${node.port}`],
      ['0f10', 'application/json'],
    ] as const
    const fields = literals.map(([name, value]) =>
      Buffer.concat([Buffer.from(name, 'hex'), Buffer.from([value.length]), Buffer.from(value)]),
    )
    const head = Buffer.concat([Buffer.from('8386', 'hex'), ...fields])
    const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL])
    const pairs = (from: number): Buffer =>
      Buffer.concat(
        Array.from({ length: 100 }, (_, index) => {
          const stream = 2 * (from + index) + 1
          return Buffer.concat([frame(1, 4, stream, head), frame(3, 0, stream, cancel)])
        }),
      )
    const worst = await worstLatencyMs(node, async () => {
      for (let count = 0; count < 5_000 && !connection.ended; count += 100) {
        connection.send(pairs(count))
        await turn()
      }
      await connection.end()
    })
    assert.ok(worst < 1_000, `a bystander waited for ${worst} ms`)
    await eventually(() => node.server.stats().streams === 0, 'no stream is left')
  },
  { schemes: ['tcp'] },
)

floods(
  'streams that nobody reads are let go, and the others of their session go on',
  async (node) => {
    for (let value = 0; value < 40; value++) await node.server.publish('large', 'x'.repeat(60_000))
    const session = await openSession(node.url)
    const body = JSON.stringify({ subscribe: { large: { from: '-1' } }, live: 'sse' })
    const stuck = Array.from({ length: 20 }, () => open(session, POST, body))
    await eventually(() => node.server.stats().carriers === 21, 'all are served')
    const other = open(session, POST, '{}')
    const [headers] = (await once(other, 'response')) as [{ ':status'?: number }]
    assert.equal(headers[':status'], 200)
    other.close()
    // Nobody reads them: their windows are shut after 64 KiB, and the node lets go of them.
    await eventually(() => node.server.stats().carriers === 1, 'the node has let go of them', 10_000)
    assert.ok(stuck.every((stream) => stream.readableFlowing === null))
    session.destroy()
  },
  { limits: { stallMs: 1_000 } },
)

floods(
  'a poll whose answer nobody reads is let go',
  async (node) => {
    for (let value = 0; value < 5; value++) await node.server.publish('large', 'x'.repeat(60_000))
    const session = await openSession(node.url)
    const ask = JSON.stringify({ subscribe: { large: { from: '-1' } } })
    // What is not read on one stream takes of the window of all.
    const streams = Array.from({ length: 10 }, () => open(session, POST, ask))
    await eventually(() => node.server.stats().streams === streams.length, 'they are there')
    await eventually(() => node.server.stats().carriers === 1, 'the node has let go of them', 10_000)
    session.destroy()
  },
  { limits: { stallMs: 1_000 } },
)

floods('heads that are too large or too many are refused, and the session goes on', async (node) => {
  const session = node.session!
  const large = open(session, { ':path': '/healthz', 'x-large': 'x'.repeat(20_000) })
  await closed(large)
  assert.notEqual(large.rstCode, constants.NGHTTP2_NO_ERROR)
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`x-${index}`, '']))
  const flood = open(session, { ':path': '/healthz', ...many })
  await closed(flood)
  assert.notEqual(flood.rstCode, constants.NGHTTP2_NO_ERROR)
  assert.equal((await node.fetch('/healthz')).status, 200)
})

floods(
  '10,000 polls, each on a stream of its own, leave no stream, no waiter and no timer',
  async (node) => {
    const cursor = await node.server.publish('a', 0)
    const body = { subscribe: { a: { from: cursor } } }
    const poll = async (): Promise<void> => {
      const { status } = await node.post(body)
      assert.equal(status, 200)
    }
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    await poll()
    const before = timers()
    const worst = await worstLatencyMs(node, async () => {
      for (let round = 0; round < 200; round++) await Promise.all(Array.from({ length: 50 }, poll))
    })
    await eventually(() => node.server.stats().streams === 0, 'no stream is left')
    assert.equal(node.server.stats().connections, 2 + 1, 'one connection carried them')
    assert.ok(timers() <= before + 1, `${timers()} timers after ${before}`)
    assert.ok(worst < 1_000, `a bystander waited for ${worst} ms`)
  },
  // What TLS adds is no affair of the node's, and takes twice the time.
  { schemes: ['h2c'] },
)
