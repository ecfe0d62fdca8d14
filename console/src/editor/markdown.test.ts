import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markLine } from './markdown.ts'

test('headings, lists, quotes, emphasis and code look different, and what only looks alike does not', () => {
  const shown = (text: string): string[] =>
    markLine(text).marks.map(({ from, to, className }) => `${className}:${text.slice(from, to)}`)
  assert.equal(markLine('# A title').line, 'md-h1')
  assert.equal(markLine('#no title').line, undefined)
  assert.equal(markLine('  - item').line, 'md-item')
  assert.equal(markLine('> said').line, 'md-quote')
  assert.deepEqual(shown('a **b** *c* `d` _e_'), [
    'md-strong:**b**',
    'md-emphasis:*c*',
    'md-code:`d`',
    'md-emphasis:_e_',
  ])
  assert.deepEqual(shown('2 * 3 * 4 and snake_case_name'), [])
  assert.deepEqual(shown('`**no**`'), ['md-code:`**no**`'])
})

test('a long line takes no longer than its length', () => {
  const begun = performance.now()
  for (const piece of ['*a', '_', '`', '**', '*_`']) markLine(piece.repeat(1_000_000 / piece.length))
  assert.ok(performance.now() - begun < 1_000)
})
