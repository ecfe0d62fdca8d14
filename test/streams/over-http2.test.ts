/** The same streams over HTTP/2, with TLS and without: each operation, both ways of following, and requests that go away. */
import assert from 'node:assert/strict'
import { hostile } from '../server/hostile.ts'
import { fetchOver, type HttpRequest } from '../server/http2-client.ts'
import { eventually, type NodeUnderTest, STREAM_SCHEMES } from '../server/node-under-test.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const asking =
  (node: NodeUnderTest) =>
  (stream: string, request: HttpRequest = {}): Promise<Response> => {
    assert.ok(node.session)
    return fetchOver(node.session, `/v1/stream/${stream}`, request)
  }

const over = (name: string, act: (node: NodeUnderTest) => Promise<void>, options = {}): void =>
  hostile(name, act, { schemes: STREAM_SCHEMES, ...options })

over('each operation is answered over HTTP/2 as over HTTP/1.1', async (node) => {
  const ask = asking(node)
  const made = await ask('a', { method: 'PUT', headers: { ...JSON_TYPE, 'stream-ttl': '60' } })
  assert.equal(made.status, 201)
  assert.match(made.headers.get('location') ?? '', /^https?:\/\/127\.0\.0\.1:\d+\/v1\/stream\/a$/)
  const posted = await ask('a', { method: 'POST', headers: JSON_TYPE, body: '[1,2]' })
  assert.equal(posted.status, 204)
  const read = await ask('a')
  assert.equal(await read.text(), '[1,2]')
  assert.equal(read.headers.get('stream-next-offset'), posted.headers.get('stream-next-offset'))
  const etag = read.headers.get('etag') ?? assert.fail()
  assert.equal(await ask('a', { headers: { 'if-none-match': etag } }).then(({ status }) => status), 304)
  const head = await ask('a', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('stream-ttl'), await head.text()], [200, '60', ''])
  for (const [query, status] of [
    ['?offset=x', 400],
    ['?offset=zzzzzzzzzzzzz_0000000000000000', 410],
  ] as const) {
    const refused = await ask(`a${query}`)
    assert.deepEqual([refused.status, refused.headers.get('x-content-type-options')], [status, 'nosniff'])
    await refused.text()
  }
  assert.equal(
    (await ask('a', { method: 'POST', headers: JSON_TYPE, body: 'x'.repeat(200_000) })).status,
    413,
  )
  assert.equal((await ask('a', { method: 'DELETE' })).status, 204)
  assert.equal((await ask('a', { method: 'HEAD' })).status, 404)
})

over('a held request and an SSE answer are woken over HTTP/2, on one connection', async (node) => {
  const ask = asking(node)
  const made = await ask('a', { method: 'PUT', headers: JSON_TYPE })
  const where = `a?offset=${made.headers.get('stream-next-offset')}`
  const held = ask(`${where}&live=long-poll`)
  const abort = new AbortController()
  const sse = await ask(`${where}&live=sse`, { signal: abort.signal })
  await eventually(() => node.server.stats().held === 1 && node.server.stats().waiters === 3, 'both wait')
  await ask('a', { method: 'POST', headers: JSON_TYPE, body: '{"n":1}' })
  assert.equal(await (await held).text(), '[{"n":1}]')
  let text = ''
  assert.ok(sse.body)
  for await (const chunk of sse.body) {
    text += Buffer.from(chunk).toString()
    if (text.includes('data:[{"n":1}]')) break
  }
  abort.abort()
})

over('streams that go away leave no waiter', async (node) => {
  const ask = asking(node)
  const made = await ask('a', { method: 'PUT', headers: JSON_TYPE })
  const where = `a?offset=${made.headers.get('stream-next-offset')}`
  for (const live of ['long-poll', 'sse']) {
    const abort = new AbortController()
    const gone = Array.from({ length: 10 }, () => ask(`${where}&live=${live}`, { signal: abort.signal }))
    await eventually(() => node.server.stats().waiters === 11, 'ten wait beside the bystander')
    abort.abort()
    await Promise.allSettled(gone)
    await eventually(() => node.server.stats().waiters === 1, 'nobody does')
  }
})
