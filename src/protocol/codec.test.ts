import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Covering } from '../channel/index.ts'
import {
  cursorAt,
  decodeBinary,
  decodeJson,
  encodeBinary,
  encodeBinaryPublication,
  encodeEvent,
  encodePublication,
} from './codec.ts'
import { type ErrorCode, ERRORS, ProtocolError } from './errors.ts'
import type { ServerEvent } from './events.ts'
import { assertValid } from './schema.test.ts'

const EPOCH = '0mabcdef01234'
const CURSOR = cursorAt(EPOCH, 7)
const channels = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((name) => !/[\p{Cc}\u2028\u2029]/u.test(name))
const offsets = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const stamps = fc.option(fc.constantFrom('00000000', 'abcdef01'), { nil: undefined })

const coverings: fc.Arbitrary<Covering> = fc
  .record({
    offset: offsets,
    back: fc.integer({ min: 1, max: 3 }),
    time: fc.nat(),
    payload: fc.oneof(fc.jsonValue(), fc.uint8Array({ maxLength: 20 })),
    key: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
    removed: fc.boolean(),
    stamp: stamps,
  })
  .map(({ offset, back, payload, ...fields }) => ({
    from: Math.max(0, offset - back),
    publication: {
      ...fields,
      offset,
      data: payload instanceof Uint8Array ? payload : JSON.stringify(payload),
      producer: undefined,
    },
  }))

test('a publication is written once, and says what it covers', () => {
  const publication = {
    offset: 3,
    time: 5,
    data: '{"a":1}',
    key: undefined,
    removed: false,
    producer: { id: 'p', epoch: 0, seq: 0 },
    stamp: undefined,
  }
  const context = { channel: 'c"', epoch: EPOCH }
  const head = `{"type":"publication","channel":"c\\"","epoch":"${EPOCH}","offset":3`
  assert.equal(encodePublication(context, { from: 2, publication }), `${head},"time":5,"data":{"a":1}}`)
  assert.equal(
    encodePublication(context, {
      from: 0,
      publication: { ...publication, key: 'k', removed: true, stamp: '0000abcd', data: 'null' },
    }),
    `${head},"from":0,"time":5,"key":"k","removed":true,"stamp":"0000abcd","data":null}`,
  )
  assert.equal(
    encodePublication(context, { from: 2, publication: { ...publication, data: Uint8Array.of(255) } }),
    `${head},"time":5,"base64":"/w=="}`,
  )
})

test('every publication is a publication of the schema, in one line, and means what it says', () => {
  fc.assert(
    fc.property(channels, coverings, (channel, covering) => {
      const text = encodePublication({ channel, epoch: EPOCH }, covering)
      assert.ok(!/[\r\n]/.test(text))
      const event = JSON.parse(text) as Record<string, unknown>
      assertValid('publication', event)
      assertValid('event', event)
      const { offset, key, data } = covering.publication
      assert.deepEqual([event['channel'], event['offset'], event['key']], [channel, offset, key])
      assert.equal(event['from'] ?? offset - 1, covering.from)
      if (typeof data === 'string') assert.deepEqual(event['data'], JSON.parse(data))
    }),
  )
})

test('a binary message is its header and its bytes', () => {
  fc.assert(
    fc.property(channels, coverings, fc.uint8Array(), (channel, covering, bytes) => {
      const message = encodeBinaryPublication({ channel, epoch: EPOCH }, covering, bytes)
      const { header, bytes: decoded } = decodeBinary(message)
      assertValid('publicationHeader', header)
      assert.equal((header as { channel: string }).channel, channel)
      assert.deepEqual(decoded, bytes)
    }),
  )
})

test('a binary message may be a view into a larger buffer, and its bytes are a view of it', () => {
  const message = encodeBinary('{"a":1}', Uint8Array.of(1, 2))
  const padded = new Uint8Array(message.length + 6)
  padded.set(message, 3)
  const decoded = decodeBinary(padded.subarray(3, 3 + message.length))
  assert.deepEqual(decoded.header, { a: 1 })
  assert.deepEqual([...decoded.bytes], [1, 2])
  assert.equal(decoded.bytes.buffer, padded.buffer)
})

const malformed = (act: () => unknown): void =>
  assert.throws(act, (error) => error instanceof ProtocolError && error.code === 'malformed')

for (const [what, hex] of [
  ['nothing', ''],
  ['half a length', '000000'],
  ['a header that is not there', '00000001'],
  ['a header of 2^32 − 1 bytes', 'ffffffff7b7d'],
  ['a header that is not UTF-8', '00000002c328'],
  ['a header that is not JSON', '000000027b7b'],
  ['an empty header', '0000000001'],
] as const) {
  test(`a binary message with ${what} is malformed`, () =>
    malformed(() => decodeBinary(Buffer.from(hex, 'hex'))))
}

for (const text of [
  '',
  '\n',
  '\n\n',
  '{',
  "{'a':1}",
  'undefined',
  'NaN',
  '01',
  '[1,]',
  '\u0000',
  '"\n"',
  '﻿{}',
]) {
  test(`not JSON: ${JSON.stringify(text)}`, () => malformed(() => decodeJson(text)))
}

test('nothing that arrives makes the decoders throw anything but a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'binary' }), (bytes, text) => {
      for (const act of [() => decodeBinary(bytes), () => decodeJson(text)]) {
        try {
          act()
        } catch (error) {
          assert.ok(error instanceof ProtocolError)
        }
      }
    }),
  )
})

test('JSON of any depth is read', () => {
  for (const depth of [10_000, 100_000]) {
    decodeJson('['.repeat(depth) + ']'.repeat(depth))
    malformed(() => decodeJson('['.repeat(depth)))
  }
})

test('every event is an event of the schema', () => {
  const error = new ProtocolError('forbidden', 'no').toWire()
  const channel = '__proto__'
  const bye = (code: string) =>
    ({ type: 'bye', code, message: 'm', retry: ERRORS[code as ErrorCode].retry }) as const
  const events: ServerEvent[] = [
    { type: 'reply', id: 0, ok: undefined },
    { type: 'reply', id: 1, ok: { any: ['thing'] } },
    { type: 'reply', id: Number.MAX_SAFE_INTEGER, error },
    { type: 'subscribed', channel, cursor: CURSOR },
    { type: 'unsubscribed', channel, error },
    { type: 'advance', channel, from: 0, cursor: cursorAt(EPOCH, 9, '0000abcd') },
    { type: 'closed', channel, cursor: CURSOR },
    { type: 'deleted', channel },
    { type: 'auth', expiresInMs: 60_000 },
    { type: 'drain', afterMs: 0 },
    ...Object.keys(ERRORS).map(bye),
    ...(['epoch', 'trimmed', 'ahead', 'rolled-back'] as const).map((why): ServerEvent => ({
      type: 'gap',
      channel,
      from: CURSOR,
      floor: 1,
      top: 0,
      cursor: CURSOR,
      why,
    })),
  ]
  for (const event of events) assertValid('event', JSON.parse(encodeEvent(event)))
})
