/** 1,000 held polls and 1,000 WebSockets on one channel: one publication reaches them all, and nothing is left. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { createServer } from 'holdfast/server'
import { dial, type SocketHandler, type WebSocketConnection } from 'holdfast/websocket'
import { Milestones } from './milestones.ts'

const EACH = 1_000
const CHANNEL = 'thousands'

test('LP: one publication reaches 1,000 held polls and 1,000 WebSockets', { timeout: 60_000 }, async (t) => {
  const server = createServer({ limits: { connectionsPerAddress: Infinity, acceptsPerSecond: Infinity } })
  const { url } = await server.listen()
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  t.after(() => server.close())
  const start = await server.publish(CHANNEL, 'before')

  const pushed: string[] = []
  const subscribed = new Milestones()
  const delivered = new Milestones()
  let confirmations = 0
  const handler: SocketHandler = {
    message: (_socket: WebSocketConnection, data: string | Uint8Array) => {
      const event = JSON.parse(String(data)) as { type: string; data?: string }
      if (event.type === 'subscribed') subscribed.reach(++confirmations)
      if (event.type !== 'publication') return
      pushed.push(event.data as string)
      delivered.reach(pushed.length)
    },
    close: () => undefined,
  }
  const sockets = await inBatches(EACH, () =>
    dial(`${url.replace('http', 'ws')}/ws`, { protocols: ['holdfast.v1.json'], handler }),
  )
  for (const socket of sockets) {
    socket.send('{"type":"hello","id":0,"version":1}')
    socket.send(JSON.stringify({ type: 'subscribe', channel: CHANNEL, from: start }))
  }
  await subscribed.at(EACH)

  const polls = Array.from({ length: EACH }, () => poll(url, agent, start))
  while (server.stats().held < EACH) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(server.stats().waiters, 2 * EACH)

  const cursor = await server.publish(CHANNEL, 'the one')
  const answers = await Promise.all(polls)
  await delivered.at(EACH)
  assert.deepEqual(new Set(pushed), new Set(['the one']))
  assert.equal(pushed.length, EACH)
  for (const answer of answers) {
    assert.deepEqual(
      answer.events.map((event) => event.data),
      ['the one'],
    )
    assert.equal(answer.cursors[CHANNEL], cursor)
  }
  assert.equal(server.stats().held, 0)

  const closed = Promise.all(
    sockets.map(
      (socket) =>
        new Promise((done) => {
          socket.handler = { ...handler, close: done }
        }),
    ),
  )
  for (const socket of sockets) socket.close()
  await closed
  while (server.stats().waiters > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(server.stats().carriers, 0)
})

interface Answer {
  readonly events: readonly { readonly data: string }[]
  readonly cursors: Readonly<Record<string, string>>
}

const poll = async (url: string, agent: Agent, from: string): Promise<Answer> => {
  const sent = request(`${url}/session`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json' },
  })
  sent.end(JSON.stringify({ live: 'long-poll', subscribe: { [CHANNEL]: { from } } }))
  const [answer] = await once(sent, 'response')
  const chunks: Buffer[] = await answer.toArray()
  assert.equal(answer.statusCode, 200)
  return JSON.parse(Buffer.concat(chunks).toString()) as Answer
}

const inBatches = async <T>(count: number, make: () => Promise<T>): Promise<T[]> => {
  const made: T[] = []
  while (made.length < count) made.push(...(await Promise.all(Array.from({ length: 100 }, make))))
  return made
}
