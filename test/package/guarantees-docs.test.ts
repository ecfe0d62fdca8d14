/**
 * docs/guarantees.md promises nothing without a test: every block names one, and every test that is named is there. It
 * cannot tell whether the test proves the sentence; that is for whoever reads both.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDocument } from './doc-examples.ts'

const DOCS = join(import.meta.dirname, '..', '..', 'docs')
const document = readDocument('docs/guarantees.md')

interface Reference {
  readonly file: string
  readonly title: string
}

const references = new Map<string, Reference>(
  [...document.matchAll(/^\[([^\]]+)\]: (\S+) (['"])(.+)\3$/gm)].map(
    ([, name = '', file = '', , title = '']) => [name, { file, title }],
  ),
)

/** The tests of a block: shortcut references in brackets. */
const citedIn = (block: string): string[] =>
  [...block.matchAll(/\[([a-z0-9-]+)\](?!\()/g)].map(([, name = '']) => name)

/** Paragraphs, items of lists and rows of tables behind the first heading of the second level. */
const promises = (text: string): string[] => {
  const body = text.slice(text.indexOf('\n## ')).replaceAll(/^\[[^\]]+\]: .*$/gm, '')
  return body
    .split(/\n\n+/)
    .flatMap((block) => (block.startsWith('|') ? block.split('\n').slice(2) : block.split(/^(?=- )/m)))
    .map((block) => block.trim())
    .filter((block) => block !== '' && !block.startsWith('#'))
}

const unproved = (text: string): string[] => promises(text).filter((block) => citedIn(block).length === 0)

test('every link leads to a file, and every test has the name that is quoted', () => {
  assert.ok(references.size > 50)
  for (const [name, { file, title }] of references) {
    const path = join(DOCS, file)
    assert.ok(existsSync(path), `${name}: ${file}`)
    assert.match(file, /\.test\.ts$|\/suite\/[^/]+\.ts$/, `${name} is a test, or of a suite that tests run`)
    assert.ok(readFileSync(path, 'utf8').includes(title), `${name}: no test in ${file} is called ${title}`)
  }
  for (const [, file = ''] of document.matchAll(/\]\(([^)#]+)[^)]*\)/g))
    assert.ok(existsSync(join(DOCS, file)), file)
})

test('every promise names a test, and every name stands for one', () => {
  assert.ok(promises(document).length > 40)
  assert.deepEqual(unproved(document), [])
  const cited = new Set(citedIn(document.replaceAll(/^\[[^\]]+\]: .*$/gm, '')))
  assert.deepEqual(
    [...cited].filter((name) => !references.has(name)),
    [],
    'names that stand for nothing',
  )
  assert.deepEqual(
    [...references.keys()].filter((name) => !cited.has(name)),
    [],
    'tests that nothing is proved with',
  )
})

test('a promise without a test would be noticed, in a paragraph, a row or a list', () => {
  const text =
    '# x\n\n## y\n\nA. Tests: [a].\n\nB.\n\n| h |\n| - |\n| [a] |\n| C |\n\n- [a]\n- D\n\n[a]: a.test.ts "a"\n'
  assert.deepEqual(unproved(text), ['B.', '| C |', '- D'])
})
