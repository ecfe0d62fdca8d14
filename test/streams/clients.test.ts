/**
 * Clients that nobody here wrote, through connections that are cut in the middle of an answer: nothing is lost, and
 * nothing comes twice.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { DurableStream, IdempotentProducer, stream } from '@durable-streams/client'
import { EventSource } from 'eventsource'
import { type Client, connect } from 'holdfast'
import { NetworkProxy } from 'holdfast/network'
import { BROKERS } from './brokers.ts'
import { nextOf, onNode, SseReader, StreamsUnderTest } from './stream-under-test.ts'

const COUNT = 300
const CUT_EVERY_MS = 120

interface Numbered {
  readonly n: number
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** So that a run outlasts a number of cuts. */
const pace = (n: number): Promise<void> =>
  n % 2 === 0 ? new Promise((resolve) => setTimeout(resolve, 4)) : Promise.resolve()

/** Sends a request again until there is an answer, as a producer may: its sequence makes it once. */
const persistent: typeof fetch = async (...request) => {
  for (;;) {
    try {
      return await fetch(...request)
    } catch (error) {
      // What `fetch` throws where there was no answer.
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** What is heard, until it is as much as was said. */
class Heard {
  readonly numbers: number[] = []
  readonly all: Promise<void>
  readonly #count: number
  readonly #done: () => void

  constructor(count: number) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#count = count
    this.all = promise
    this.#done = resolve
  }

  add(items: readonly Numbered[]): void {
    for (const { n } of items) this.numbers.push(n)
    if (this.numbers.length >= this.#count) this.#done()
  }
}

class Scene {
  readonly streams: StreamsUnderTest
  readonly #context: TestContext

  constructor(streams: StreamsUnderTest, context: TestContext) {
    this.streams = streams
    this.#context = context
  }

  /** The same streams behind a proxy that resets each connection when it is this old. */
  async behindCuts(cutEveryMs: number = CUT_EVERY_MS): Promise<[StreamsUnderTest, NetworkProxy]> {
    const { port } = this.streams.node
    const proxy = new NetworkProxy({ target: { port }, conditions: { cutEveryMs } })
    this.#context.after(() => proxy.close())
    return [new StreamsUnderTest(this.streams.node, (await proxy.listen()).url), proxy]
  }

  connect(): Client {
    const client = connect(this.streams.node.url, { transport: 'websocket' })
    this.#context.after(() => client.close())
    return client
  }

  /** Publishes 0, 1, 2 … over a WebSocket, each when the one before is acknowledged. */
  async publish(channel: string, count: number = COUNT): Promise<void> {
    const client = this.connect()
    for (const n of numbers(count)) {
      await client.channel(channel).publish({ n })
      await pace(n)
    }
    client.close()
  }

  source(url: string): EventSource {
    const source = new EventSource(url)
    this.#context.after(() => source.close())
    return source
  }

  /** Follows with the client; where it gives up, it is begun again at the offset that it had last. */
  async follow(url: string, live: 'sse' | 'long-poll', heard: Heard): Promise<void> {
    const abort = new AbortController()
    this.#context.after(() => abort.abort())
    let offset = '-1'
    let done = false
    void heard.all.then(() => (done = true))
    while (!done) {
      try {
        const response = await stream<Numbered>({
          url,
          offset,
          live,
          signal: abort.signal,
          backoffOptions: { initialDelay: 10, maxDelay: 50, multiplier: 2 },
          sseResilience: { minConnectionDuration: 0 },
        })
        response.subscribeJson((batch) => {
          offset = batch.offset
          heard.add(batch.items)
        })
        await Promise.race([response.closed, heard.all])
      } catch (error) {
        // A reset in mid-answer: the client tells it and stops.
        assert.ok(error instanceof TypeError, String(error))
      }
    }
    abort.abort()
  }
}

for (const { name, open } of BROKERS) {
  const scene = (title: string, act: (scene: Scene) => Promise<void>, limits = {}): void => {
    test(`${title} (${name})`, { timeout: 60_000 }, async (context) => {
      const { broker, close } = await open()
      const play = (streams: StreamsUnderTest): Promise<void> => act(new Scene(streams, context))
      const generous = { commandsPerSecond: 10_000, commandBurst: 10_000 }
      await onNode(play, { broker, limits: { ...generous, ...limits } })()
      await close()
    })
  }

  for (const live of ['sse', 'long-poll'] as const) {
    scene(`@durable-streams/client follows by ${live} what a WebSocket publishes`, async (on) => {
      const [through, proxy] = await on.behindCuts()
      await on.streams.put('followed')
      const heard = new Heard(COUNT)
      const followed = on.follow(through.url('followed'), live, heard)
      await on.publish('followed')
      await followed
      assert.deepEqual(heard.numbers, numbers(COUNT))
      assert.ok(proxy.traffic.cuts > 0, 'connections were cut')
    })
  }

  scene(
    '@durable-streams/client comes back by itself when an SSE answer has ended',
    async (on) => {
      await on.streams.put('followed')
      const heard = new Heard(COUNT)
      const followed = on.follow(on.streams.url('followed'), 'sse', heard)
      await on.publish('followed')
      await followed
      assert.deepEqual(heard.numbers, numbers(COUNT))
    },
    { sseLifetimeMs: 50 },
  )

  scene('an EventSource that is cut off goes on where it was', async (on) => {
    const [through, proxy] = await on.behindCuts()
    await on.streams.put('sourced')
    const source = on.source(through.url('sourced?offset=-1&live=sse'))
    const heard = new Heard(COUNT)
    source.addEventListener('data', ({ data }) => heard.add(JSON.parse(data as string) as Numbered[]))
    await on.publish('sourced')
    await heard.all
    source.close()
    assert.deepEqual(heard.numbers, numbers(COUNT))
    assert.ok(proxy.traffic.cuts > 0, 'connections were cut')
  })

  scene('an EventSource stops coming back when the stream is closed', async (on) => {
    await on.streams.put('ends', undefined, '[1]')
    const source = on.source(on.streams.url('ends?offset=-1&live=sse'))
    await once(source, 'data')
    await on.streams.ask('POST', 'ends', { headers: { 'stream-closed': 'true' } })
    while (source.readyState !== source.CLOSED) await once(source, 'error')
  })

  scene('an idempotent producer sends again what was cut off, and it is there once', async (on) => {
    const [through, proxy] = await on.behindCuts()
    await on.streams.put('produced')
    const handle = new DurableStream({ url: through.url('produced'), contentType: 'application/json' })
    const errors: Error[] = []
    const producer = new IdempotentProducer(handle, 'producer-1', {
      fetch: persistent,
      lingerMs: 1,
      maxBatchBytes: 64,
      maxInFlight: 4,
      onError: (error) => errors.push(error),
    })
    const heard = new Heard(COUNT)
    const subscriber = on.connect()
    subscriber.channel<Numbered>('produced').subscribe({ from: '-1' }, ({ data }) => heard.add([data]))
    for (const n of numbers(COUNT)) {
      producer.append(JSON.stringify({ n }))
      await pace(n)
    }
    await producer.flush()
    await producer.detach()
    assert.deepEqual(errors, [])
    await heard.all
    subscriber.close()
    assert.deepEqual(heard.numbers, numbers(COUNT))
    assert.ok(proxy.traffic.cuts > 0, 'connections were cut')
  })

  scene(
    'an answer that is cut in the middle of an event is taken up behind the last whole one',
    async (on) => {
      const [through, proxy] = await on.behindCuts(0)
      const made = await on.streams.put('cut', undefined, '[1]')
      const first = await SseReader.open(through.url('cut?offset=-1&live=sse'))
      const { id } = await first.until('control')
      assert.equal(id, nextOf(made))
      const cut = proxy.cutInMidAnswer(20)
      await on.streams.post('cut', '[2,3]')
      await cut
      await assert.rejects(async () => {
        while ((await first.next()) !== undefined);
      })
      const second = await SseReader.open(through.url('cut?offset=-1&live=sse'), { 'last-event-id': id })
      assert.equal((await second.until('data')).data, '[2,3]')
      second.close()
    },
  )
}
