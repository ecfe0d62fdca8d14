import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LISTINGS } from '../../../examples/ticker/listing.ts'
import type { Quote } from '../../../examples/ticker/quote.ts'
import { arrange, moversOf } from './arrangement.ts'
import { monthOf } from './month.ts'

test('pinned rows come first, whatever the order; the rest by what was asked for, and found by symbol or name', () => {
  const prices = new Map(LISTINGS.map(({ symbol }, index): [string, Quote] => [symbol, [index + 1, 150, 1]]))
  const quoteAt = (symbol: string) => prices.get(symbol)
  const ask = {
    sortBy: 'price',
    descending: true,
    show: 'all',
    search: '',
    pinned: new Set(['SPX']),
  } as const
  const symbols = (rows: readonly { symbol: string }[]) => rows.map(({ symbol }) => symbol)
  const all = symbols(arrange(ask, quoteAt))
  assert.deepEqual([all.length, all[0], all[1]], [306, 'SPX', LISTINGS.at(-1)?.symbol])
  assert.deepEqual(symbols(arrange({ ...ask, show: 'pinned' }, quoteAt)), ['SPX'])
  assert.equal(arrange({ ...ask, show: 'real' }, quoteAt).length, 6)
  assert.equal(arrange({ ...ask, show: 'simulated' }, quoteAt).length, 300)
  assert.deepEqual(symbols(arrange({ ...ask, search: ' ALDER gl ' }, quoteAt)), ['ALGL.X'])
  assert.deepEqual(arrange({ ...ask, search: 'zzz' }, quoteAt), [])
  assert.equal(symbols(arrange({ ...ask, sortBy: 'listed', descending: false }, quoteAt))[1], 'AAPL')
  const movers = moversOf(3, quoteAt)
  assert.deepEqual(symbols(movers.down), ['SPX', 'AAPL', 'AMZN'])
  assert.equal(movers.up[0]?.symbol, LISTINGS.at(-1)?.symbol)
  assert.deepEqual(
    moversOf(3, () => [1, 1, 1]),
    { up: [], down: [] },
  )
})

test('each month is told by what the index closed at', () => {
  const closes = LISTINGS.find(({ symbol }) => symbol === 'SPX')?.closes ?? []
  const months = closes.map((close) => monthOf([1, close, 1]))
  assert.deepEqual([months[0], months[31], months[67]], ['August 2004', 'March 2007', 'March 2010'])
  assert.equal(new Set(months).size, 68)
  assert.deepEqual([monthOf([1, 1, 1]), monthOf(undefined)], [undefined, undefined])
})
