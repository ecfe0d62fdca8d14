import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bid, Entry, Lot } from '../../../examples/auction/lot.ts'
import { soldIn } from './sold.ts'

const lot = (number: number): Lot => ({
  ...{ id: `lot-${number}`, number, title: 'Bell', text: '', startCents: 8_000, softCloseMs: 15_000 },
})
const bid = (number: number, name: string): Bid => ({
  ...{ number, id: `bid-${number}`, bidder: { id: name, name }, cents: number * 10_000, until: 1 },
})

test('each lot that was closed, the latest first, with the bid that won; not one whose opening is unknown', () => {
  const entries: Entry[] = [
    { type: 'bid', bid: bid(7, 'Eve') },
    { type: 'closed' },
    { type: 'opened', lot: lot(4), until: 1 },
    { type: 'closed' },
    { type: 'opened', lot: lot(5), until: 1 },
    { type: 'bid', bid: bid(1, 'Ada') },
    { type: 'opened', lot: lot(5), until: 2 },
    { type: 'bid', bid: bid(2, 'Wen') },
    { type: 'closed' },
    { type: 'opened', lot: lot(6), until: 1 },
    { type: 'bid', bid: bid(1, 'Ada') },
  ]
  assert.deepEqual(soldIn(entries), [
    { lot: lot(5), bid: bid(2, 'Wen') },
    { lot: lot(4), bid: undefined },
  ])
})
