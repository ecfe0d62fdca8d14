import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LISTINGS } from './listing.ts'

const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What the package says of one symbol and month, in hundredths. */
const table = (file: string, symbolOf: (row: string[]) => string): Map<string, number> => {
  const path = new URL(`../../node_modules/vega-datasets/data/${file}`, import.meta.url)
  const rows = readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
  return new Map(
    rows.map((line) => {
      const row = line.split(',')
      const [name = '', , year] = row.at(-2)?.split(' ') ?? []
      const month = String(MONTH_NAMES.indexOf(name) + 1).padStart(2, '0')
      return [`${symbolOf(row)} ${year}-${month}`, Math.round(Number(row.at(-1)) * 100)]
    }),
  )
}

test('three hundred companies that do not exist, five real shares and the index, each under a symbol of its own', () => {
  assert.equal(new Set(LISTINGS.map(({ symbol }) => symbol)).size, 306)
  assert.equal(LISTINGS.filter(({ closes }) => closes !== undefined).length, 6)
  for (const { symbol, closes } of LISTINGS) assert.equal(symbol.endsWith('.X'), closes === undefined)
})

test('every close is the one that vega-datasets has for that month, from August 2004 to March 2010', () => {
  const real = new Map([
    ...table('stocks.csv', ([symbol]) => symbol as string),
    ...table('sp500.csv', () => 'SPX'),
  ])
  let compared = 0
  for (const { symbol, closes = [] } of LISTINGS) {
    closes.forEach((close, index) => {
      const month = new Date(Date.UTC(2004, 7 + index)).toISOString().slice(0, 7)
      assert.equal(close, real.get(`${symbol} ${month}`), `${symbol} ${month}`)
      compared++
    })
  }
  assert.equal(compared, 6 * 68)
})
