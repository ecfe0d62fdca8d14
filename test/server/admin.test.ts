/** The admin interface: who may, what is shown and what is not, what can be done, and what is thrown at it. */
import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import { connect } from 'holdfast'
import { createServer } from 'holdfast/server'
import { hostile } from './hostile.ts'
import { eventually, type NodeUnderTest, startNode } from './node-under-test.ts'
import { WebSocketFollower } from '../transports/websocket-follower.ts'

const SECRET = 'correct horse battery staple'.replaceAll(' ', '-')
const WITH_SECRET = { admin: { secret: SECRET } }
const OPEN = { admin: 'open' } as const

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, never> & { readonly error?: { readonly code: string } }
}

const ask = async (
  node: NodeUnderTest,
  path: string,
  init: Parameters<NodeUnderTest['fetch']>[1] = {},
): Promise<Answer> => {
  const response = await node.fetch(`/api/admin${path}`, init)
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  }
}
const act = (
  node: NodeUnderTest,
  path: string,
  fields: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  ask(node, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof fields === 'string' ? fields : JSON.stringify(fields),
  })
const bearer = (secret: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${secret}` },
})
const refuses = (answer: Answer, status: number, code: string): void =>
  assert.deepEqual([answer.status, answer.body.error?.code], [status, code])

hostile('AD1: without being asked for, admin is not there', async (node) => {
  assert.equal((await node.fetch('/api/admin')).status, 404)
  const posted = await node.fetch('/api/admin/drain', { method: 'POST', body: '{}' })
  assert.equal(posted.status, 404)
  assert.equal((await node.fetch('/healthz')).status, 200)
})

test('AD2: a secret that could be guessed is refused when the node is made', () => {
  assert.throws(() => createServer({ admin: { secret: 'short' } }), TypeError)
})

hostile(
  'AD2, RF97: with a secret, whoever does not show it is unauthenticated, on every route, whatever they ask',
  async (node) => {
    for (const path of ['', '/channels', '/sessions', '/session?id=x', '/nowhere']) {
      const answer = await ask(node, path)
      refuses(answer, 401, 'unauthenticated')
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    }
    refuses(await act(node, '/drain', { overMs: 0 }), 401, 'unauthenticated')
    // Nowhere but in the header.
    refuses(
      await ask(node, `?secret=${SECRET}&token=${SECRET}&access_token=${SECRET}`),
      401,
      'unauthenticated',
    )
    refuses(await act(node, '/publish', { channel: 'a', data: 1, secret: SECRET }), 401, 'unauthenticated')
    const basic = Buffer.from(`admin:${SECRET}`).toString('base64')
    refuses(await ask(node, '', { headers: { authorization: `Basic ${basic}` } }), 401, 'unauthenticated')
    for (const wrong of ['', `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase(), 'x'.repeat(8_000)])
      refuses(await ask(node, '', bearer(wrong)), 401, 'unauthenticated')
    const right = await ask(node, '', bearer(SECRET))
    assert.equal(right.status, 200)
    assert.equal(right.headers.get('cache-control'), 'no-store')
    assert.equal(right.headers.get('access-control-allow-origin'), null)
  },
  WITH_SECRET,
)

hostile(
  'AD3, RF98: after ten wrong secrets an address is told nothing for a while, not even that one is right',
  async (node) => {
    for (let n = 0; n < 10; n++)
      refuses(await ask(node, '', bearer(`guess-number-${n}`)), 401, 'unauthenticated')
    const limited = await ask(node, '', bearer(SECRET))
    refuses(limited, 429, 'rate_limited')
    assert.equal(limited.headers.get('retry-after'), '1')
    const { status } = await node.post({ commands: [{ type: 'ping', id: 1 }] })
    assert.equal(status, 200, 'whoever shares the address is served all the same')
  },
  WITH_SECRET,
)

hostile(
  'AD4, RF99: no other page may, whether it knows the secret or not, and whether it may connect or not',
  async (node) => {
    for (const fields of [
      { origin: 'https://listed.example' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${node.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const headers = { ...bearer(SECRET).headers, ...fields }
      refuses(await ask(node, '', { headers }), 403, 'forbidden')
      refuses(await act(node, '/publish', { channel: 'a', data: 1 }, headers), 403, 'forbidden')
    }
    const preflight = await node.fetch('/api/admin', {
      method: 'OPTIONS',
      headers: { origin: 'https://listed.example', 'access-control-request-headers': 'authorization' },
    })
    assert.equal(preflight.headers.get('access-control-allow-origin'), null)
    assert.equal(preflight.headers.get('access-control-allow-headers'), null)
    const own = { ...bearer(SECRET).headers, origin: node.url, 'sec-fetch-site': 'same-origin' }
    assert.equal((await ask(node, '', { headers: own })).status, 200)
    assert.equal(await node.server.describe('a'), undefined)
  },
  { ...WITH_SECRET, origins: ['https://listed.example'] },
)

hostile(
  'AD4, RF99: an open node serves this machine, and nobody whom a proxy on it brings',
  async (node) => {
    assert.equal((await ask(node, '')).status, 200)
    for (const field of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip', 'x-forwarded-host'])
      refuses(await ask(node, '', { headers: { [field]: '203.0.113.7' } }), 403, 'forbidden')
    // A name that is made to resolve to this machine.
    const rebound = await node.exchange('GET /api/admin HTTP/1.1\r\nHost: evil.example\r\n\r\n')
    assert.equal(rebound.status, 421)
  },
  OPEN,
)

test('AD4, RF99: an open node answers to the names of this machine alone, wherever it listens and whoever may connect', async () => {
  const authenticate = (): { user: string } => ({ user: 'ada' })
  for (const options of [
    { ...OPEN, authenticate },
    { ...OPEN, hosts: ['app.example'] },
  ]) {
    const node = await startNode(options)
    for (const host of [
      'evil.example',
      'app.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      '[::2]',
    ]) {
      // A page whose name was made to resolve to this machine is a page of the node's own, as far as a browser knows.
      const fields = `Host: ${host}\r\nOrigin: http://${host}\r\nSec-Fetch-Site: same-origin\r\n`
      const { status } = await node.exchange(`GET /api/admin HTTP/1.1\r\n${fields}\r\n`)
      assert.ok(status === 403 || status === 421, `${host}: ${status}`)
    }
    await node.stop()
  }
  const node = await startNode({ ...OPEN, authenticate })
  for (const host of [`127.0.0.1:${node.port}`, 'localhost', '[::1]:1', 'app.localhost:80'])
    assert.equal((await node.exchange(`GET /api/admin HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status, 200, host)
  await node.stop()
})

hostile(
  'AD5: what is malformed is refused with its code, and nothing is done',
  async (node) => {
    await node.server.publish('a', 1)
    for (const path of ['?limit=0', '?limit=1e2', '?limit=-1', '?limit=201', '?limit=x'])
      refuses(await ask(node, `/channels${path}`), 400, 'malformed')
    refuses(await ask(node, '/channel'), 400, 'malformed')
    refuses(await ask(node, '/channel?name=nowhere'), 404, 'not_found')
    refuses(await ask(node, '/channel?name=%00'), 400, 'bad_channel_name')
    refuses(await ask(node, '/session?id=__proto__'), 404, 'not_found')
    refuses(await ask(node, '/nowhere'), 404, 'not_found')
    refuses(await ask(node, '/__proto__'), 404, 'not_found')
    refuses(await ask(node, '/drain'), 405, 'malformed')
    refuses(await act(node, '', {}), 405, 'malformed')
    for (const body of ['', '[]', '1', '{', 'null', '"x"'])
      refuses(await act(node, '/delete', body), 400, 'malformed')
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'multipart/form-data',
    ])
      refuses(await act(node, '/delete', { channel: 'a' }, { 'content-type': type }), 415, 'content_type')
    for (const channel of [undefined, 7, {}, ['a']])
      refuses(await act(node, '/delete', { channel }), 400, 'malformed')
    refuses(await act(node, '/delete', { channel: 'nowhere' }), 404, 'not_found')
    refuses(await act(node, '/publish', { channel: 'a' }), 400, 'malformed')
    refuses(await act(node, '/publish', { channel: 'a', data: 1, key: 7 }), 400, 'malformed')
    refuses(await act(node, '/publish', { channel: 'a', data: 1, key: 'k' }), 400, 'key_not_allowed')
    refuses(await act(node, '/publish', { channel: 'a', data: 'x'.repeat(70_000) }), 413, 'too_large')
    refuses(await act(node, '/publish', { channel: 'a', data: 'x'.repeat(200_000) }), 413, 'too_large')
    refuses(await act(node, '/trim', { channel: 'a', upTo: 'x' }), 400, 'bad_cursor')
    for (const session of [undefined, 7, ['x']])
      refuses(await act(node, '/disconnect', { session }), 400, 'malformed')
    refuses(await act(node, '/disconnect', { session: 'A'.repeat(16) }), 404, 'not_found')
    for (const overMs of [-1, 1e12, '0', null])
      refuses(await act(node, '/drain', { overMs }), 400, 'malformed')
    assert.equal((await node.server.describe('a'))?.top, 1)
    assert.equal((await ask(node, '')).body['standing'], 'serving')
  },
  OPEN,
)

hostile(
  'AD6: channels are shown page by page, whatever they are called, and by how many follow them',
  async (node) => {
    const names = ['<script>alert(1)</script>', 'a b&after=c', 'a/1', 'a/2', '\u{1f600}']
    for (const name of names) await node.server.publish(name, { name })
    const seen: string[] = []
    for (let after = ''; ;) {
      const { body } = await ask(node, `/channels?limit=2&after=${encodeURIComponent(after)}`)
      const { rows, next } = body as unknown as { rows: { name: string }[]; next?: string }
      seen.push(...rows.map(({ name }) => name))
      if (next === undefined) break
      after = next
    }
    assert.deepEqual(seen.filter((name) => name !== 'bystander').toSorted(), names.toSorted())
    const { body } = await ask(node, '/channels?contains=a/')
    assert.deepEqual(
      (body as unknown as { rows: { name: string }[] }).rows.map(({ name }) => name),
      ['a/1', 'a/2'],
    )
    const followed = await ask(node, '/channels?sort=followers')
    const [first] = (followed.body as unknown as { rows: Record<string, unknown>[] }).rows
    assert.deepEqual([first?.['name'], first?.['followers'], first?.['kind']], ['bystander', 1, 'log'])
    const one = await ask(node, `/channel?name=${encodeURIComponent(names[0]!)}`)
    assert.match(one.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(one.headers.get('x-content-type-options'), 'nosniff')
    const { entries } = one.body as unknown as { entries: { text: string }[] }
    assert.deepEqual(
      entries.map(({ text }) => text),
      [JSON.stringify({ name: names[0] })],
    )
  },
  OPEN,
)

hostile(
  'AD7: sessions are shown with transport, cursor and lag, and nothing that could be used as one',
  async (node) => {
    const { session } = await node.hello()
    await node.server.publish('a', 1)
    const polled = await node.post({ session, subscribe: { a: { from: '-1' } }, limit: 1 })
    assert.equal(polled.status, 200)
    await node.server.publish('a', 2)
    await node.server.publish('a', 3)
    const id = session.slice(0, session.indexOf('.'))
    const list = await ask(node, '/sessions?sort=lag')
    const { total, rows } = list.body as unknown as { total: number; rows: Record<string, unknown>[] }
    assert.equal(total, 2, 'the poller and the bystander')
    assert.deepEqual(
      [rows[0]?.['id'], rows[0]?.['transports'], rows[0]?.['channels'], rows[0]?.['lag']],
      [id, ['polling'], 1, 2],
    )
    const one = await ask(node, `/session?id=${id}`)
    const { standings } = one.body as unknown as { standings: Record<string, unknown>[] }
    assert.deepEqual([standings[0]?.['offset'], standings[0]?.['top'], standings[0]?.['lag']], [1, 3, 2])
    const whole = JSON.stringify([list.body, one.body, (await ask(node, '/channel?name=a')).body])
    assert.ok(!whole.includes(session.slice(session.indexOf('.'))), 'the signature stays on the node')
    const page = await ask(node, '/sessions?limit=1&skip=1&sort=id')
    assert.equal((page.body as unknown as { rows: unknown[] }).rows.length, 1)
  },
  OPEN,
)

hostile(
  'AD8: what is done reaches clients as ever: published, trimmed, closed, deleted',
  async (node) => {
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: { from: '-1' } })
    const { body } = await act(node, '/publish', { channel: 'a', data: { by: 'operator' } })
    assert.match(String(body['cursor']), /_0000000000000001$/)
    await act(node, '/publish', { channel: 'a', data: 2 })
    assert.deepEqual((await act(node, '/trim', { channel: 'a', upTo: body['cursor'] })).body, { floor: 2 })
    assert.deepEqual((await act(node, '/trim', { channel: 'a' })).body, { floor: 3 })
    assert.equal((await act(node, '/close', { channel: 'a' })).status, 200)
    refuses(await act(node, '/publish', { channel: 'a', data: 3 }), 409, 'closed')
    assert.equal((await act(node, '/delete', { channel: 'a' })).status, 200)
    assert.equal(await node.server.describe('a'), undefined)
    await socket.close()
  },
  OPEN,
)

describe('AD8: disconnecting', () => {
  let node: NodeUnderTest

  before(async () => {
    node = await startNode(OPEN)
  })
  after(() => node.stop())

  const sessionOf = async (): Promise<string> => {
    const { body } = await ask(node, '/sessions?sort=newest')
    return (body as unknown as { rows: { id: string }[] }).rows[0]!.id
  }

  for (const transport of ['websocket', 'sse', 'long-polling'] as const) {
    it(`a client comes back by itself at its cursor, and loses nothing (${transport})`, async () => {
      const client = connect(node.url, { transport, backoff: { minMs: 1, maxMs: 5 } })
      const got: unknown[] = []
      const subscription = client.channel('c').subscribe({ from: 'now' }, ({ data }) => got.push(data))
      await subscription.ready
      await node.server.publish('c', 1)
      await eventually(() => got.length === 1, 'the first comes')
      await act(node, '/disconnect', { session: await sessionOf() })
      await node.server.publish('c', 2)
      await eventually(() => got.length === 2, 'the second comes')
      assert.deepEqual(got, [1, 2])
      assert.equal(client.state.counts.lost + client.state.counts.duplicated + client.state.counts.gaps, 0)
      client.close()
      await eventually(() => node.server.stats().carriers === 0, 'it has gone')
    })
  }

  it('for good: its client stops, and says why', async () => {
    const client = connect(node.url, { transport: 'websocket' })
    await client.channel('c').subscribe(() => undefined).ready
    await act(node, '/disconnect', { session: await sessionOf(), final: true })
    await eventually(() => client.state.status === 'closed', 'it stays away')
    assert.match(String(client.state.error?.message), /whoever looks after the node/)
    client.close()
  })
})

test('AD6: what is counted: publications, what was handed on, commands, requests, and refusals by code', async () => {
  const node = await startNode(OPEN)
  try {
    await node.bystander()
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: { from: '-1' } })
    for (const n of [1, 2, 3]) await node.server.publish('a', n)
    await socket.send({ type: 'publish', id: 1, channel: 'a', data: 4 })
    await socket.send({ type: 'publish', id: 2, channel: 'a', data: 5, key: 'k' })
    await node.post({ commands: [{ type: 'history', id: 1, channel: 'nowhere' }] })
    const { body } = await ask(node, '')
    const { totals, refusals, memory, sessions } = body as unknown as Record<string, Record<string, number>>
    assert.equal(totals?.['publications'], 4)
    assert.equal(totals?.['deliveries'], 4)
    assert.ok((totals?.['deliveredBytes'] ?? 0) > 100)
    assert.equal(totals?.['commands'], 3)
    assert.deepEqual(refusals, { key_not_allowed: 1, not_found: 1 })
    assert.equal(sessions?.['websocket'], 2)
    assert.ok((memory?.['rssBytes'] ?? 0) > 1_000_000)
    await socket.close()
  } finally {
    await node.stop()
  }
})
