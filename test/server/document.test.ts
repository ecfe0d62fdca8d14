/** PROTOCOL.md is true: its tables are the code's, its examples are what a node says, and its rules have tests. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEFAULT_LIMITS, ERRORS } from 'holdfast/server'
import { exchangesOf, play } from './exchange.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const DOCUMENT = readFileSync(join(ROOT, 'PROTOCOL.md'), 'utf8')

/** The cells of each row of the tables under a heading, without the head. */
const rowsUnder = (heading: string): string[][] => {
  const start = DOCUMENT.indexOf(`\n${heading}\n`)
  assert.ok(start >= 0, `there is a heading ${heading}`)
  const end = DOCUMENT.indexOf('\n#', start + heading.length)
  const lines = DOCUMENT.slice(start, end < 0 ? undefined : end).split('\n')
  return lines
    .filter((line) => /^\| (?!-|Rule |Limit )/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
}

const CITATION = /['"`]((?:[A-Z]{2}\d+, )*[A-Z]{2}\d+): /g

/** The rules that the names of tests cite, and where. */
const citations = (): Map<string, string> => {
  const cited = new Map<string, string>()
  for (const file of globSync(['test/**/*.ts', 'src/**/*.test.ts'], { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, rules = ''] of text.matchAll(CITATION))
      for (const rule of rules.split(', ')) cited.set(rule, file)
  }
  return cited
}

test('RF1: the table of codes is the code’s', () => {
  const written = rowsUnder('### Codes').map(([, code, , retry, close, status]) => [
    code,
    { retry, close: Number(close), status: Number(status) },
  ])
  assert.deepEqual(Object.fromEntries(written), ERRORS)
  assert.equal(written.length, Object.keys(ERRORS).length)
})

test('LI2: the table of limits is the code’s', () => {
  const written = rowsUnder('## LI Limits').map(([name, value]) => [name, Number(value)])
  assert.deepEqual(Object.fromEntries(written), DEFAULT_LIMITS)
})

test('RF1: each row of the refusal tables is cited by the name of a test', () => {
  const cited = citations()
  const rows = [...rowsUnder('### Codes'), ...rowsUnder('### Cases')].map(([rule = '']) => rule)
  assert.equal(new Set(rows).size, rows.length)
  assert.ok(rows.length > 80)
  assert.deepEqual(
    rows.filter((rule) => !cited.has(rule)),
    [],
  )
})

test('RF1: each rule that a test or a table cites is written, once', () => {
  const written = Array.from(
    DOCUMENT.matchAll(/^(?:- \*\*|\| )([A-Z]{2}\d+)(?:\*\*| +\|)/gm),
    ([, rule]) => rule,
  )
  assert.equal(new Set(written).size, written.length)
  const unknown = [...citations()].filter(([rule]) => !written.includes(rule))
  assert.deepEqual(unknown, [])
  const named = DOCUMENT.match(/\b(?:CU|CH|CM|EV|PU|CF|PR|GA|WS|HT|PO|LP|SS|DS|ID|CO|LI|RF)\d+\b/g) ?? []
  assert.deepEqual(
    named.filter((rule) => !written.includes(rule)),
    [],
  )
})

for (const exchange of exchangesOf(DOCUMENT)) {
  test(`HT9: the exchange over ${exchange.transport} is what a node says`, { timeout: 10_000 }, async () => {
    assert.deepEqual(await play(exchange), exchange.lines)
  })
}
