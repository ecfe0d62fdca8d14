/**
 * A client's connection through its life: waiting for a node that is not there yet, changing its transport, coming
 * back to a better one, tokens, and an end that leaves nothing running.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { type Client, type ClientState, connect, type TransportName } from 'holdfast'
import { NetworkProxy } from 'holdfast/network'
import { createServer, type HoldfastServer, MemoryBroker, type ServerOptions } from 'holdfast/server'
import { certificate } from '../server/certificate.ts'
import { Detour } from './detour.ts'

const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']
type Options = NonNullable<Parameters<typeof connect>[1]>

const QUICK: Options = { backoff: { minMs: 5, maxMs: 50 }, pollIntervalMs: 10 }
const LIMITS = { commandsPerSecond: 10_000, commandBurst: 10_000, acceptsPerSecond: 10_000 }

/** Fulfilled with the first state of which `wanted` is true. */
const stateOf = (client: Client, wanted: (state: ClientState) => boolean): Promise<ClientState> =>
  new Promise((resolve) => {
    const check = (state: ClientState): void => {
      if (!wanted(state)) return
      stop()
      resolve(state)
    }
    const stop = client.on('state', check)
    check(client.state)
  })

const serve = async (
  t: TestContext,
  options: ServerOptions = {},
): Promise<{ server: HoldfastServer; port: number; url: string }> => {
  const server = createServer({ limits: LIMITS, ...options })
  const { port, url } = await server.listen()
  t.after(() => server.close())
  return { server, port, url }
}

const open = (t: TestContext, url: string, options: Options = {}): Client => {
  const client = connect(url, { ...QUICK, ...options })
  t.after(() => client.close())
  return client
}

for (const transport of TRANSPORTS) {
  test(`${transport}: what is published while no node is there arrives once, in order, when one comes`, async (t) => {
    // A port that nobody listens on yet.
    const broker = new MemoryBroker()
    const first = createServer({ broker, limits: LIMITS })
    const { port, url } = await first.listen()
    await first.close()
    const client = open(t, url, { transport })
    const channel = client.channel<number>('offline')
    const seen: number[] = []
    channel.subscribe({ from: 'start' }, ({ data }) => seen.push(data))
    const published = Promise.all([1, 2, 3].map((value) => channel.publish(value)))
    const waiting = await stateOf(client, ({ status }) => status === 'waiting')
    assert.equal(waiting.outbox, 3)
    assert.ok(waiting.error)
    await assert.rejects(channel.publish(4, { expect: `0mabcdef01234_${'0'.repeat(16)}` }), {
      code: 'offline',
    })

    const second = createServer({ broker, limits: LIMITS })
    await second.listen({ port })
    t.after(() => second.close())
    await published
    await stateOf(client, () => seen.length === 3)
    assert.deepEqual(seen, [1, 2, 3])
    assert.equal((await channel.history()).top, 3)
  })

  test(
    `${transport}: when the network changes, a connection that is dead is noticed in seconds`,
    { timeout: 20_000 },
    async (t) => {
      const platform = new EventTarget()
      const { addEventListener } = platform
      Object.assign(globalThis, { addEventListener: addEventListener.bind(platform) })
      t.after(() => Reflect.deleteProperty(globalThis, 'addEventListener'))
      const { server, port } = await serve(t)
      const detour = new Detour(port)
      t.after(() => detour.close())
      const client = open(t, await detour.listen(), { transport })
      const seen: number[] = []
      client.channel<number>('moving').subscribe(({ data }) => seen.push(data))
      await server.publish('moving', 1)
      await stateOf(client, ({ status }) => status === 'connected')
      await client.channel('moving').publish(2)
      await stateOf(client, () => seen.at(-1) === 2)
      detour.freeze()
      await server.publish('moving', 3)
      platform.dispatchEvent(new Event('online'))
      await stateOf(client, () => seen.at(-1) === 3)
      assert.equal(client.state.counts.lost, 0)
    },
  )

  test(`${transport}: a node that goes away and comes back is found again, and nothing is missed`, async (t) => {
    const broker = new MemoryBroker()
    const first = createServer({ broker, limits: LIMITS })
    const { port, url } = await first.listen()
    const client = open(t, url, { transport })
    const channel = client.channel<number>('restart')
    const seen: number[] = []
    await channel.subscribe({ from: 'start' }, ({ data }) => seen.push(data)).ready
    await channel.publish(1)
    await first.close({ graceMs: 10 })
    const second = createServer({ broker, limits: LIMITS })
    await second.listen({ port })
    t.after(() => second.close())
    await second.publish('restart', 2)
    await channel.publish(3)
    await stateOf(client, () => seen.length === 3)
    assert.deepEqual(seen, [1, 2, 3])
    const { lost, duplicated } = client.state.counts
    assert.deepEqual([lost, duplicated], [0, 0])
  })
}

test('every change from one transport to another, with publications and calls under way, loses nothing', async (t) => {
  const { server, url } = await serve(t)
  server.handle('echo', (params) => params)
  const client = open(t, url, { transport: 'websocket' })
  const channel = client.channel<number>('switching')
  const seen: number[] = []
  await channel.subscribe({ from: 'start' }, ({ data }) => seen.push(data)).ready
  const pending: Promise<unknown>[] = []
  let next = 0
  for (const from of TRANSPORTS) {
    for (const to of TRANSPORTS) {
      await client.use(from)
      pending.push(channel.publish(next++), channel.publish(next++), client.call('echo', next))
      await client.use(to)
      assert.equal(client.state.transport, to)
      pending.push(channel.publish(next++))
    }
  }
  await Promise.all(pending)
  await stateOf(client, () => seen.length === next)
  assert.deepEqual(
    seen,
    Array.from({ length: next }, (_, index) => index),
  )
  const { lost, duplicated, gaps, switches } = client.state.counts
  assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
  assert.equal(switches, 23)
})

test('a transport that cannot be had is reported, and what was in use stays', async (t) => {
  const { port } = await serve(t)
  const proxy = new NetworkProxy({ target: { port }, conditions: { upgrade: 'stripped' } })
  t.after(() => proxy.close())
  const client = open(t, (await proxy.listen()).url, { transport: 'sse' })
  await client.channel('stays').subscribe().ready
  await assert.rejects(client.use('websocket'), { code: 'upgrade_refused' })
  assert.deepEqual([client.state.transport, client.state.wanted], ['sse', 'sse'])
  await client.use('auto')
  assert.equal(client.state.transport, 'sse')
  assert.equal(client.state.why.code, 'fell_back')
  assert.match(client.state.why.text, /^WebSocket could not be opened .*, so SSE$/)
})

test('another wish ends the one before it', async (t) => {
  const { url } = await serve(t)
  const client = open(t, url, { transport: 'websocket' })
  const first = client.use('sse')
  const second = client.use('polling')
  await assert.rejects(first, { code: 'superseded' })
  await second
  assert.equal(client.state.transport, 'polling')
})

test('WebSocket is tried again in the background, and takes over once it has proved itself', async (t) => {
  const { port } = await serve(t)
  const spoiled = new NetworkProxy({ target: { port }, conditions: { upgrade: 'swallowed' } })
  const detour = new Detour(Number(new URL((await spoiled.listen()).url).port))
  const options = { helloTimeoutMs: 1_000, provenAfterMs: 50, probeIntervalMs: 50 }
  const client = open(t, await detour.listen(), options)
  t.after(() => detour.close())
  t.after(() => spoiled.close())
  const channel = client.channel<number>('probe')
  const seen: number[] = []
  await channel.subscribe({ from: 'start' }, ({ data }) => seen.push(data)).ready
  await channel.publish(1)
  const fallen = await stateOf(
    client,
    ({ status, transport }) => status === 'connected' && transport === 'sse',
  )
  assert.equal(fallen.why.text, 'WebSocket did not answer hello within 1 s, so SSE')
  detour.target = port
  const back = await stateOf(client, ({ transport }) => transport === 'websocket')
  assert.deepEqual(back.why, { code: 'probed', text: 'WebSocket works now' })
  await channel.publish(2)
  await stateOf(client, () => seen.length === 2)
  assert.deepEqual(seen, [1, 2])
  assert.equal(client.state.counts.duplicated, 0)
})

test('a long poll whose holds are cut asks for shorter ones, and stays', async (t) => {
  const { server, port } = await serve(t)
  const proxy = new NetworkProxy({ target: { port }, conditions: { cutEveryMs: 1_500 } })
  const client = open(t, (await proxy.listen()).url, { transport: 'long-polling' })
  t.after(() => proxy.close())
  const channel = client.channel<number>('held')
  const seen: number[] = []
  await channel.subscribe({}, ({ data }) => seen.push(data)).ready
  const connected: string[] = []
  client.on('state', ({ status }) => connected.push(status))
  await new Promise<void>((resolve) => {
    const watch = setInterval(() => {
      if (proxy.traffic.cuts < 2) return
      clearInterval(watch)
      resolve()
    }, 20)
  })
  await server.publish('held', 1)
  await stateOf(client, () => seen.length === 1)
  assert.ok(connected.every((status) => status === 'connected'))
})

test('a call whose answer is lost is reported so; publications around it are not', async (t) => {
  const { server, port } = await serve(t)
  const proxy = new NetworkProxy({ target: { port } })
  const client = open(t, (await proxy.listen()).url, { transport: 'websocket' })
  t.after(() => proxy.close())
  await stateOf(client, ({ status }) => status === 'connected')
  let ran = 0
  server.handle('count', () => {
    void proxy.cutInMidAnswer(1)
    return ++ran
  })
  await assert.rejects(client.call('count'), { code: 'outcome_unknown' })
  assert.equal(ran, 1)
})

test('a fresh token is got for each connection, and one that is no good is told', async (t) => {
  const tokens = ['stale', 'good', 'good']
  let asked = 0
  const { url } = await serve(t, {
    authenticate: ({ token }) => (token === 'good' ? { user: 'ada' } : null),
  })
  const client = open(t, url, { token: async () => tokens[asked++] as string, transport: 'websocket' })
  const state = await stateOf(client, ({ status }) => status === 'connected')
  assert.deepEqual([asked, state.member], [2, 'ada'])

  const errors: unknown[] = []
  const fixed = open(t, url, { token: 'bad', onError: (error) => errors.push(error) })
  const ended = await fixed.channel('c').subscribe().ended
  assert.equal(ended.why, 'refused')
  assert.equal(fixed.state.status, 'closed')
  assert.equal((fixed.state.error as { refusal?: { code: string } }).refusal?.code, 'unauthenticated')
})

test("over the platform's own WebSocket, as in a browser: JSON and bytes, and a refused upgrade", async (t) => {
  const { port, url } = await serve(t, { rules: [{ pattern: 'bytes', contentType: 'bytes' }] })
  const client = open(t, url, { WebSocket: globalThis.WebSocket })
  const bytes = Uint8Array.of(0, 255, 1)
  await client.channel('bytes').publish(bytes)
  await client.channel('json').publish({ a: 1 })
  for await (const { data } of client.channel('bytes').subscribe({ from: 'start' })) {
    assert.deepEqual(data, bytes)
    break
  }
  assert.equal(client.state.transport, 'websocket')
  const proxy = new NetworkProxy({ target: { port }, conditions: { upgrade: 'stripped' } })
  t.after(() => proxy.close())
  const fallen = open(t, (await proxy.listen()).url, { WebSocket: globalThis.WebSocket })
  const { why } = await stateOf(fallen, ({ status }) => status === 'connected')
  assert.deepEqual([fallen.state.transport, why.code], ['sse', 'fell_back'])
})

test('over TLS, each transport: wss:// with its own options, https:// with a fetch that trusts the same', async (t) => {
  const { cert, key } = certificate()
  const server = createServer({ limits: LIMITS })
  const { url } = await server.listen({ tls: { cert, key } })
  t.after(() => server.close())
  for (const transport of TRANSPORTS) {
    const client = open(t, url.replace(/^https/, 'wss'), { transport, tls: { ca: cert } })
    const channel = client.channel<string>('tls')
    const { cursor } = await channel.publish(transport)
    const { publications } = await channel.history({ from: { last: 1 } })
    assert.deepEqual([publications[0]?.data, publications[0]?.cursor], [transport, cursor])
  }
})

test('closing settles what is under way', async (t) => {
  const { url } = await serve(t)
  const client = open(t, url)
  const subscription = client.channel('closing').subscribe()
  await subscription.ready
  const next = subscription[Symbol.asyncIterator]().next()
  client.close()
  assert.deepEqual(await next, { done: true, value: undefined })
  assert.equal(client.state.status, 'closed')
  await assert.rejects(client.use('sse'), { code: 'client_closed' })
  await assert.rejects(client.call('x'), { code: 'client_closed' })
  await assert.rejects(client.channel('closing').publish(1), { code: 'client_closed' })
  client.close()
})

test('a process whose client is closed ends by itself, whatever the transport', async (t) => {
  const { url } = await serve(t)
  const run = promisify(execFile)
  await Promise.all(
    TRANSPORTS.map(async (transport) => {
      const script = `
        import { connect } from 'holdfast'
        const client = connect(${JSON.stringify(url)}, { transport: '${transport}' })
        const channel = client.channel('exit')
        await channel.subscribe().ready
        await channel.publish(1)
        client.close()`
      const options = { timeout: 20_000, killSignal: 'SIGKILL' } as const
      await run(
        process.execPath,
        ['--conditions', 'holdfast-source', '--input-type=module', '-e', script],
        options,
      )
    }),
  )
})
