/** What is typed on the pages about concepts gives what stands there, on a node and with the command as they are. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { isAsExpected, stepsOf, type } from './console-examples.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Pages whose examples need nothing but a node; each has one terminal session. */
const PAGES = [
  'handshake',
  'frames',
  'long-polling',
  'polling',
  'sse',
  'ws-and-wss',
  'when-to-use',
  'use-cases',
]

describe('docs', { concurrency: 2 }, () => {
  let folder: string
  let server: HoldfastServer
  let url: string

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'))
    const command = join(folder, 'holdfast')
    const main = join(ROOT, 'src', 'cli', 'main.ts')
    writeFileSync(
      command,
      `#!/bin/sh\nexec '${process.execPath}' --conditions holdfast-source '${main}' "$@"\n`,
    )
    chmodSync(command, 0o755)
    server = createServer()
    ;({ url } = await server.listen())
  })
  after(async () => {
    await server.close({ graceMs: 100 })
    rmSync(folder, { recursive: true })
  })

  for (const page of PAGES) {
    it(`${page}.md shows what happens`, { timeout: 120_000 }, async () => {
      const steps = stepsOf(readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8'))
      assert.ok(steps.length >= 2)
      const cwd = mkdtempSync(join(folder, 'run-'))
      const came = await type(steps, { NODE: url, PATH: `${folder}:${process.env['PATH']}` }, cwd)
      assert.equal(came.length, steps.length)
      for (const [index, { command, expected }] of steps.entries()) {
        const real = came[index] as string
        if (!isAsExpected(real, expected)) assert.equal(real, expected, command)
      }
    })
  }

  it('links lead somewhere, on every page', () => {
    for (const file of [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'docs/websocket.md',
      ...PAGES.map((page) => `docs/${page}.md`),
    ]) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
        assert.ok(existsSync(join(ROOT, dirname(file), target)), `${file}: ${target}`)
    }
  })
})
