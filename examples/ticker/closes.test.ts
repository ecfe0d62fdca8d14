import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CLOSES, MONTHS, monthAt, type RealSymbol } from './closes.ts'

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

test('every close is the one that vega-datasets has for that month', () => {
  const real = new Map([
    ...table('stocks.csv', ([symbol]) => symbol as string),
    ...table('sp500.csv', () => 'SPX'),
  ])
  let compared = 0
  for (const symbol of Object.keys(CLOSES) as RealSymbol[]) {
    assert.equal(CLOSES[symbol].length, MONTHS)
    CLOSES[symbol].forEach((close, index) => {
      assert.equal(close, real.get(`${symbol} ${monthAt(index)}`), `${symbol} ${monthAt(index)}`)
      compared++
    })
  }
  assert.equal(compared, 6 * 68)
  assert.deepEqual(
    [monthAt(0), monthAt(4), monthAt(5), monthAt(67)],
    ['2004-08', '2004-12', '2005-01', '2010-03'],
  )
})
