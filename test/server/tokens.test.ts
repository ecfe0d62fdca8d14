/** Tokens and sessions: who is admitted, for how long, and what a client cannot make up. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Authenticated, Credentials } from 'holdfast/server'
import { PollFollower } from '../transports/poll-follower.ts'
import { SseFollower } from '../transports/sse-follower.ts'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { hostile } from './hostile.ts'
import { codeOf, eventually, okOf } from './node-under-test.ts'

/** `<user>` or `<user> <lives for this many milliseconds from the first time it is seen>`. */
const authenticate = (): ((credentials: Credentials) => Authenticated | null) => {
  const expiries = new Map<string, number>()
  return ({ token = '' }) => {
    const [user = '', lifeMs] = token.split(' ')
    if (user === '') return null
    if (lifeMs === undefined) return { user }
    const expiresAt = expiries.get(token) ?? Date.now() + Number(lifeMs)
    expiries.set(token, expiresAt)
    return { user, expiresAt }
  }
}

hostile(
  'RF5, RF63: without a token, or with one that is no good, a poll and an SSE request are 401, a WebSocket closes with 4003',
  async (node) => {
    for (const token of [undefined, ' ', ' x']) {
      const credentials = token === undefined ? {} : { token }
      for (const live of [false, 'long-poll', 'sse']) {
        const { status, body } = await node.post({ ...credentials, live, subscribe: { a: {} } })
        assert.deepEqual([status, body.error?.code, body.error?.retry], [401, 'unauthenticated', 'auth'])
      }
      const socket = new WebSocketFollower(node, credentials)
      assert.equal(await socket.closed(), 4003)
      assert.deepEqual([socket.bye?.['code'], socket.bye?.['retry']], ['unauthenticated', 'auth'])
    }
  },
  () => ({ authenticate: authenticate() }),
)

hostile(
  'RF6, RF64: a token that runs out ends a WebSocket with 4004 and an SSE answer with a bye; the next request is 401',
  async (node) => {
    const token = 'ada 300'
    const socket = new WebSocketFollower(node, { token })
    await socket.follow({ a: {} })
    const sse = new SseFollower(node, { token })
    await sse.follow({ a: {} })
    await Promise.all([socket.hears('subscribed', 'a'), sse.hears('subscribed', 'a')])
    // Publications go on meanwhile: nothing may be written behind the last word.
    let published = 0
    const publishing = setInterval(() => void node.server.publish('a', published++), 2)
    const [bye, byeOfSse] = await Promise.all([socket.said(), sse.said()])
    clearInterval(publishing)
    assert.equal(await socket.closed(), 4004)
    for (const each of [bye, byeOfSse])
      assert.deepEqual([each['code'], each['retry']], ['auth_expired', 'auth'])
    const { status, body } = await node.post({ token, subscribe: { a: {} } })
    assert.deepEqual([status, body.error?.code], [401, 'unauthenticated'])
    await sse.close()
  },
  () => ({ authenticate: authenticate() }),
)

hostile(
  'WS10: a WebSocket is told that its token runs out, and goes on with a fresh one of the same user',
  async (node) => {
    const socket = new WebSocketFollower(node, { token: 'ada 1500' })
    await socket.follow({ a: {} })
    const due = await socket.hears('auth')
    assert.ok((due['expiresInMs'] as number) <= 1_500)
    const [other] = await socket.send({ type: 'auth', id: 1, token: 'bob' })
    assert.equal(codeOf(other), 'forbidden')
    const [bad] = await socket.send({ type: 'auth', id: 2, token: ' ' })
    assert.equal(codeOf(bad), 'unauthenticated')
    const [fresh] = await socket.send({ type: 'auth', id: 3, token: 'ada 60000' })
    okOf(fresh)
    await delay(2_200)
    await node.server.publish('a', 'still here')
    assert.deepEqual(await socket.data('a', 1), ['still here'])
    await socket.close()
  },
  () => ({ authenticate: authenticate() }),
)

hostile(
  'WS10: a token that is short from the start is announced at half of its time, not at once and again and again',
  async (node) => {
    const socket = new WebSocketFollower(node, { token: 'ada 8000' })
    await socket.follow({ a: {} })
    okOf((await socket.send({ type: 'auth', id: 1, token: 'ada 8000' }))[0])
    await delay(2_200)
    await node.server.publish('a', 1)
    assert.deepEqual(await socket.data('a', 1), [1])
    assert.ok(!socket.events.some(({ type }) => type === 'auth'))
    const due = await socket.hears('auth')
    assert.ok((due['expiresInMs'] as number) <= 4_000)
    await socket.close()
  },
  () => ({ authenticate: authenticate() }),
)

hostile(
  'WS10: of several auths under way the last one counts, whichever is verified first',
  async (node) => {
    node.server.handle('whose', (_params, { claims }) => (claims as { claim: string }).claim)
    const socket = new WebSocketFollower(node, { token: 'ada first' })
    const replies = await socket.send(
      { type: 'auth', id: 1, token: 'ada slow' },
      { type: 'auth', id: 2, token: 'ada quick' },
    )
    for (const reply of replies) okOf(reply)
    const [whose] = await socket.send({ type: 'call', id: 3, method: 'whose' })
    assert.equal(okOf(whose), 'quick')
    await socket.close()
  },
  {
    authenticate: async ({ token = '' }) => {
      const [user = '', claim = ''] = token.split(' ')
      if (claim === 'slow') await delay(30)
      return { user, claim }
    },
  },
)

hostile('ID2: a session id has one spelling, and is of use to its own user alone', async (node) => {
  const { session } = await node.hello()
  assert.equal((await node.hello({ session })).session, session)
  const [id = '', signature = ''] = session.split('.')
  const flipped = signature.startsWith('A') ? 'B' : 'A'
  const forged = [
    ...['', '.', id, `${id}.`, `.${signature}`, `${id}.${flipped}${signature.slice(1)}`, `${session}=`],
    ...[
      `${session}.`,
      `${id}.${signature}A`,
      `${session} `,
      ` ${session}`,
      `x${session}`,
      `${id}.${'\u0000'.repeat(22)}`,
    ],
    ...[
      `${id} ${id}.${signature}`,
      session.replace('.', '\u2024'),
      'x'.repeat(100_000),
      '__proto__',
      `${id}.__proto__`,
    ],
  ]
  for (const each of forged) assert.notEqual((await node.hello({ session: each })).session, each)
})

hostile(
  'ID2: a session id of one user is replaced for another',
  async (node) => {
    const { session } = await node.hello({ token: 'ada' })
    assert.equal((await node.hello({ token: 'ada', session })).session, session)
    const other = await node.hello({ token: 'bob', session })
    assert.notEqual(other.session, session)
    assert.equal(other.member, 'bob')
  },
  () => ({ authenticate: authenticate() }),
)

hostile(
  'ID5: what authenticate said is kept until the token runs out',
  async (node) => {
    const { seen } = counted
    const before = seen.size
    for (let polls = 0; polls < 5; polls++) await node.post({ token: `kept-${node.tls} 60000` })
    for (let polls = 0; polls < 5; polls++) await node.post({ token: `asked-${node.tls}` })
    assert.equal(seen.size, before + 6)
  },
  {
    authenticate: (credentials) => {
      counted.seen.add(Symbol(credentials.token))
      return counted.authenticate(credentials)
    },
  },
)
const counted = { seen: new Set<symbol>(), authenticate: authenticate() }

hostile(
  'ID4: an authenticate that never answers holds a WebSocket no longer than hello may take',
  async (node) => {
    const socket = new WebSocketFollower(node, { token: 'never' })
    assert.equal(await socket.closed(), 4002)
    assert.equal(socket.bye?.['code'], 'hello_timeout')
    const abort = new AbortController()
    const poll = node.post({ token: 'never', subscribe: { a: {} } }, { signal: abort.signal })
    abort.abort()
    await assert.rejects(poll)
  },
  {
    limits: { helloTimeoutMs: 100 },
    authenticate: ({ token }) => (token === 'never' ? new Promise(() => undefined) : { user: 'b' }),
  },
)

hostile(
  'LP8: a token that runs out in mid-hold ends the hold before anything more is told',
  async (node) => {
    const token = 'ada 400'
    const follower = new PollFollower(node, 'long-poll', { token })
    await follower.follow({ a: {} })
    await eventually(() => node.server.stats().held === 1, 'it is held')
    assert.equal((await follower.said())['code'], 'unauthenticated')
    assert.equal(node.server.stats().held, 0)
    await follower.close()
  },
  () => ({ authenticate: authenticate() }),
)
