import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkChannelName, decodeCommand, idOfRefused, MAX_JSON_DEPTH, PROTOCOL_VERSION } from './commands.ts'
import { type ErrorCode, ProtocolError } from './errors.ts'
import { assertValid, validates } from './schema.test.ts'

const CURSOR = '0mabcdef01234_0000000000000007'
const MALFORMED_CURSORS: unknown[] = [
  '',
  '-0',
  '0',
  '1e3',
  '9007199254740992',
  '18446744073709551616',
  '0mabcdef01234_9007199254740992',
  '0mabcdef01234_00000000000001e3',
  '0mabcdef01234_-000000000000001',
  '__proto__',
  'constructor',
  '0'.repeat(10_240),
  'last:0',
  'last:1e3',
  [],
  [CURSOR],
  {},
  { epoch: '0mabcdef01234', offset: 7 },
  null,
  true,
  0,
  -0,
  7,
]
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

/** `value` as it would arrive. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const refusedAs = (code: ErrorCode, value: unknown, bytes?: Uint8Array): void =>
  assert.throws(
    () => decodeCommand(value, bytes),
    (error) => {
      assert.ok(error instanceof ProtocolError, String(error))
      assert.equal(error.code, code)
      return true
    },
  )

/** One of each, with every field. */
const FULL: Record<string, Record<string, unknown>> = {
  hello: { id: 0, version: PROTOCOL_VERSION, token: 't', session: 's' },
  subscribe: { channel: 'c', from: CURSOR, conflate: true, presence: { name: 'ann' } },
  unsubscribe: { channel: 'c' },
  publish: {
    id: 1,
    channel: 'c',
    data: { a: 1 },
    key: 'k',
    producer: { id: 'p', epoch: 0, seq: 4, again: true },
    expect: CURSOR,
  },
  remove: { id: 2, channel: 'c', key: 'k', producer: { id: 'p', epoch: 0, seq: 5 }, expect: CURSOR },
  fence: { id: 3, channel: 'c', producer: { id: 'p', epoch: 0 } },
  call: { id: 4, method: 'm', params: [1] },
  presence: { id: 5, channel: 'c', data: null },
  history: { id: 6, channel: 'c', from: 'last:3', limit: 5 },
  trim: { id: 7, channel: 'c', upTo: CURSOR },
  auth: { id: 8, token: 't' },
  ping: { id: 9 },
}
const full = (type: string, fields: object = {}): Record<string, unknown> => ({
  type,
  ...FULL[type],
  ...fields,
})
const cursor = { epoch: '0mabcdef01234', offset: 7 }

test('every command is read with all its fields', () => {
  const producer = { id: 'p', epoch: 0, seq: 4, again: true }
  const read: Record<string, unknown> = {
    hello: { type: 'hello', id: 0, token: 't', session: 's' },
    subscribe: { type: 'subscribe', channel: 'c', from: cursor, conflate: true, presence: '{"name":"ann"}' },
    publish: {
      type: 'publish',
      id: 1,
      channel: 'c',
      data: '{"a":1}',
      key: 'k',
      remove: false,
      producer,
      expect: cursor,
    },
    remove: {
      type: 'publish',
      id: 2,
      channel: 'c',
      data: 'null',
      key: 'k',
      remove: true,
      producer: { id: 'p', epoch: 0, seq: 5, again: false },
      expect: cursor,
    },
    presence: { type: 'presence', id: 5, channel: 'c', data: 'null' },
    history: { type: 'history', id: 6, channel: 'c', from: { last: 3 }, limit: 5 },
    trim: { type: 'trim', id: 7, channel: 'c', upTo: cursor },
  }
  for (const type of Object.keys(FULL)) {
    assertValid('command', full(type))
    assert.deepEqual(decodeCommand(sent(full(type))), read[type] ?? full(type), type)
  }
})

test('what may be left out is', () => {
  const without = (type: string, fields: object) => decodeCommand({ type, ...fields })
  assert.deepEqual(without('hello', { id: 0, version: 1 }), {
    type: 'hello',
    id: 0,
    token: undefined,
    session: undefined,
  })
  assert.deepEqual(without('subscribe', { channel: 'c' }), {
    type: 'subscribe',
    channel: 'c',
    from: 'now',
    conflate: false,
    presence: undefined,
  })
  assert.deepEqual(without('history', { id: 0, channel: 'c' }), {
    type: 'history',
    id: 0,
    channel: 'c',
    from: 'start',
    limit: 100,
  })
  assert.deepEqual(without('presence', { id: 0, channel: 'c' }), {
    type: 'presence',
    id: 0,
    channel: 'c',
    data: undefined,
  })
  const published = without('publish', { id: 0, channel: 'c', data: null })
  assert.deepEqual(published, {
    type: 'publish',
    id: 0,
    channel: 'c',
    data: 'null',
    key: undefined,
    remove: false,
    producer: undefined,
    expect: undefined,
  })
})

test('bytes come beside a binary header, or as base64, also when there are none', () => {
  const { data: _, ...header } = full('publish')
  const dataOf = (value: unknown, bytes?: Uint8Array) =>
    (decodeCommand(value, bytes) as { data: Uint8Array }).data
  assert.deepEqual(dataOf(header, Uint8Array.of(7)), Uint8Array.of(7))
  assert.deepEqual(dataOf({ ...header, base64: '/w==' }), Uint8Array.of(255))
  assert.deepEqual(dataOf({ ...header, base64: '' }), new Uint8Array(0))
  assert.deepEqual(dataOf(full('remove', { base64: '/w==' })), 'null', 'a removal has no payload')
  for (const base64 of ['/w=', 'ab', 7, null, [], 'AB==']) refusedAs('malformed', { ...header, base64 })
  refusedAs('malformed', header)
})

test('what is no command is malformed', () => {
  for (const value of [
    null,
    undefined,
    0,
    '',
    'publish',
    [],
    [full('ping')],
    {},
    { type: 7 },
    { type: 'toString' },
  ]) {
    refusedAs('malformed', value)
  }
  for (const type of ['__proto__', 'constructor', 'PUBLISH', 'reply', ''])
    refusedAs('malformed', { ...full('ping'), type })
})

test('another version is refused as such, before anything else is looked at', () => {
  for (const version of [0, 2, '1', undefined, null])
    refusedAs('unsupported_version', { ...full('hello'), version, id: 'x' })
})

test('a malformed cursor is a bad_cursor, wherever it stands', () => {
  for (const bad of MALFORMED_CURSORS) {
    refusedAs('bad_cursor', full('subscribe', { from: bad }))
    refusedAs('bad_cursor', full('history', { from: bad }))
    refusedAs('bad_cursor', full('publish', { expect: bad }))
    refusedAs('bad_cursor', full('trim', { upTo: bad }))
  }
  for (const sentinel of ['-1', 'now', 'last:3', undefined])
    refusedAs('bad_cursor', full('trim', { upTo: sentinel }))
})

test('a number is whole, not negative, and no more than 2^53 − 1', () => {
  for (const id of [-1, 1.5, 2 ** 53, 2 ** 64, 1e300, '1', null, undefined, [1], true]) {
    refusedAs('malformed', full('ping', { id }))
    refusedAs('malformed', full('fence', { producer: { id: 'p', epoch: id } }))
    refusedAs('malformed', full('publish', { producer: { id: 'p', epoch: 0, seq: id } }))
    if (id !== null && id !== undefined) refusedAs('malformed', full('history', { limit: id }))
  }
  refusedAs('malformed', full('history', { limit: 1_001 }))
  for (const text of ['1e3', '0', '-0', '9007199254740991']) {
    decodeCommand(JSON.parse(`{"type":"ping","id":${text}}`))
  }
})

test('a text is not empty, and has a bound', () => {
  for (const bad of ['', 'x'.repeat(16_385), 7, null, [], {}]) {
    refusedAs('malformed', full('call', { method: bad }))
    refusedAs('malformed', full('auth', { token: bad }))
    refusedAs('malformed', full('publish', { key: bad }))
    refusedAs('malformed', full('hello', { session: bad }))
  }
  refusedAs('malformed', full('fence', { producer: { id: 'x'.repeat(129), epoch: 0 } }))
  decodeCommand(full('publish', { key: '\ud800' }))
})

test('a producer is an object, a flag is true or false', () => {
  for (const producer of [null, [], 'p', 7]) refusedAs('malformed', full('publish', { producer }))
  refusedAs('malformed', full('publish', { producer: { id: 'p', epoch: 0, seq: 0, again: 1 } }))
  for (const conflate of [0, 1, 'true', null]) refusedAs('malformed', full('subscribe', { conflate }))
})

test('a removal needs a key', () => refusedAs('key_required', full('remove', { key: undefined })))

test('a payload is nested no deeper than it can be written again', () => {
  for (const depth of [MAX_JSON_DEPTH + 1, 10_000, 100_000]) {
    refusedAs('malformed', full('publish', { data: nested(depth) }))
    refusedAs('malformed', full('presence', { data: nested(depth) }))
    refusedAs('malformed', full('subscribe', { presence: nested(depth) }))
  }
  decodeCommand(full('publish', { data: nested(MAX_JSON_DEPTH) }))
  const long = 'x'.repeat(2 * MAX_JSON_DEPTH)
  decodeCommand(full('publish', { data: [long, nested(MAX_JSON_DEPTH - 1)] }))
  refusedAs('malformed', full('publish', { data: [long, nested(MAX_JSON_DEPTH)] }))
})

test('what stands in a string is not nested, and neither is what stands beside another', () => {
  const data = [`${'['.repeat(600)}\\"{${'{'.repeat(600)}`, ...Array.from({ length: 600 }, () => [{}])]
  decodeCommand(full('publish', { data }))
  refusedAs('malformed', full('publish', { data: [data, nested(MAX_JSON_DEPTH)] }))
})

test('fields of the prototype are no fields, and unknown ones are ignored', () => {
  const value = JSON.parse('{"type":"ping","id":1,"__proto__":{"id":2},"constructor":3,"more":[]}') as unknown
  assert.deepEqual(decodeCommand(value), { type: 'ping', id: 1 })
  refusedAs('malformed', JSON.parse('{"type":"ping","__proto__":{"id":2}}'))
  const data = JSON.parse('{"__proto__":{"a":1}}') as unknown
  assert.deepEqual(
    (decodeCommand(full('publish', { data })) as { data: string }).data,
    '{"__proto__":{"a":1}}',
  )
})

test('the id of a refused command is found where there is one', () => {
  assert.equal(idOfRefused({ id: 7 }), 7)
  for (const value of [null, [], 'x', {}, { id: '7' }, { id: 1.5 }, { id: 2 ** 53 }]) {
    assert.equal(idOfRefused(value), undefined)
  }
})

for (const name of [
  'a',
  '__proto__',
  'constructor',
  '*',
  ' ',
  'é'.repeat(127),
  '€'.repeat(85),
  '😀'.repeat(63),
  'a'.repeat(255),
]) {
  test(`a channel may be called ${name.slice(0, 12)} (${Buffer.byteLength(name)} bytes)`, () => {
    assert.equal(checkChannelName(name), name)
    assertValid('channel', name)
  })
}

const BAD_NAMES: unknown[] = [
  '',
  'a'.repeat(256),
  'é'.repeat(128),
  '€'.repeat(86),
  '😀'.repeat(64),
  'a\ud800',
  '\udc00',
]
BAD_NAMES.push(
  ...['\0', '\n', '\r', '\x1f', '\x7f', '\x80', '\x85', '\x9f', '\u2028', '\u2029'].map((bad) => `a${bad}b`),
)
BAD_NAMES.push(null, undefined, 7, ['c'], {}, true)

for (const name of BAD_NAMES) {
  test(`a channel may not be called ${JSON.stringify(name)?.slice(0, 20)}`, () => {
    refusedAs('bad_channel_name', full('subscribe', { channel: name }))
    refusedAs('bad_channel_name', full('publish', { channel: name }))
  })
}

test('whatever is accepted is a command of the schema; whatever is refused has the code of a field', () => {
  const hostile = fc.oneof(
    fc.constantFrom(...MALFORMED_CURSORS, ...BAD_NAMES, 'last:3', '-1', 'now', CURSOR, '/w==', undefined),
    fc.jsonValue(),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.record({
      id: fc.constantFrom('p', '', 7),
      epoch: fc.constantFrom(0, -1, '0'),
      seq: fc.constantFrom(0, 1.5),
    }),
  )
  const fields = [
    ...new Set(Object.values(FULL).flatMap((each) => Object.keys(each))),
    'type',
    'base64',
    '__proto__',
  ]
  const mutations = fc.array(fc.tuple(fc.constantFrom(...fields), hostile), { maxLength: 3 })
  const codes: Record<string, ErrorCode> = {
    channel: 'bad_channel_name',
    from: 'bad_cursor',
    upTo: 'bad_cursor',
    expect: 'bad_cursor',
    version: 'unsupported_version',
  }
  let [accepted, refused] = [0, 0]
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(FULL)), mutations, (type, changes) => {
      const command = { ...full(type) }
      for (const [field, value] of changes) {
        Object.defineProperty(command, field, { value, enumerable: true, configurable: true, writable: true })
      }
      const value = sent(command)
      try {
        decodeCommand(value)
        accepted++
      } catch (error) {
        refused++
        assert.ok(error instanceof ProtocolError, String(error))
        const possible = new Set(changes.map(([field]) => codes[field] ?? 'malformed'))
        if (changes.some(([field]) => field === 'type'))
          for (const code of Object.values(codes)) possible.add(code)
        if (error.code === 'key_required') possible.add('key_required')
        assert.ok(possible.has(error.code), `${error.code}: ${error.message}`)
        return
      }
      assertValid('command', value)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(accepted > 500 && refused > 500, `${accepted} accepted, ${refused} refused`)
})

test('the schema refuses what it should', () => {
  for (const [type, fields] of [
    ['publish', { data: undefined }],
    ['publish', { key: '' }],
    ['trim', { upTo: 'now' }],
    ['subscribe', { from: 'last:0' }],
    ['hello', { version: 2 }],
    ['ping', { id: -1 }],
  ] as const) {
    assert.equal(validates('command', sent(full(type, fields))), false, type)
  }
})
