/**
 * Weighs what a browser loads before a page of the console is there: its HTML, styles and scripts, gzip -9, for each
 * page as the first. Exits with 1 where one is beyond the limit; the editor, which brings an editor with it, is told
 * and not judged.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ensureConsole, ROOT } from './bootstrap.mjs'

const LIMIT_BYTES = 200_000
const UNJUDGED = /^editor-page-/

ensureConsole()
const folder = join(ROOT, 'console', 'dist', 'page')
const textOf = (name) => readFileSync(join(folder, name), 'utf8')
const weigh = (name) => gzipSync(textOf(name), { level: 9 }).length

/** A file and everything that it imports before it runs. */
const closure = (name, found = new Set()) => {
  if (found.has(name)) return found
  found.add(name)
  const statics = textOf(`assets/${name}`).matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g)
  for (const [, imported] of statics) closure(imported, found)
  return found
}

const html = textOf('index.html')
const [, entry] = html.match(/src="\/console\/assets\/([^"]+\.js)"/)
const styles = [...html.matchAll(/href="\/console\/assets\/([^"]+\.css)"/g)].map(([, name]) => name)
const scripts = closure(entry)
const pages = [
  ...textOf(`assets/${entry}`).matchAll(/\bimport\(\s*[`"']\.\/([^`"']+-page-[^`"']+\.js)[`"']/g),
]
if (styles.length === 0 || pages.length === 0)
  throw new Error('the page has another form than it is looked for in')

let beyond = false
for (const [, page] of pages) {
  const loaded = new Set([...scripts, ...closure(page)])
  const files = [
    'index.html',
    ...styles.map((name) => `assets/${name}`),
    ...[...loaded].map((name) => `assets/${name}`),
  ]
  const bytes = files.reduce((sum, file) => sum + weigh(file), 0)
  const judged = !UNJUDGED.test(page)
  if (judged && bytes > LIMIT_BYTES) beyond = true
  console.log(
    `${page.replace(/-page-.*/, '').padEnd(12)} ${String(bytes).padStart(7)} bytes${judged ? '' : ', not judged'}`,
  )
}
console.log(`first load, gzip -9, limit ${LIMIT_BYTES} bytes`)
if (beyond) process.exitCode = 1
