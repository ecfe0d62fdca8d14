/**
 * Networks that spoil a transport: messages flow all the same, and the client says why it chose what it chose.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import { type Client, type ClientState, connect } from 'holdfast'
import { NetworkProxy } from 'holdfast/network'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { Milestones } from './milestones.ts'

let server: HoldfastServer
let port: number

before(async () => {
  server = createServer({ limits: { acceptsPerSecond: Infinity, connectionsPerAddress: Infinity } })
  port = (await server.listen()).port
})
after(() => server.close())

/** Fulfilled with the first state of which `wanted` is true. */
const stateOf = (client: Client, wanted: (state: ClientState) => boolean): Promise<ClientState> =>
  new Promise((resolve) => {
    const off = client.on('state', check)
    function check(state: ClientState): void {
      if (!wanted(state)) return
      off()
      resolve(state)
    }
    if (wanted(client.state)) queueMicrotask(() => check(client.state))
  })

/** Publishes both ways through a spoiled network, and returns how the client stands then. */
const flowThrough = async (channel: string, client: Client, count: number): Promise<ClientState> => {
  const received: unknown[] = []
  const milestones = new Milestones()
  const subscription = client.channel(channel).subscribe({ from: 'start' }, ({ data }) => {
    received.push(data)
    milestones.reach(received.length)
  })
  await subscription.ready
  for (let i = 0; i < count; i += 2) {
    await server.publish(channel, i)
    await client.channel(channel).publish(i + 1)
    await milestones.at(i + 2)
  }
  assert.deepEqual(
    received,
    Array.from({ length: count }, (_, i) => i),
  )
  const { lost, duplicated, gaps } = client.state.counts
  assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
  return client.state
}

const closing = (t: { after(fn: () => unknown): void }, client: Client, proxy: NetworkProxy): void =>
  t.after(async () => {
    client.close()
    await proxy.close()
  })

test('CO: behind a proxy that strips Upgrade, SSE takes over at once and says why', async (t) => {
  const proxy = new NetworkProxy({ target: { port }, conditions: { upgrade: 'stripped' } })
  const client = connect((await proxy.listen()).url)
  closing(t, client, proxy)
  const state = await flowThrough('stripped', client, 20)
  assert.equal(state.transport, 'sse')
  assert.match(state.why.text, /WebSocket/)
  t.diagnostic(state.why.text)
})

test('what such a proxy leaves of an opening handshake is answered with 426 (RFC 9110 §15.5.22)', async (t) => {
  const proxy = new NetworkProxy({ target: { port }, conditions: { upgrade: 'stripped' } })
  t.after(() => proxy.close())
  const asked = request(`${(await proxy.listen()).url}/ws`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    },
  })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 426)
  answer.resume()
})

test('CO: behind a proxy that accepts the WebSocket and says nothing, SSE after 3 s and says why', async (t) => {
  const proxy = new NetworkProxy({ target: { port }, conditions: { upgrade: 'swallowed' } })
  const client = connect((await proxy.listen()).url)
  closing(t, client, proxy)
  const state = await flowThrough('swallowed', client, 20)
  assert.equal(state.transport, 'sse')
  assert.match(state.why.text, /did not answer hello within 3 s/)
  t.diagnostic(state.why.text)
})

test(
  'CO: behind a proxy that cuts every 3 s, messages flow over a transport that lives with it',
  { timeout: 60_000 },
  async (t) => {
    const proxy = new NetworkProxy({ target: { port }, conditions: { cutEveryMs: 3_000 } })
    const client = connect((await proxy.listen()).url, { backoff: { minMs: 10, maxMs: 100 } })
    closing(t, client, proxy)
    const received: number[] = []
    client.channel<number>('cut').subscribe({ from: 'start' }, ({ data }) => received.push(data))
    let published = 0
    const publisher = setInterval(() => void server.publish('cut', published++), 20)
    t.after(() => clearInterval(publisher))
    // Two deaths demote a transport: WebSocket, then SSE. Long polls that are cut ask for shorter holds.
    const state = await stateOf(
      client,
      ({ status, transport }) => status === 'connected' && transport.includes('polling'),
    )
    assert.match(state.why.text, /SSE|WebSocket/)
    t.diagnostic(state.why.text)
    const soon = received.length + 300
    const milestones = new Milestones()
    client.channel('cut').subscribe({ from: 'start' }, () => milestones.reach(received.length))
    await milestones.at(soon)
    assert.ok(proxy.traffic.cuts >= 4, `${proxy.traffic.cuts} cuts`)
    assert.ok(
      received.every((value, index) => value === index),
      'in order, once each',
    )
    const { lost, duplicated, gaps } = client.state.counts
    assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
  },
)
