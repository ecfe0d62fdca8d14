/** What comes out of a room's log, whatever anyone has published into it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Publication } from 'holdfast'
import { messageOf } from './message.ts'
import { peopleOf, typistsOf } from './person.ts'
import { typingText } from './words.ts'

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
  assert.equal(messageOf(publication(1, 'a'.repeat(1_000_000))).text.length, 70_000)
  const long = messageOf(
    publication(1, { text: '', author: { id: 'x'.repeat(5_000), name: '😀'.repeat(5_000) } }),
  )
  assert.deepEqual([long.author.id.length, [...long.author.name].length], [100, 40])
})

test('the same publication is the same message, so that its row is not drawn again', () => {
  const one = publication(1, 'x')
  assert.equal(messageOf(one), messageOf(one))
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
  const three = ['Ada', 'Wen', 'Noor'].map((name) => ({ id: name, name }))
  assert.deepEqual(
    [0, 1, 2, 3].map((count) => typingText(three.slice(0, count))),
    ['', 'Ada is writing …', 'Ada and Wen are writing …', '3 people are writing …'],
  )
})
