import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Covering, Payload } from '../channel/index.ts'
import { bodyFraming, eventFraming } from './framing.ts'

const channel = { channel: 'c', epoch: '0'.repeat(13) }

const run = (...payloads: Payload[]): Covering[] =>
  payloads.map((data, index) => ({
    from: index,
    publication: {
      offset: index + 1,
      time: 0,
      data,
      key: undefined,
      removed: false,
      producer: undefined,
      stamp: undefined,
    },
  }))

/** The event's data as the HTML standard reads it. */
const dataOf = (event: string): string =>
  event
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
    .join('\n')

test('a JSON body is an array of its entries; a body of bytes is one after the other', () => {
  assert.equal(bodyFraming('json').encode(channel, run('1', '{"a":2}')).toString(), '[1,{"a":2}]')
  assert.equal(bodyFraming('json').encode(channel, []).toString(), '[]')
  const bytes = bodyFraming('binary').encode(channel, run(Uint8Array.of(0, 255), Uint8Array.of(10)))
  assert.deepEqual([...bytes], [0, 255, 10])
})

test('an event carries its data, and the place behind it as its id', () => {
  const id = `id:${channel.epoch}_0000000000000002`
  assert.equal(
    eventFraming('json').encode(channel, run('1', '2')).toString(),
    `event: data\ndata:[1,2]\n${id}\n\n`,
  )
  const bytes = run(Uint8Array.of(0, 1), Uint8Array.of(2))
  assert.equal(eventFraming('binary').encode(channel, bytes).toString(), `event: data\ndata:AAEC\n${id}\n\n`)
})

test('text over SSE keeps its lines and the space that they begin with', () => {
  for (const text of [
    'a\nb',
    ' a',
    '  a\n b',
    '\n',
    'a\n',
    'event: control\n\ndata: x',
    ':',
    'id: 7\n\n\n',
  ]) {
    const event = eventFraming('text')
      .encode(channel, run(Buffer.from(text)))
      .toString()
    assert.equal(dataOf(event), text)
    assert.equal(event.split('\n\n').length, 2, 'one event')
  }
})

test('a carriage return ends a line as well, and cannot end the event', () => {
  const event = eventFraming('text')
    .encode(channel, run(Buffer.from('a\rb\r\nc\r\r')))
    .toString()
  assert.doesNotMatch(event, /\r/)
  assert.equal(dataOf(event), 'a\nb\nc\n\n')
})
