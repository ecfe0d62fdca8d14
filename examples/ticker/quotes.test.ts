import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arrange, moversOf } from './arrangement.ts'
import { LISTINGS } from './listing.ts'
import { arrowOf, changeOf, decodeQuote, formatChange, formatPrice } from './quote.ts'
import { Quotes } from './quotes.ts'
import { marketStateOf, rateOf } from './rate.ts'
import { Trails } from './trails.ts'

const SYMBOLS = LISTINGS.slice(0, 5).map(({ symbol }) => symbol)

test('whatever a log holds, the page has the latest of each symbol, and its three numbers add up', () => {
  const log = fc.array(fc.tuple(fc.constantFrom(...SYMBOLS), fc.integer({ min: 1, max: 9_999 })), {
    minLength: 1,
  })
  const polls = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 })
  fc.assert(
    fc.property(log, polls, (log, polls) => {
      const quotes = new Quotes()
      const latest = new Map(log.map(([key, price], index) => [key, { price, index }]))
      let at = 0
      for (let poll = 0; at < log.length; poll++) {
        // What a conflating reader is sent of this stretch: the last of each key in it.
        const upTo = Math.min(log.length, at + (polls[poll % polls.length] as number))
        for (let index = at; index < upTo; index++) {
          const [key, price] = log[index] as [string, number]
          if (log.slice(index + 1, upTo).some(([later]) => later === key)) continue
          quotes.take({ key, offset: index + 1, data: [price, 100, index] })
        }
        at = upTo
        const { published, delivered, superseded } = quotes.delivery
        assert.equal(published, delivered + superseded)
        assert.ok(superseded >= 0 && published <= at)
      }
      for (const [key, { price }] of latest) assert.equal(quotes.row(key)?.quote.hundredths, price)
      assert.equal(quotes.size, latest.size)
    }),
  )
})

test('what is no price, or of no symbol that there is, changes nothing and breaks nothing', () => {
  const quotes = new Quotes()
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), fc.jsonValue(), (key, data) => {
      if (decodeQuote(data) === undefined) quotes.take({ key, offset: 1, data })
      quotes.remember(data)
      assert.ok(marketStateOf(data) === undefined || rateOf(marketStateOf(data)?.perSecond) !== undefined)
      assert.deepEqual(new Trails().of(data), {})
    }),
  )
  for (const data of [
    [1, 2],
    [0, 1, 1],
    [1, 0, 1],
    [1.5, 1, 1],
    ['1', 1, 1],
    [-1, 1, 1],
    [1, 1, 2 ** 60],
  ])
    quotes.take({ key: 'SPX', offset: 2, data })
  quotes.take({ key: '__proto__', offset: 3, data: [1, 1, 1] })
  quotes.take({ key: 'NONE', offset: 4, data: [1, 1, 1] })
  assert.equal(quotes.size, 0)
})

test('a log that began anew is counted anew', () => {
  const quotes = new Quotes()
  for (const offset of [5, 9, 12]) quotes.take({ key: 'SPX', offset, data: [offset, 1, 1] })
  assert.deepEqual(quotes.delivery, { published: 7, delivered: 2, superseded: 5 })
  quotes.clear()
  assert.deepEqual([quotes.size, quotes.delivery.published], [0, 0])
  assert.ok(quotes.changes().has('SPX'))
  quotes.take({ key: 'SPX', offset: 1, data: [1, 1, 1] })
  assert.deepEqual(quotes.delivery, { published: 0, delivered: 0, superseded: 0 })
})

test('changes are told once; a trail is a minute, with what the node remembers before it', () => {
  const quotes = new Quotes()
  quotes.take({ key: 'SPX', offset: 1, data: [10, 10, 1] })
  assert.deepEqual([...quotes.changes()], ['SPX'])
  assert.equal(quotes.changes().size, 0)
  quotes.note()
  quotes.remember({ SPX: [7, 8, 'x', -1, 9], NONE: [1] })
  assert.deepEqual(quotes.trail('SPX'), [7, 8, 9, 10])
  for (let i = 0; i < 100; i++) quotes.note()
  assert.equal(quotes.trail('SPX').length, 60)
})

test('pinned rows come first, whatever the order; the rest by what was asked for, and found by symbol or name', () => {
  const prices = new Map(
    LISTINGS.map(({ symbol }, index) => [symbol, { hundredths: index + 1, closeHundredths: 150, trades: 1 }]),
  )
  const quoteOf = (symbol: string) => prices.get(symbol)
  const ask = {
    sortBy: 'price',
    descending: true,
    show: 'all',
    search: '',
    pinned: new Set(['SPX']),
  } as const
  const symbols = (rows: readonly { symbol: string }[]) => rows.map(({ symbol }) => symbol)
  const all = symbols(arrange(ask, quoteOf))
  assert.deepEqual([all.length, all[0], all[1]], [306, 'SPX', LISTINGS.at(-1)?.symbol])
  assert.deepEqual(symbols(arrange({ ...ask, show: 'pinned' }, quoteOf)), ['SPX'])
  assert.deepEqual(symbols(arrange({ ...ask, search: ' ALDER gl ' }, quoteOf)), ['ALGL.X'])
  assert.deepEqual(arrange({ ...ask, search: 'zzz' }, quoteOf), [])
  assert.equal(symbols(arrange({ ...ask, sortBy: 'listed', descending: false }, quoteOf))[1], 'AAPL')
  const movers = moversOf(3, quoteOf)
  assert.deepEqual(symbols(movers.down), ['SPX', 'AAPL', 'AMZN'])
  assert.equal(movers.up[0]?.symbol, LISTINGS.at(-1)?.symbol)
  assert.deepEqual(
    moversOf(3, () => ({ hundredths: 1, closeHundredths: 1, trades: 1 })),
    { up: [], down: [] },
  )
})

test('prices and changes are written with their sign', () => {
  assert.deepEqual([5, 123_456, 100, 1_234_500].map(formatPrice), ['0.05', '1,234.56', '1.00', '12,345.00'])
  assert.deepEqual([-5, 0, 1_240].map(formatChange), ['−0.05 %', '0.00 %', '+12.40 %'])
  assert.deepEqual([-1, 0, 1].map(arrowOf), ['▼', '', '▲'])
  assert.equal(changeOf({ hundredths: 99, closeHundredths: 100, trades: 0 }), -100)
})
