/** 1,000 held long polls on one stream: one append wakes them all with the same answer, and nothing is left. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { createServer } from 'holdfast/server'
import { eventually } from '../server/node-under-test.ts'
import { BROKERS } from './brokers.ts'

const HELD = 1_000

interface Held {
  readonly status: number | undefined
  readonly text: string
  readonly next: string
  readonly cursor: string
}

for (const { name, open } of BROKERS) {
  test(`one append wakes 1,000 held long polls (${name})`, { timeout: 60_000 }, async (t) => {
    const { broker, close } = await open()
    const server = createServer({
      broker,
      limits: { connectionsPerAddress: Infinity, acceptsPerSecond: Infinity },
    })
    const { url } = await server.listen()
    const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
    t.after(async () => {
      await server.close({ graceMs: 100 })
      await close()
    })
    const stream = `${url}/v1/stream/held`
    const headers = { 'content-type': 'application/json' }
    const made = await fetch(stream, { method: 'PUT', headers })
    const offset = made.headers.get('stream-next-offset')

    const hold = async (): Promise<Held> => {
      const sent = request(`${stream}?offset=${offset}&live=long-poll`, { agent })
      sent.end()
      const [answer] = await once(sent, 'response')
      const text = Buffer.concat((await answer.toArray()) as Buffer[]).toString()
      const { 'stream-next-offset': next, 'stream-cursor': cursor } = answer.headers as Record<string, string>
      return { status: answer.statusCode as number | undefined, text, next: next ?? '', cursor: cursor ?? '' }
    }
    const answers = Array.from({ length: HELD }, hold)
    await eventually(() => server.stats().held === HELD, 'all are held', 20_000)
    assert.equal(server.stats().waiters, HELD)

    const appended = await fetch(stream, { method: 'POST', headers, body: '{"woken":true}' })
    const all = await Promise.all(answers)
    const next = appended.headers.get('stream-next-offset')
    for (const answer of all) {
      assert.deepEqual([answer.status, answer.text, answer.next], [200, '[{"woken":true}]', next])
      assert.match(answer.cursor, /^\d+$/)
    }
    await eventually(() => server.stats().carriers === 0, 'no carrier is left')
    const { held, waiters } = server.stats()
    assert.deepEqual([held, waiters], [0, 0])
  })
}
