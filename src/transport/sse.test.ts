// What an SSE answer says when nothing is published: against a real response, with both clocks in the test's hands.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Roster } from '../roster/index.ts'
import type { Gateway } from './gateway.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Poll } from './polls.ts'
import { SseCarrier } from './sse.ts'

const NOW_MS = 1_800_000_000_000

interface Opened {
  readonly carrier: SseCarrier
  /** What was said since the last time, after everything that was written has come. */
  readonly said: () => Promise<string>
}

const open = async (t: TestContext, tokenMs?: number): Promise<Opened> => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const asked = once(server, 'request')
  const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [, response] = (await asked) as [unknown, ServerResponse]
  const gateway: Partial<Gateway> = {
    limits: DEFAULT_LIMITS,
    carriers: new Roster('carrierPlace'),
    now: () => NOW_MS,
  }
  const identity = { session: 's', member: 's', user: undefined, claims: undefined, address: '' }
  const poll: Pick<Poll, 'response'> & Record<string, unknown> = {
    gateway,
    identity: { ...identity, expiresAtMs: tokenMs === undefined ? undefined : NOW_MS + tokenMs },
    request: { subscribe: new Map() },
    response,
  }
  const carrier = new SseCarrier(poll as unknown as Poll)
  const reader = ((await answer).body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream())
    .getReader()
  let marks = 0
  const said = async (): Promise<string> => {
    const mark = `: mark ${marks++}\n\n`
    response.write(mark)
    let text = ''
    while (!text.endsWith(mark)) text += (await reader.read()).value ?? ''
    return text.slice(0, -mark.length)
  }
  assert.equal(await said(), ': open\n\n')
  return { carrier, said }
}

test('SS4: it pings after 15 s of silence, also when the wall clock is set back meanwhile', async (t) => {
  const { carrier, said } = await open(t)
  carrier.sweep(NOW_MS, 1_000)
  carrier.sweep(NOW_MS - 86_400_000, 15_999)
  assert.equal(await said(), '')
  carrier.sweep(NOW_MS - 86_400_000, 16_000)
  assert.equal(await said(), ': ping\n\n')
  carrier.sweep(NOW_MS + 86_400_000, 17_000)
  carrier.sweep(NOW_MS + 86_400_000, 31_999)
  assert.equal(await said(), '', 'nor does a step ahead make it ping')
})

test('SS7: that its token runs out is told once, a minute before', async (t) => {
  const { carrier, said } = await open(t, 200_000)
  carrier.sweep(NOW_MS + 139_999, 1)
  assert.equal(await said(), '')
  carrier.sweep(NOW_MS + 140_000, 2)
  carrier.sweep(NOW_MS + 141_000, 3)
  assert.equal(await said(), 'data: {"type":"auth","expiresInMs":60000}\n\n')
})

test('SS7: of a short token half is over when it is told: a fresh one is not told of at once', async (t) => {
  const { carrier, said } = await open(t, 20_000)
  carrier.sweep(NOW_MS + 9_999, 1)
  assert.equal(await said(), '')
  carrier.sweep(NOW_MS + 10_000, 2)
  assert.equal(await said(), 'data: {"type":"auth","expiresInMs":10000}\n\n')
})
