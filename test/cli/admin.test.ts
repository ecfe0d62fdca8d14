/** Who may look after a node that `holdfast serve` runs: its own machine in development, else whoever has the secret. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command, run } from './command.ts'

const SECRET = 'correct-horse-battery-staple'
const SERVE = ['serve', '--memory', '--port', '0', '--no-examples']

const statusOf = async (url: string, secret?: string): Promise<number> => {
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
  const response = await fetch(`${url}/api/admin`, { headers })
  await response.arrayBuffer()
  return response.status
}

const modeOf = async (url: string): Promise<unknown> =>
  ((await (await fetch(`${url}/console/features.json`)).json()) as { admin: unknown }).admin

test('AD1: on loopback, without authenticate, admin is open to this machine', async () => {
  const serve = new Command(SERVE)
  const url = await serve.line()
  assert.equal(await statusOf(url), 200)
  await serve.stop()
})

test('AD2: with a secret from a file, or from the environment, it has to be shown', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-admin-'))
  const file = join(directory, 'secret')
  await writeFile(file, `${SECRET}\n`)
  for (const [args, env] of [
    [['--admin-secret-file', file], {}],
    [[], { HOLDFAST_ADMIN_SECRET: SECRET }],
  ] as const) {
    const serve = new Command([...SERVE, ...args], { env })
    const url = await serve.line()
    assert.deepEqual([await statusOf(url), await statusOf(url, SECRET)], [401, 200])
    await serve.stop()
  }
  await rm(directory, { recursive: true })
})

test('AD1: beyond this machine it is off without a secret, and a short or missing one is said', async () => {
  const serve = new Command([...SERVE, '--host', '0.0.0.0', '--allow-anonymous'])
  const url = (await serve.line()).replace('0.0.0.0', '127.0.0.1')
  assert.equal(await statusOf(url), 404)
  await serve.stop()
  for (const [args, env, message] of [
    [['--admin-secret-file', '/nowhere/secret'], {}, /cannot be read/],
    [[], { HOLDFAST_ADMIN_SECRET: 'short' }, /at least 16 characters/],
  ] as const) {
    const { status, stderr } = await run([...SERVE, ...args], '', { env })
    assert.notEqual(status, 0)
    assert.match(stderr, message)
  }
})

test('AD1: the page is told which it is', async () => {
  const serve = new Command(SERVE, { env: { HOLDFAST_ADMIN_SECRET: SECRET } })
  const url = await serve.line()
  const response = await fetch(`${url}/console/features.json`)
  // Where the page is not built there is nobody to tell.
  if (response.ok) assert.equal(await modeOf(url), 'secret')
  await serve.stop()
})
