/** Where turns and days end, and what is missing shows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Message, messageOf } from '../../../examples/chat/message.ts'
import { blocksOf } from './blocks.ts'

const NOON = Date.UTC(2026, 2, 12, 12)
const ADA = { id: 'ada', name: 'Ada' }

const said = (offset: number, author: unknown, time: number): Message =>
  messageOf({
    channel: 'chat/lobby',
    cursor: `epoch_${offset}`,
    offset,
    time,
    data: { id: `m${offset}`, author, text: `text ${offset}` },
    key: undefined,
    removed: false,
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
