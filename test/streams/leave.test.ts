/** Who may do what to a stream, who is told what by a cache, and which pages may ask. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Authenticated, AuthorizeRequest } from 'holdfast/server'
import { eventually, startNode } from '../server/node-under-test.ts'
import { JSON_TYPE, nextOf, onNode, SseReader, StreamsUnderTest } from './stream-under-test.ts'

/** `<user>` or `<user>:<lives for this many milliseconds from the first time it is seen>`. */
const authenticating = (): ((given: { token: string | undefined }) => Authenticated | null) => {
  const expiries = new Map<string, number>()
  return ({ token }) => {
    if (token === undefined || token === 'nobody') return null
    const [user = '', lifeMs] = token.split(':')
    if (lifeMs === undefined) return { user }
    const expiresAt = expiries.get(token) ?? Date.now() + Number(lifeMs)
    expiries.set(token, expiresAt)
    return { user, expiresAt }
  }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

test(
  'without a good token every request is 401, and says how to bring one',
  onNode(
    async (streams) => {
      for (const [method, query] of [
        ...[['PUT', ''] as const, ['POST', ''] as const, ['GET', ''] as const, ['DELETE', ''] as const],
        ...[['GET', '?offset=-1&live=long-poll'] as const, ['GET', '?offset=-1&live=sse'] as const],
      ]) {
        for (const headers of [{}, bearer('nobody'), { authorization: 'Basic YTpi' }]) {
          const answer = await streams.ask(method, `a${query}`, { headers: { ...JSON_TYPE, ...headers } })
          assert.deepEqual([answer.status, answer.code], [401, 'unauthenticated'], method + query)
          assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
        }
      }
      const made = await streams.put('a', { ...JSON_TYPE, authorization: 'bearer ada' })
      assert.equal(made.status, 201)
    },
    { authenticate: authenticating() },
  ),
)

test(
  'each operation asks for its own leave, before anything is done',
  onNode(
    async (streams) => {
      await streams.node.server.publish('a', 0)
      const asked: Record<string, [string, string, Record<string, string>, string?]> = {
        create: ['PUT', 'new', JSON_TYPE],
        'create publish': ['PUT', 'new', JSON_TYPE, '1'],
        'create publish close': ['PUT', 'new', { ...JSON_TYPE, 'stream-closed': 'true' }, '1'],
        publish: ['POST', 'a', JSON_TYPE, '1'],
        'publish close': ['POST', 'a', { ...JSON_TYPE, 'stream-closed': 'true' }, '1'],
        close: ['POST', 'a', { 'stream-closed': 'true' }],
        subscribe: ['GET', 'a', {}],
        delete: ['DELETE', 'a', {}],
      }
      for (const [wanted, [method, stream, headers, body]] of Object.entries(asked)) {
        const actions = wanted.split(' ')
        for (const missing of actions) {
          const may = actions.filter((action) => action !== missing).join('+')
          const init = { headers: { ...headers, ...bearer(may || 'none') } }
          const answer = await streams.ask(method, stream, body === undefined ? init : { ...init, body })
          assert.deepEqual([answer.status, answer.code], [403, 'forbidden'], `${wanted} without ${missing}`)
        }
      }
      for (const query of ['', '?offset=-1&live=long-poll', '?offset=-1&live=sse']) {
        assert.equal((await streams.get(`a${query}`, bearer('none'))).status, 403)
      }
      assert.equal((await streams.get('a', bearer('subscribe'))).text, '[0]', 'nothing was done')
      assert.equal((await streams.get('new', bearer('subscribe'))).status, 404)
      assert.equal((await streams.ask('HEAD', 'a', { headers: bearer('subscribe') })).status, 200)
      assert.equal((await streams.ask('DELETE', 'a', { headers: bearer('delete') })).status, 204)
    },
    {
      authenticate: ({ token }) => ({ user: token ?? 'none' }),
      // The user is named by what it may do.
      authorize: ({ action, identity, channel }: AuthorizeRequest) =>
        ['a', 'new'].includes(channel ?? '') && (identity.user ?? '').split('+').includes(action),
    },
  ),
)

test(
  'a token that runs out ends a held request with a normal answer, and an SSE answer between two events',
  onNode(
    async (streams) => {
      const made = await streams.put('a', { ...JSON_TYPE, ...bearer('ada') })
      const where = `a?offset=${nextOf(made)}`
      const held = await streams.get(`${where}&live=long-poll`, bearer('poll:300'))
      assert.deepEqual([held.status, nextOf(held)], [204, nextOf(made)])
      assert.equal((await streams.get(where, bearer('poll:300'))).status, 401)
      const sse = await SseReader.open(streams.url(`${where}&live=sse`), bearer('sse:300'))
      await sse.until('control')
      assert.equal(await sse.next(), undefined)
    },
    { authenticate: authenticating() },
  ),
)

test(
  'what changes a stream is counted as a command; reading is not',
  onNode(
    async (streams) => {
      const statuses: number[] = []
      for (let n = 0; n < 3; n++) statuses.push((await streams.put('a')).status)
      assert.deepEqual(statuses, [201, 200, 429])
      const limited = await streams.post('a', '1')
      assert.deepEqual([limited.status, limited.code], [429, 'rate_limited'])
      assert.ok(Number(limited.headers.get('retry-after')) > 0)
      for (let n = 0; n < 5; n++) assert.equal((await streams.get('a')).status, 200)
    },
    { limits: { commandsPerSecond: 0.001, commandBurst: 2 } },
  ),
)

const PAGE = 'https://app.example'

test(
  'a page of an origin that is listed may ask, send what this face knows and read what it says',
  onNode(
    async (streams) => {
      const preflight = await streams.ask('OPTIONS', 'a', {
        headers: { origin: PAGE, 'access-control-request-method': 'PUT' },
      })
      assert.equal(preflight.status, 204)
      for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']) {
        assert.match(
          preflight.headers.get('access-control-allow-methods') ?? '',
          new RegExp(`\\b${method}\\b`),
        )
      }
      for (const field of ['authorization', 'if-none-match', 'producer-seq', 'stream-seq', 'last-event-id']) {
        assert.match(
          preflight.headers.get('access-control-allow-headers') ?? '',
          new RegExp(`\\b${field}\\b`),
        )
      }
      const made = await streams.put('a', { ...JSON_TYPE, origin: PAGE })
      assert.equal(made.headers.get('access-control-allow-origin'), PAGE)
      for (const field of ['stream-next-offset', 'stream-closed', 'etag', 'producer-expected-seq']) {
        assert.match(made.headers.get('access-control-expose-headers') ?? '', new RegExp(`\\b${field}\\b`))
      }
      const refused = await streams.get('missing', { origin: PAGE })
      assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [404, PAGE])
    },
    { origins: [PAGE] },
  ),
)

test(
  'a page of any other origin is 403 whatever it asks, and a form cannot append',
  onNode(
    async (streams) => {
      await streams.put('a')
      for (const method of ['PUT', 'POST', 'GET', 'DELETE', 'OPTIONS']) {
        const answer = await streams.ask(method, 'a', {
          headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
        })
        assert.equal(answer.status, 403, method)
        assert.equal(answer.headers.get('access-control-allow-origin'), null)
      }
      assert.equal((await streams.get('a')).text, '[]')
    },
    { origins: [PAGE] },
  ),
)

test(
  'what is settled may be kept for a minute, its ends are asked about, and nothing is kept of a moment',
  onNode(
    async (streams) => {
      const made = await streams.put('a')
      const start = `a?offset=${nextOf(made)}`
      const kept = async (stream: string): Promise<string | null> =>
        (await streams.get(stream)).headers.get('cache-control')
      await streams.post('a', '[1,2,3]')
      assert.equal(
        await kept(start),
        'public, max-age=60, stale-while-revalidate=300',
        'a page before the end',
      )
      assert.equal(await kept('a'), 'public, no-cache', 'the start may be that of another life')
      assert.equal(await kept('a?offset=now'), 'no-store')
      const tail = `a?offset=${nextOf(await streams.head('a'))}`
      assert.equal(await kept(tail), 'public, no-cache')
      await streams.ask('POST', 'a', { headers: { 'stream-closed': 'true' } })
      assert.equal(await kept(tail), 'public, max-age=60, stale-while-revalidate=300', 'nothing can follow')
      const page = await streams.get(start)
      assert.equal(page.headers.get('vary'), 'authorization, origin')
    },
    { limits: { pagePublications: 2 } },
  ),
)

test(
  'what not everybody may read is kept by nobody else',
  onNode(
    async (streams) => {
      await streams.put('a', { ...JSON_TYPE, ...bearer('ada') })
      const page = await streams.get('a', bearer('ada'))
      assert.equal(page.headers.get('cache-control'), 'private, no-cache')
    },
    { authenticate: authenticating() },
  ),
)

test(
  'an ETag is of a page and of what was said of its end: 304 until either is another',
  onNode(async (streams) => {
    await streams.put('a', JSON_TYPE, '1')
    const etagOf = async (): Promise<string> => (await streams.get('a')).headers.get('etag') ?? assert.fail()
    const first = await etagOf()
    for (const match of [first, `W/${first}`, `"x", ${first}`, '*']) {
      const same = await streams.get('a', { 'if-none-match': match })
      assert.deepEqual([same.status, same.text], [304, ''], match)
      assert.equal(nextOf(same), nextOf(await streams.head('a')))
      assert.equal(same.headers.get('etag'), first)
    }
    for (const match of ['', '"x"', first.slice(1, -1), `${first}x`]) {
      assert.equal((await streams.get('a', { 'if-none-match': match })).status, 200, match)
    }
    await streams.ask('POST', 'a', { headers: { 'stream-closed': 'true' } })
    const closed = await streams.get('a', { 'if-none-match': first })
    assert.deepEqual([closed.status, closed.headers.get('stream-closed')], [200, 'true'])
  }),
)

test(
  'a stream that goes when it is idle stays while somebody waits at it, and goes afterwards',
  onNode(async (streams) => {
    for (const live of ['sse', 'long-poll']) {
      const made = await streams.put(live, { ...JSON_TYPE, 'stream-ttl': '2' })
      const abort = new AbortController()
      const waiting = fetch(streams.url(`${live}?offset=${nextOf(made)}&live=${live}`), {
        signal: abort.signal,
      })
      waiting.catch(() => undefined)
      const sinceMs = Date.now()
      await eventually(() => Date.now() - sinceMs > 3_500, 'more than its time has gone by')
      assert.equal((await streams.head(live)).status, 200, live)
      abort.abort()
      for (;;) {
        if ((await streams.head(live)).status === 404) break
        assert.ok(Date.now() - sinceMs < 8_000, 'it goes')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }),
)

test('a request that goes away while it is being authorised is never held', async () => {
  const asked = Promise.withResolvers<void>()
  const verdict = Promise.withResolvers<boolean>()
  await onNode(
    async (streams) => {
      await streams.node.server.publish('a', 0)
      for (const live of ['long-poll', 'sse']) {
        const abort = new AbortController()
        const gone = fetch(streams.url(`a?offset=now&live=${live}`), { signal: abort.signal })
        await asked.promise
        abort.abort()
        await assert.rejects(gone)
      }
      await eventually(() => streams.node.server.stats().connections === 0, 'the connections are closed')
      verdict.resolve(true)
    },
    {
      authorize: () => {
        asked.resolve()
        return verdict.promise
      },
    },
  )()
})

test('a node that goes away answers who waits: a normal end, from which the next request goes on', async () => {
  const node = await startNode()
  const streams = new StreamsUnderTest(node)
  const next = nextOf(await streams.put('a'))
  const held = streams.get(`a?offset=${next}&live=long-poll`)
  const sse = await SseReader.open(streams.url(`a?offset=${next}&live=sse`))
  await sse.until('control')
  await eventually(() => node.server.stats().held === 1, 'it is held')
  const stopped = node.stop()
  const { status, headers } = await held
  assert.deepEqual([status, headers.get('stream-next-offset')], [204, next])
  assert.equal(await sse.next(), undefined)
  await stopped
})

test(
  'an SSE answer that is quiet says so now and then, and ends after its time',
  onNode(
    async (streams) => {
      const next = nextOf(await streams.put('a'))
      const response = await fetch(streams.url(`a?offset=${next}&live=sse`))
      const text = await response.text()
      assert.match(text, /^retry:1000\n\nevent: control\ndata:\{[^\n]*\}\nid:[^\n]*\n\n(?:: ping\n\n)+$/)
    },
    { limits: { ssePingIntervalMs: 500, sseLifetimeMs: 3_000 } },
  ),
)
