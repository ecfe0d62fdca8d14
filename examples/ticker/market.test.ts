import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LISTINGS } from './listing.ts'
import { Market, MONTH_MS, MONTHS } from './market.ts'
import { type Quote, quoteOf } from './quote.ts'

/** The same numbers for the same seed (mulberry32). */
const chanceFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const priceIn = (market: Market, symbol: string): Quote =>
  market.prices.find(({ key }) => key === symbol)?.data ?? [0, 0, 0]

const closesOf = (symbol: string): readonly number[] =>
  LISTINGS.find((listing) => listing.symbol === symbol)?.closes ?? []

test('a real share meets its real close at the end of every month, whatever chance does in between', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(1, 2, 3, 5, 6), (seed, steps) => {
      const market = new Market(chanceFrom(seed))
      for (let month = 0; month < MONTHS - 2; month++) {
        for (let step = 0; step < steps; step++) {
          market.pass(MONTH_MS / steps)
          market.trade(20)
        }
        assert.equal(market.month, month + 1)
        for (const { symbol, closes } of LISTINGS)
          if (closes !== undefined) assert.equal(priceIn(market, symbol)[1], closes[month + 1])
      }
    }),
    { numRuns: 20 },
  )
})

test('the last trade before a close is at the close, and in between a price stays near the way there', () => {
  const market = new Market(chanceFrom(7))
  let farthest = 0
  for (let month = 0; month < 60; month++) {
    market.pass(MONTH_MS / 2)
    market.trade(3_000)
    const [from = 0, to = 0] = closesOf('SPX').slice(month)
    const halfway = Math.sqrt(from * to)
    farthest = Math.max(farthest, Math.abs(priceIn(market, 'SPX')[0] / halfway - 1))
    market.pass(MONTH_MS / 2 - 0.0001)
    market.trade(3_000)
    assert.ok(Math.abs(priceIn(market, 'SPX')[0] - to) <= 2, `month ${month}`)
    market.pass(0.0001)
  }
  assert.ok(farthest > 0.001 && farthest < 0.2, `${farthest}`)
})

test('every trade is a price that can be sent, counts one more than the last of its symbol, and the time is endless', () => {
  const market = new Market(chanceFrom(3))
  const trades = new Map(market.prices.map(({ key, data }) => [key, data[2]]))
  const traded = new Set<string>()
  for (let i = 0; i < 200; i++) {
    market.pass(7_000)
    for (const { key, data } of market.trade(200)) {
      assert.deepEqual(quoteOf(JSON.parse(JSON.stringify(data))), data)
      assert.equal(data[2], (trades.get(key) ?? 0) + 1)
      trades.set(key, data[2])
      traded.add(key)
    }
  }
  assert.equal(traded.size, LISTINGS.length, 'everything is traded now and then')
  assert.ok(market.month < MONTHS - 1)
})
