import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ErrorCode, ProtocolError } from './errors.ts'
import { assertValid } from './schema.test.ts'
import { decodeSessionRequest, type SessionAnswer } from './session-request.ts'

const CURSOR = '0mabcdef01234_0000000000000007'
const decode = (value: unknown) => decodeSessionRequest(value, 3)
const refusedAs = (code: ErrorCode, value: unknown): void =>
  assert.throws(
    () => decode(value),
    (error) => error instanceof ProtocolError && error.code === code,
  )

test('an empty body asks for nothing', () => {
  assertValid('sessionRequest', {})
  assert.deepEqual(decode({}), {
    session: undefined,
    token: undefined,
    subscribe: new Map(),
    commands: [],
    live: false,
    limit: undefined,
    holdMs: undefined,
  })
})

test('a body is read with all its fields', () => {
  const body = {
    session: 's',
    token: 't',
    subscribe: { a: { from: CURSOR }, b: { from: 'last:2', conflate: true, presence: 1 } },
    commands: [{ type: 'ping', id: 1 }],
    live: 'long-poll',
    limit: 5,
    holdMs: 0,
  }
  assertValid('sessionRequest', body)
  const { subscribe, ...rest } = decode(body)
  assert.deepEqual(rest, {
    session: 's',
    token: 't',
    commands: [{ command: { type: 'ping', id: 1 } }],
    live: 'long-poll',
    limit: 5,
    holdMs: 0,
  })
  assert.deepEqual(
    [...subscribe],
    [
      ['a', { from: { epoch: '0mabcdef01234', offset: 7 }, conflate: false, presence: undefined }],
      ['b', { from: { last: 2 }, conflate: true, presence: '1' }],
    ],
  )
})

test('one bad command does not sink those beside it', () => {
  const { commands } = decode({
    commands: [{ type: 'ping', id: 1 }, { type: 'pong', id: 2 }, 7, { type: 'ping', id: 3 }],
  })
  assert.deepEqual(
    commands.map((each) => ('command' in each ? each.command.type : [each.id, each.error.code])),
    ['ping', [2, 'malformed'], [undefined, 'malformed'], 'ping'],
  )
})

test('what is not a body is malformed', () => {
  for (const value of [null, [], 'x', 7, undefined]) refusedAs('malformed', value)
  for (const subscribe of [null, [], 'c', { c: null }, { c: [] }, { c: 'now' }])
    refusedAs('malformed', { subscribe })
  for (const commands of [null, {}, 'x']) refusedAs('malformed', { commands })
  for (const live of [true, null, 'poll', 'SSE', '']) refusedAs('malformed', { live })
  for (const count of [-1, 1.5, '1', null, 2 ** 53]) {
    refusedAs('malformed', { holdMs: count })
    refusedAs('malformed', { limit: count })
  }
  for (const text of [null, 7, {}]) {
    refusedAs('malformed', { session: text })
    refusedAs('malformed', { token: text })
  }
})

test('an answer that may hold nothing could never come', () => refusedAs('malformed', { limit: 0 }))

test('cursors and channels are checked in a body too', () => {
  for (const from of ['', '-0', '1e3', '0'.repeat(10_240), [], 7, null, '__proto__']) {
    refusedAs('bad_cursor', { subscribe: { c: { from } } })
  }
  refusedAs('bad_channel_name', { subscribe: { '': {} } })
  refusedAs('bad_channel_name', { subscribe: { ['c'.repeat(256)]: {} } })
})

test('a channel may be called __proto__', () => {
  const body = JSON.parse('{"subscribe":{"__proto__":{"from":"now"},"constructor":{}}}') as unknown
  assert.deepEqual([...decode(body).subscribe.keys()], ['__proto__', 'constructor'])
})

test('channels and commands have a cap', () => {
  decode({ subscribe: { a: {}, b: {}, c: {} } })
  refusedAs('too_many_subscriptions', { subscribe: { a: {}, b: {}, c: {}, d: {} } })
  const commands = (length: number) => Array.from({ length }, () => ({ type: 'ping', id: 1 }))
  assert.equal(decode({ commands: commands(1_000) }).commands.length, 1_000)
  refusedAs('too_large', { commands: commands(1_001) })
})

test('a fault that is no refusal is not turned into one', () => {
  const trap = {
    get type(): never {
      throw new RangeError('mine')
    },
  }
  assert.throws(() => decode({ commands: [trap] }), RangeError)
})

test('whatever is accepted is a body of the schema', () => {
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom(CURSOR, 'long-poll', 'sse', false, 0, 5, [], {}))
  const bodies = fc.dictionary(
    fc.constantFrom('session', 'token', 'subscribe', 'commands', 'live', 'limit', 'holdMs', 'more'),
    fc.oneof(values, fc.dictionary(fc.string(), fc.record({ from: values, conflate: fc.boolean() }))),
  )
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        decode(body)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
        return
      }
      assertValid('sessionRequest', body)
    }),
    { numRuns: 3_000 },
  )
})

test('an answer is one of the schema', () => {
  const answer: SessionAnswer = {
    events: [{ type: 'deleted', channel: 'c' }],
    replies: [{ type: 'reply', id: 1, ok: {} }],
    cursors: { c: CURSOR },
    next: 500,
  }
  assertValid('sessionAnswer', answer)
  assertValid('sessionAnswer', { events: [], cursors: {} })
})
