/** What comes out of a room's log, whatever anyone has published into it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Publication } from 'holdfast'
import { blocksOf, type Message, messageOf } from './message.ts'
import { peopleOf, typistsOf } from './person.ts'
import { tidyRoomName } from './room-names.ts'
import { typingText } from './typing.ts'

const NOON = Date.UTC(2026, 2, 12, 12)
const ADA = { id: 'ada', name: 'Ada' }

const publication = (offset: number, data: unknown, time = NOON): Publication => ({
  channel: 'chat/lobby',
  cursor: `epoch_${offset}`,
  offset,
  time,
  data,
  key: undefined,
  removed: false,
})
const said = (offset: number, author: unknown, time?: number): Message =>
  messageOf(publication(offset, { id: `m${offset}`, author, text: `text ${offset}` }, time))

test('what has another form is shown as well as can be, and breaks nothing', () => {
  const shapes: readonly unknown[] = [
    null, 0, true, [], [1], {}, { text: 1 }, { text: null }, 'plain', { text: 'x', author: 7, id: 9 },
    { text: 'x', author: { id: {}, name: [] } }, { text: 'x', author: { id: 'a', name: '  ' } },
    { text: { toString: 1 } }, new Uint8Array([1, 2]), { __proto__: null, text: 'x' },
  ] // prettier-ignore
  for (const data of shapes) {
    const { text, author, id } = messageOf(publication(1, data))
    assert.equal(typeof text, 'string')
    assert.equal(author.name, 'Someone')
    assert.equal(id, undefined)
  }
  assert.equal(messageOf(publication(1, { load: 0.5 })).raw, true)
  assert.equal(messageOf(publication(1, 'a'.repeat(1_000_000))).text.length, 70_002)
  const long = messageOf(
    publication(1, { text: '', author: { id: 'x'.repeat(5_000), name: '😀'.repeat(5_000) } }),
  )
  assert.deepEqual([long.author.id.length, [...long.author.name].length], [100, 40])
})

test('the same publication is the same message, so that its row is not drawn again', () => {
  const one = publication(1, 'x')
  assert.equal(messageOf(one), messageOf(one))
})

test('turns end with their author, their name, a pause, a day and a gap', () => {
  const minute = 60_000
  const blocks = blocksOf([
    said(1, ADA, NOON),
    said(2, ADA, NOON + minute),
    said(3, { id: 'wen', name: 'Wen' }, NOON + minute),
    said(4, ADA, NOON + 2 * minute),
    said(5, { ...ADA, name: 'Ada M.' }, NOON + 2 * minute),
    said(6, { ...ADA, name: 'Ada M.' }, NOON + 9 * minute),
    said(9, { ...ADA, name: 'Ada M.' }, NOON + 9 * minute),
    said(10, { ...ADA, name: 'Ada M.' }, NOON + 2 * 86_400_000),
    said(1, { ...ADA, name: 'Ada M.' }, NOON + 2 * 86_400_000),
  ])
  assert.deepEqual(
    blocks.map((block) => {
      if (block.kind === 'turn') return block.messages.map(({ offset }) => offset).join()
      return block.kind === 'gap' ? `gap ${block.missing}` : block.kind
    }),
    ['day', '1,2', '3', '4', '5', '6', 'gap 2', '9', 'day', '10', 'gap undefined', '1'],
  )
})

test('who is there, once each, by name, and who of them writes', () => {
  const members = [
    { ...ADA, typing: true },
    { id: 'wen', name: 'Wen', typing: true },
    { id: 'wen', name: 'Wen' },
    { id: 'noor', name: 'Noor', typing: 'yes' },
    null, 5, { name: 'nobody' },
  ] // prettier-ignore
  assert.deepEqual(
    peopleOf(members).map(({ name }) => name),
    ['Ada', 'Noor', 'Wen'],
  )
  assert.deepEqual(
    typistsOf(members, ADA).map(({ name }) => name),
    ['Wen'],
  )
  assert.deepEqual([[], ['Ada'], ['Ada', 'Wen'], ['Ada', 'Wen', 'Noor']].map(typingText), [
    '',
    'Ada is writing …',
    'Ada and Wen are writing …',
    '3 people are writing …',
  ])
})

test('a room’s name is one part of a channel’s name and of an address', () => {
  const names = [
    'Lobby',
    ' Über uns! ',
    'a/b',
    '../..',
    'a/typing',
    '🎉',
    '__proto__',
    'مرحبا',
    'x'.repeat(99),
  ]
  assert.deepEqual(names.map(tidyRoomName), [
    'lobby',
    'über-uns',
    'a-b',
    '',
    'a-typing',
    '🎉',
    'proto',
    'مرحبا',
    'x'.repeat(40),
  ])
  for (const name of names) assert.equal(tidyRoomName(tidyRoomName(name)), tidyRoomName(name))
})
