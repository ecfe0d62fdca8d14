import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BidRequest, judge, readBid, type Verdict } from './judge.ts'
import { applyEntry, type Bidder, type Lot, type LotState, maximumOf, minimumOf, UNOPENED } from './lot.ts'

const LOT: Lot = {
  ...{ id: 'lot-00001', number: 1, title: 'Bell', text: '', drawing: 'bell' },
  ...{ startCents: 8_000, softCloseMs: 15_000 },
}
const OPEN = applyEntry(UNOPENED, { type: 'opened', lot: LOT, until: 90_000 })
const ADA: Bidder = { id: 'ada', name: 'Ada' }
const WEN: Bidder = { id: 'wen', name: 'Wen' }

const bid = (cents: number, id = `bid-${cents}`): BidRequest => ({ lot: LOT.id, id, cents, name: '' })
const accept = (state: LotState, verdict: Verdict): LotState =>
  verdict.kind === 'accepted' ? applyEntry(state, { type: 'bid', ...verdict.bid }) : assert.fail(verdict.code)
const codeOf = (verdict: Verdict): string => (verdict.kind === 'refused' ? verdict.code : 'accepted')

test('whatever is no bid is none: negative, no number, text, unsafe, nameless', () => {
  const good = { lot: LOT.id, id: 'bid-00001', cents: 8_000, name: ' Ada\u200b\u0000  L ' }
  assert.deepEqual(readBid(good), { lot: LOT.id, id: 'bid-00001', cents: 8_000, name: 'Ada L' })
  for (const cents of [
    -1,
    0,
    NaN,
    Infinity,
    1.5,
    2 ** 53,
    '8000',
    null,
    [8_000],
    { valueOf: () => 8_000 },
    undefined,
  ])
    assert.equal(readBid({ ...good, cents }), undefined, String(cents))
  for (const name of ['', ' \u200b ', 'x'.repeat(41), 7, undefined])
    assert.equal(readBid({ ...good, name }), undefined, String(name))
  for (const id of ['', 'short', '../../../..', 'x'.repeat(65), 7, undefined]) {
    assert.equal(readBid({ ...good, id }), undefined)
    assert.equal(readBid({ ...good, lot: id }), undefined)
  }
  for (const params of [undefined, null, 'bid', [], 8_000]) assert.equal(readBid(params), undefined)
})

test('nothing that is sent makes the reader fail', () => {
  fc.assert(fc.property(fc.anything(), (params) => void readBid(params)))
})

test('a bid below the next step, beyond the guard, of the leader, or after the end is refused, and says what would do', () => {
  assert.equal(codeOf(judge(OPEN, bid(7_999), ADA, 0)), 'too_low')
  assert.equal(codeOf(judge(OPEN, bid(maximumOf(OPEN) + 1), ADA, 0)), 'too_high')
  assert.equal(codeOf(judge(OPEN, bid(8_000), ADA, 90_000)), 'closed')
  assert.equal(codeOf(judge(OPEN, { ...bid(8_000), lot: 'lot-00002' }, ADA, 0)), 'closed')
  assert.equal(codeOf(judge(UNOPENED, bid(8_000), ADA, 0)), 'closed')
  const led = accept(OPEN, judge(OPEN, bid(8_000), ADA, 0))
  assert.equal(codeOf(judge(led, bid(9_000), ADA, 1)), 'leading')
  assert.deepEqual(judge(led, bid(8_000, 'bid-again'), WEN, 1), {
    ...{ kind: 'refused', code: 'too_low', minimumCents: minimumOf(led) },
  })
  const closed = applyEntry(led, { type: 'closed' })
  assert.equal(codeOf(judge(closed, bid(9_000), WEN, 1)), 'closed')
})

test('nobody bids under the name that another has on this lot, however it is spelled', () => {
  const led = accept(OPEN, judge(OPEN, bid(8_000), ADA, 0))
  assert.equal(codeOf(judge(led, bid(9_000), { id: 'wen', name: 'aDA' }, 1)), 'name_taken')
  assert.equal(codeOf(judge(led, bid(9_000), WEN, 1)), 'accepted')
})

test('a bid that comes twice has the same answer, and takes one step; with another’s name for it, none', () => {
  const first = judge(OPEN, bid(8_000), ADA, 0)
  const led = accept(OPEN, first)
  assert.deepEqual(judge(led, bid(8_000), ADA, 95_000), first)
  assert.equal(codeOf(judge(led, bid(8_000), WEN, 1)), 'malformed')
})

test('a bid in the last seconds moves the end, an earlier one does not', () => {
  const early = judge(OPEN, bid(8_000), ADA, 75_000)
  const late = judge(OPEN, bid(8_000), ADA, 89_999)
  assert.equal(early.kind === 'accepted' && early.bid.until, 90_000)
  assert.equal(late.kind === 'accepted' && late.bid.until, 104_999)
})
