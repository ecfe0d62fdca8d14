/** The README's examples do what the README says. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] as string)

/** Runs a module inside the package, so that it imports the package by its public names. */
const run = async (code: string): Promise<string> => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.cache', 'readme-'))
  try {
    const file = join(folder, 'example.ts')
    writeFileSync(file, code)
    const child = spawn(process.execPath, ['--conditions', 'holdfast-source', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = (await child.stdout.toArray()).join('')
    assert.equal(child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve))), 0)
    return output
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the ten lines print what the README says they print', async () => {
  const [ten] = examples
  assert.ok(ten !== undefined && readme.includes('It prints `#1 hello (by websocket)`'))
  assert.equal(await run(ten), '#1 hello (by websocket)\n')
})

test('beside a server of your own, both are served', async () => {
  const [, beside] = examples
  assert.ok(beside !== undefined)
  const check = `
    import { connect } from 'holdfast'
    import { once } from 'node:events'
    await once(http, 'listening')
    const origin = \`http://127.0.0.1:\${(http.address() as { port: number }).port}\`
    console.log(await (await fetch(origin)).text())
    const client = connect(origin + '/realtime', { token: 'secret' })
    await client.channel('chat/lobby').publish('in')
    await client.channel('chat/other').publish('out').catch((error: { code: string }) => console.log(error.code))
    client.close()
    await holdfast.close()
    http.close()
  `
  assert.equal(await run(beside + check), 'yours\nforbidden\n')
})
