/** One log, two faces: what a stream's client appends reaches every transport at the same offsets, and back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, type Publication, type TransportName } from 'holdfast'
import { eventually } from '../server/node-under-test.ts'
import { BROKERS } from './brokers.ts'
import { nextOf, onNode, SseReader, type StreamsUnderTest } from './stream-under-test.ts'

const BYTES = { 'content-type': 'application/octet-stream' }

/** Takes `count` publications off a subscription. */
const take = async (publications: AsyncIterable<Publication>, count: number): Promise<Publication[]> => {
  const taken: Publication[] = []
  for await (const publication of publications) {
    taken.push(publication)
    if (taken.length === count) break
  }
  return taken
}

for (const { name, open } of BROKERS) {
  const both = (title: string, act: (streams: StreamsUnderTest) => Promise<void>): void => {
    test(`${title} (${name})`, { timeout: 20_000 }, async () => {
      const { broker, close } = await open()
      await onNode(act, { broker })()
      await close()
    })
  }

  for (const transport of ['websocket', 'sse', 'long-polling', 'polling'] satisfies TransportName[]) {
    both(`what is appended to a stream reaches a subscriber over ${transport}`, async (streams) => {
      const made = await streams.put('both', undefined, '[{"n":1},{"n":2}]')
      const client = connect(streams.node.url, { transport, pollIntervalMs: 20 })
      const subscription = client.channel('both').subscribe({ from: '-1' })
      await subscription.ready
      const later = await streams.post('both', '{"n":3}')
      const taken = await take(subscription, 3)
      assert.deepEqual(
        taken.map(({ data }) => data),
        [{ n: 1 }, { n: 2 }, { n: 3 }],
      )
      assert.deepEqual(
        taken.map(({ cursor }) => cursor),
        [taken[0]?.cursor, nextOf(made), nextOf(later)],
      )
      client.close()
    })
  }

  both('what is published over a WebSocket is read from the stream, at the same offsets', async (streams) => {
    await streams.put('both')
    const client = connect(streams.node.url, { transport: 'websocket' })
    const start = nextOf(await streams.head('both'))
    const held = streams.get(`both?offset=${start}&live=long-poll`)
    const sse = await SseReader.open(streams.url(`both?offset=${start}&live=sse`))
    await sse.until('control')
    const { cursor } = await client.channel('both').publish({ by: 'websocket' })
    for (const answer of [await held, await streams.get(`both?offset=${start}`)]) {
      assert.deepEqual([answer.text, nextOf(answer)], ['[{"by":"websocket"}]', cursor])
    }
    const data = await sse.until('data')
    assert.deepEqual([data.data, data.id], ['[{"by":"websocket"}]', cursor])
    assert.equal(nextOf(await streams.head('both')), cursor)
    sse.close()
    client.close()
  })

  both('bytes are bytes on both faces', async (streams) => {
    await streams.put('bytes', BYTES)
    const client = connect(streams.node.url, { transport: 'websocket' })
    const subscription = client.channel('bytes').subscribe({ from: '-1' })
    await subscription.ready
    await streams.post('bytes', Uint8Array.of(0, 1, 255), BYTES)
    await client.channel('bytes').publish(Uint8Array.of(254))
    const taken = await take(subscription, 2)
    assert.deepEqual(
      taken.map(({ data }) => Array.from(data as Uint8Array)),
      [[0, 1, 255], [254]],
    )
    const read = await fetch(streams.url('bytes'))
    assert.deepEqual([...new Uint8Array(await read.arrayBuffer())], [0, 1, 255, 254])
    client.close()
  })

  both('a channel that was made by publishing is a stream of its content type', async (streams) => {
    await streams.node.server.publish('made', { a: 1 })
    const read = await streams.get('made')
    assert.deepEqual([read.text, read.headers.get('content-type')], ['[{"a":1}]', 'application/json'])
    assert.equal((await streams.put('made')).status, 200)
    assert.equal((await streams.post('made', '"b"')).status, 204)
    assert.equal((await streams.get('made')).text, '[{"a":1},"b"]')
  })

  both(
    'whoever waits at a stream that is deleted is told: 404, and the end of an SSE answer',
    async (streams) => {
      const next = nextOf(await streams.put('going'))
      const held = streams.get(`going?offset=${next}&live=long-poll`)
      const sse = await SseReader.open(streams.url(`going?offset=${next}&live=sse`))
      await sse.until('control')
      await eventually(() => streams.node.server.stats().held === 1, 'it is held')
      await streams.ask('DELETE', 'going')
      assert.deepEqual([(await held).status, await sse.next()], [404, undefined])
    },
  )

  both(
    'closing a stream ends subscriptions; deleting it does, and the next life has other offsets',
    async (streams) => {
      const client = connect(streams.node.url, { transport: 'websocket' })
      for (const [method, why] of [
        ['POST', 'closed'],
        ['DELETE', 'deleted'],
      ] as const) {
        const made = await streams.put(why)
        const subscription = client.channel(why).subscribe({ from: nextOf(made) })
        await subscription.ready
        const headers = method === 'POST' ? { 'stream-closed': 'true' } : {}
        assert.equal((await streams.ask(method, why, { headers })).status, 204)
        assert.equal((await subscription.ended).why, why)
      }
      client.close()
      const old = nextOf(await streams.put('again', undefined, '[1,2,3]'))
      await streams.ask('DELETE', 'again')
      assert.equal((await streams.get(`again?offset=${old}`)).status, 404)
      const young = await streams.put('again', undefined, '[4,5,6]')
      assert.ok(nextOf(young) > old, 'later lives sort later')
      for (const live of ['', '&live=long-poll', '&live=sse']) {
        const gone = await streams.get(`again?offset=${old}${live}`)
        assert.deepEqual([gone.status, gone.code], [410, 'bad_cursor'])
        const earliest = gone.headers.get('stream-earliest-offset')
        assert.equal((await streams.get(`again?offset=${earliest}`)).text, '[4,5,6]')
      }
    },
  )
}
