/** The examples of docs/react.md are sound TypeScript, and do on a real node what the page says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import { createElement, type FunctionComponent } from 'react'
import type { Client } from 'holdfast'
import { HoldfastProvider } from 'holdfast/react'
import { createRoot, newElement, Stage } from '../react/stage.ts'
import { readDocument } from './doc-examples.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const examples = [...readDocument('docs/react.md').matchAll(/```tsx\n(.*?)```/gs)].map(
  (match) => match[1] as string,
)

/** Inside the package, so that its public names lead to it. */
let folder: string
before(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.cache', 'react-docs-'))
})
after(() => rmSync(folder, { recursive: true }))

const containing = (part: string): string => {
  const example = examples.find((candidate) => candidate.includes(part))
  assert.ok(example !== undefined, part)
  return example
}

type Views = Readonly<Record<string, FunctionComponent>>

/** Node does not run JSX: an example is translated, and loaded beside the hooks that these tests use. */
const load = async (code: string): Promise<Views> => {
  const file = join(folder, `example-${Math.random().toString(36).slice(2)}.mjs`)
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'tsx', resolveDir: ROOT },
    jsx: 'automatic',
    format: 'esm',
    write: false,
  })
  writeFileSync(file, outputFiles[0]?.text ?? '')
  return (await import(pathToFileURL(file).href)) as Views
}

const shown = async (text: () => string, wanted: RegExp): Promise<void> => {
  while (!wanted.test(text())) await new Promise((resolve) => setImmediate(resolve))
}

test('they are sound', () => {
  for (const [index, code] of examples.entries()) writeFileSync(join(folder, `sound-${index}.tsx`), code)
  const config = {
    extends: '../../console/tsconfig.json',
    compilerOptions: { skipLibCheck: true },
    include: ['./*.tsx'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})

test('the room shows who is there and what is said', { timeout: 20_000 }, async (context) => {
  const stage = await Stage.open(context)
  const code = containing('Say hello').replace('https://example.org', stage.url)
  const { App, client } = await load(`${code}\nexport { client }`)
  context.after(() => (client as unknown as Client).close())
  const element = newElement()
  const root = createRoot(element)
  root.render(createElement(App as FunctionComponent))
  await shown(() => element.textContent, /^Ada/)
  element.querySelector('button')?.click()
  await shown(() => element.textContent, /^Adahello/)
  root.unmount()
})

const under = async (stage: Stage, client: Client, code: string, view: string): Promise<HTMLElement> => {
  const views = await load(code)
  const element = newElement()
  createRoot(element).render(
    createElement(HoldfastProvider, { client }, createElement(views[view] as FunctionComponent)),
  )
  return element
}

test('a list is led back', { timeout: 20_000 }, async (context) => {
  const stage = await Stage.open(context)
  for (let number = 1; number <= 120; number++) await stage.server.publish('measurements', number)
  const element = await under(stage, stage.client(), containing('loadEarlier(50)'), 'History')
  await shown(() => element.textContent, /^Earlier21: 21.*120: 120$/)
  element.querySelector('button')?.click()
  await shown(() => element.textContent, /^1: 1.*120: 120$/)
})

test('prices are the latest of each', { timeout: 20_000 }, async (context) => {
  const stage = await Stage.open(context, { rules: [{ pattern: 'prices', conflated: true }] })
  const element = await under(stage, stage.client(), containing('toFixed'), 'Prices')
  for (const price of [1, 2, 3]) await stage.server.publish('prices', { price }, { key: 'ABC' })
  await shown(() => element.textContent, /^ABC 3.00$/)
})

test('a bell rings, and says when it is deaf', { timeout: 20_000 }, async (context) => {
  const stage = await Stage.open(context)
  const client = stage.client()
  const element = await under(stage, client, containing('setRung'), 'Bell')
  await shown(() => element.textContent, /rung 0 times/)
  await stage.following(1, client)
  await stage.server.publish('bell', { loud: true })
  await stage.server.publish('bell', { loud: false })
  await shown(() => element.textContent, /rung 1 times/)
})

test('on a server it is what the page says', async () => {
  const code = containing('typeof window').replace('typeof window', 'typeof nowhere')
  const { Page } = await load(code)
  const { renderToString } = await import('react-dom/server')
  const text = renderToString(createElement(Page as FunctionComponent))
  assert.equal(text, '<p>connecting</p>')
  assert.ok(readDocument('docs/react.md').includes(`\`renderToString(<Page />)\` is \`${text}\``))
})
