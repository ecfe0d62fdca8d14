import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BidRequest, judge, readBid, type Verdict } from './judge.ts'
import {
  applyEntry,
  type Bid,
  EMPTY,
  HIGHEST_CENTS,
  KEPT,
  type Lot,
  maximumOf,
  minimumOf,
  type State,
} from './lot.ts'

const LOT: Lot = {
  ...{ id: 'lot-00001', number: 1, title: 'Bell', text: '' },
  ...{ startCents: 8_000, softCloseMs: 15_000 },
}
const OPEN = applyEntry(EMPTY, { type: 'opened', lot: LOT, until: 90_000 })
const ADA: Bid['bidder'] = { id: 'ada', name: 'Ada' }
const WEN: Bid['bidder'] = { id: 'wen', name: 'Wen' }
const BID: Bid = { number: 1, id: 'bid-00001', bidder: ADA, cents: 8_000, until: 90_000 }

const bid = (cents: number, id = `bid-${cents}`): BidRequest => ({
  ...{ lot: LOT.id, id, cents, name: '', notAfter: 1e9 },
})
const accept = (state: State, verdict: Verdict): State =>
  verdict.kind === 'accepted'
    ? applyEntry(state, { type: 'bid', bid: verdict.bid })
    : assert.fail(verdict.code)
const codeOf = (verdict: Verdict): string => (verdict.kind === 'refused' ? verdict.code : 'accepted')

test('whatever is no bid is none: negative, no number, text, unsafe, nameless', () => {
  const good = { lot: LOT.id, id: 'bid-00001', cents: 8_000, name: ' Ada\u200b\u0000  L ', notAfter: 5 }
  assert.deepEqual(readBid(good), { lot: LOT.id, id: 'bid-00001', cents: 8_000, name: 'Ada L', notAfter: 5 })
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
  assert.equal(codeOf(judge(EMPTY, bid(8_000), ADA, 0)), 'closed')
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

test('a bid that comes after its time does not count, and one that has counted has the same answer for ever', () => {
  const late = { ...bid(8_000), notAfter: 5 }
  assert.equal(codeOf(judge(OPEN, late, ADA, 6)), 'late')
  const accepted = judge(OPEN, late, ADA, 5)
  const next: Lot = { ...LOT, id: 'lot-00002', number: 2 }
  const led = accept(OPEN, accepted)
  const over = applyEntry(applyEntry(led, { type: 'closed' }), { type: 'opened', lot: next, until: 300_000 })
  for (const state of [led, over]) assert.deepEqual(judge(state, late, ADA, 200_000), accepted)
})

test('a lot has fewer bids than its log keeps, however small the steps', () => {
  let state = applyEntry(EMPTY, { type: 'opened', lot: { ...LOT, startCents: 1 }, until: 90_000 })
  for (;;) {
    const verdict = judge(state, bid(minimumOf(state)), state.bids.length % 2 === 0 ? ADA : WEN, 0)
    if (verdict.kind === 'refused') break
    state = accept(state, verdict)
  }
  assert.ok(state.bids.length > 100 && state.bids.length < KEPT / 1.5, `${state.bids.length} bids`)
})

test('steps grow with the price, and are whole', () => {
  const at = (cents: number): State => accept(OPEN, { kind: 'accepted', bid: { ...BID, cents } })
  const stepAt = (cents: number): number => minimumOf(at(cents)) - cents
  fc.assert(
    fc.property(fc.nat(HIGHEST_CENTS), fc.nat(HIGHEST_CENTS), (a, b) => {
      assert.ok(stepAt(Math.max(a, b)) >= stepAt(Math.min(a, b)) && stepAt(a) > 0)
      assert.equal(stepAt(a) % 500, 0)
    }),
  )
})
