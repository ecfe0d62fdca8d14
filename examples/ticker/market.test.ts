import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chanceFrom } from './chance.ts'
import { CLOSES, MONTHS, type RealSymbol } from './closes.ts'
import { LISTINGS } from './listing.ts'
import { Market, MONTH_MS } from './market.ts'
import { decodeQuote, encodeQuote } from './quote.ts'

test('three hundred companies that do not exist, five real shares and the index, each under a symbol of its own', () => {
  assert.equal(new Set(LISTINGS.map(({ symbol }) => symbol)).size, 306)
  assert.equal(LISTINGS.filter(({ source }) => source === 'real').length, 6)
  for (const { symbol, source } of LISTINGS) assert.equal(symbol.endsWith('.X'), source === 'simulated')
})

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
        for (const symbol of Object.keys(CLOSES) as RealSymbol[])
          assert.equal(market.quote(symbol)?.closeHundredths, CLOSES[symbol][month + 1])
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
    const [from = 0, to = 0] = CLOSES.SPX.slice(month)
    const halfway = Math.sqrt(from * to)
    farthest = Math.max(farthest, Math.abs((market.quote('SPX')?.hundredths ?? 0) / halfway - 1))
    market.pass(MONTH_MS / 2 - 0.001)
    market.trade(3_000)
    assert.ok(Math.abs((market.quote('SPX')?.hundredths ?? 0) - to) <= 2, `month ${month}`)
    market.pass(0.001)
  }
  assert.ok(farthest > 0.001 && farthest < 0.2, `${farthest}`)
})

test('every trade is a price that can be sent, counts one more than the last of its symbol, and the time is endless', () => {
  const market = new Market(chanceFrom(3))
  const trades = new Map<string, number>()
  for (let i = 0; i < 200; i++) {
    market.pass(7_000)
    for (const { symbol, quote } of market.trade(200)) {
      assert.deepEqual(decodeQuote(JSON.parse(JSON.stringify(encodeQuote(quote)))), quote)
      assert.equal(quote.trades, (trades.get(symbol) ?? 0) + 1)
      trades.set(symbol, quote.trades)
    }
  }
  assert.ok(trades.size === LISTINGS.length, 'everything is traded now and then')
  assert.ok(market.month < MONTHS - 1)
})
