/** What is published works where it is installed: every entry, its types, and the command. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
let folder: string

const run = (command: string, args: readonly string[], cwd: string = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'))
  run(process.execPath, ['scripts/build.mjs'], ROOT)
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT)) as {
    filename: string
    files: { path: string }[]
  }[]
  assert.ok(packed !== undefined)
  const tests = packed.files.filter(({ path }) => path.includes('.test.'))
  assert.deepEqual(tests, [], 'no tests are published')
  assert.ok(
    packed.files.some(({ path }) => path === 'console/dist/page/index.html'),
    'the page is',
  )
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}')
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed.filename)])
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('every entry is there, and they work together', () => {
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { connect } from 'holdfast'
     import { Referee } from 'holdfast/netcode'
     import { createServer } from 'holdfast/server'
     import { dial } from 'holdfast/websocket'
     import { FrameParser } from 'holdfast/websocket/frames'
     const server = createServer()
     const { url } = await server.listen()
     const client = connect(url)
     const { cursor } = await client.channel('a').publish(1)
     console.log(typeof dial, typeof FrameParser, typeof Referee, cursor.endsWith('1'))
     client.close()
     await server.close()`,
  )
  assert.equal(run(process.execPath, ['use.mjs']), 'function function function true\n')
})

test('the types resolve, in a strict project', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { connect, type Publication } from 'holdfast'
     import { createServer } from 'holdfast/server'
     import { dial } from 'holdfast/websocket'
     const server = createServer({ authorize: ({ action }) => action === 'subscribe' })
     const show = (publication: Publication<string>): string => publication.data
     connect('http://127.0.0.1').channel<string>('a').subscribe(show)
     export { dial, server }`,
  )
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom,dom.iterable,dom.asynciterable',
  ]
  run(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...options,
    '--types',
    'node',
    '--typeRoots',
    join(ROOT, 'node_modules', '@types'),
    'use.ts',
  ])
})

test('the command serves the page', async (t) => {
  const bin = join(folder, 'node_modules', '.bin', 'holdfast')
  assert.match(run(process.execPath, [bin, '--help']), /Usage: holdfast <command>/)
  const node = spawn(process.execPath, [bin, 'serve', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => node.kill())
  const [line] = (await once(node.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  assert.match(await (await fetch(`${url}/console/`)).text(), /<title>/)
  assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok' })
})
